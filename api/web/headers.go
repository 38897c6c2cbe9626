package web

import "net/http"

// TileOrigin is the only foreign origin the page may read from, and only once
// the user switches its base map on.
const TileOrigin = "https://data.geopf.fr"

// contentSecurityPolicy admits no inline code or style. "data:" and "blob:" are
// for the images the map makes itself.
const contentSecurityPolicy = "default-src 'self'; script-src 'self'; style-src 'self'; worker-src 'self'; " +
	"img-src 'self' data: blob: " + TileOrigin + "; connect-src 'self' " + TileOrigin + "; font-src 'self'; " +
	"object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// strictTransport keeps browsers from ever asking over plain HTTP again, for a year.
const strictTransport = "max-age=31536000"

func secureHeaders(h http.Header) {
	h.Set("Content-Security-Policy", contentSecurityPolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Permissions-Policy", "geolocation=(), camera=(), microphone=(), payment=(), usb=()")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
}
