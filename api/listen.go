package api

import (
	"crypto/tls"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"vigie/api/web"
	"vigie/data"
)

// NetworkError says in both languages why a network setting is refused.
type NetworkError struct{ Message data.Text }

// Error gives the English message.
func (e *NetworkError) Error() string { return e.Message.EN }

// Network is how the server is reached.
type Network struct {
	// Listen is "host:port"; an empty host is every interface.
	Listen string
	// PublicURL is the address that users type.
	PublicURL string
	// TLS: the server has a certificate of its own.
	TLS bool
	// TrustedProxies are proxies that end TLS before the server.
	TrustedProxies []netip.Prefix
}

// Check refuses, with a *NetworkError, what would let passwords and homes travel in
// clear: an address that others than this machine may reach needs TLS, here or in a
// trusted proxy, and the https address that users type.
func (n Network) Check() error {
	host, _, err := net.SplitHostPort(n.Listen)
	if err != nil {
		return &NetworkError{data.Text{
			FR: "adresse d’écoute «\u00a0" + n.Listen + "\u00a0»\u00a0: hôte:port attendu, par exemple 127.0.0.1:8080.",
			EN: "listen address “" + n.Listen + "”: expected host:port, for instance 127.0.0.1:8080.",
		}}
	}
	public, err := ParsePublicURL(n.PublicURL)
	if err != nil {
		return err
	}
	encrypted := n.TLS || len(n.TrustedProxies) > 0
	switch {
	case !web.LoopbackHost(host) && !encrypted:
		return &NetworkError{data.Text{
			FR: "adresse d’écoute «\u00a0" + n.Listen + "\u00a0» refusée\u00a0: au-delà de cette machine, les échanges doivent être chiffrés. Donnez --tls-cert et --tls-key, ou --trusted-proxy.",
			EN: "listen address “" + n.Listen + "” refused: beyond this machine traffic must be encrypted. Give --tls-cert and --tls-key, or --trusted-proxy.",
		}}
	case encrypted && !public.Secure():
		return &NetworkError{data.Text{
			FR: "--public-url\u00a0: donnez l’adresse https que les utilisateurs tapent, par exemple https://vigie.exemple.fr.",
			EN: "--public-url: give the https address that users type, for instance https://vigie.example.org.",
		}}
	case public.Secure() && !encrypted:
		return &NetworkError{data.Text{
			FR: "--public-url en https demande --tls-cert et --tls-key, ou --trusted-proxy.",
			EN: "--public-url with https needs --tls-cert and --tls-key, or --trusted-proxy.",
		}}
	}
	return nil
}

// PublicURL is a checked public address without a final slash; empty when there is none.
type PublicURL string

// Secure tells whether it is an https address.
func (u PublicURL) Secure() bool { return strings.HasPrefix(string(u), "https://") }

// ParsePublicURL checks a public address: http only for this machine. The error is a
// *NetworkError.
func ParsePublicURL(s string) (PublicURL, error) {
	if s == "" {
		return "", nil
	}
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil ||
		u.Scheme != "https" && (u.Scheme != "http" || !web.LoopbackHost(u.Host)) {
		return "", &NetworkError{data.Text{
			FR: "adresse publique «\u00a0" + s + "\u00a0»\u00a0: https://hôte[:port][/chemin] attendu (http pour cette machine seulement).",
			EN: "public address “" + s + "”: expected https://host[:port][/path] (http for this machine only).",
		}}
	}
	return PublicURL(strings.TrimSuffix(s, "/")), nil
}

// ListenTLS serves TLS 1.2 or later on a listener. The certificate is read again once
// its file has changed: a renewal needs no restart.
func ListenTLS(listener net.Listener, certFile, keyFile string) (net.Listener, error) {
	c := &certificate{certFile: certFile, keyFile: keyFile}
	if _, err := c.current(nil); err != nil {
		return nil, err
	}
	return tls.NewListener(listener, &tls.Config{
		MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}, GetCertificate: c.current,
	}), nil
}

type certificate struct {
	certFile, keyFile string

	mu       sync.Mutex
	modified time.Time
	loaded   *tls.Certificate
}

func (c *certificate) current(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	info, err := os.Stat(c.certFile)
	if err == nil && c.loaded != nil && info.ModTime().Equal(c.modified) {
		return c.loaded, nil
	}
	var pair tls.Certificate
	if err == nil {
		pair, err = tls.LoadX509KeyPair(c.certFile, c.keyFile)
	}
	switch {
	case err == nil:
		c.loaded, c.modified = &pair, info.ModTime()
	case c.loaded == nil:
		return nil, fmt.Errorf("certificate: %w", err)
	}
	// Half of a renewal: the old certificate serves until the pair is whole.
	return c.loaded, nil
}
