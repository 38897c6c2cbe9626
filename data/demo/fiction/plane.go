package fiction

import (
	"math"

	"github.com/paulmach/orb"

	"vigie/geo/crs"
)

// vec is a position or displacement in metres east and north of Centre, in the azimuthal
// equidistant plane. Over the 35 km of the département lengths are true within 1e-5.
type vec struct{ x, y float64 }

func (a vec) add(b vec) vec               { return vec{a.x + b.x, a.y + b.y} }
func (a vec) sub(b vec) vec               { return vec{a.x - b.x, a.y - b.y} }
func (a vec) scale(k float64) vec         { return vec{a.x * k, a.y * k} }
func (a vec) dot(b vec) float64           { return a.x*b.x + a.y*b.y }
func (a vec) length() float64             { return math.Hypot(a.x, a.y) }
func (a vec) left() vec                   { return vec{-a.y, a.x} }
func (a vec) to(b vec, share float64) vec { return a.add(b.sub(a).scale(share)) }

// polar is the displacement by a distance in metres at a bearing in degrees from north,
// clockwise.
func polar(bearing, distance float64) vec {
	sin, cos := math.Sincos(bearing * math.Pi / 180)
	return vec{distance * sin, distance * cos}
}

// bearingOf is the bearing of a displacement in degrees, from 0 to 360.
func bearingOf(v vec) float64 {
	b := math.Atan2(v.x, v.y) * 180 / math.Pi
	if b < 0 {
		b += 360
	}
	return b
}

// angleBetween is the difference of two bearings, from 0 to 180 degrees.
func angleBetween(a, b float64) float64 {
	d := math.Mod(math.Abs(a-b), 360)
	return min(d, 360-d)
}

// point is the longitude and latitude of v, rounded to 6 decimals (about 10 cm).
func (v vec) point() orb.Point {
	p := crs.NewAzimuthal(Centre).Inverse(v.x, v.y)
	return orb.Point{round6(p[0]), round6(p[1])}
}

// plane is the inverse of point.
func plane(p orb.Point) vec {
	x, y := crs.NewAzimuthal(Centre).Forward(p)
	return vec{x, y}
}

func round6(f float64) float64 { return math.Round(f*1e6) / 1e6 }

// ring closes and rounds positions in order, without repeated ones.
func ring(positions []vec) orb.Ring {
	var r orb.Ring
	for _, v := range positions {
		if p := v.point(); len(r) == 0 || r[len(r)-1] != p {
			r = append(r, p)
		}
	}
	if r[0] != r[len(r)-1] {
		r = append(r, r[0])
	}
	return r
}
