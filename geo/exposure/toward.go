package exposure

import (
	"math"

	"github.com/paulmach/orb"

	"vigie/geo/crs"
)

// Toward gives the distance in metres from p to the nearest edge of g and the
// bearing of that edge's nearest point, in degrees clockwise from north, in the
// azimuthal plane centred on p. Both are lon/lat, CRS84.
func Toward(p orb.Point, g orb.MultiPolygon) (distance, bearing float64) {
	az := crs.NewAzimuthal(p)
	best := math.Inf(1)
	var bx, by float64
	for _, polygon := range g {
		for _, ring := range polygon {
			var ax, ay float64
			for i, v := range ring {
				x, y := az.Forward(v)
				if i > 0 {
					if fx, fy := foot(ax, ay, x, y); fx*fx+fy*fy < best {
						best, bx, by = fx*fx+fy*fy, fx, fy
					}
				}
				ax, ay = x, y
			}
		}
	}
	return math.Sqrt(best), azimuth(bx, by)
}

// foot is the point of the segment a–b nearest to the origin.
func foot(ax, ay, bx, by float64) (x, y float64) {
	dx, dy := bx-ax, by-ay
	l := dx*dx + dy*dy
	if l == 0 {
		return ax, ay
	}
	t := min(max(-(ax*dx+ay*dy)/l, 0), 1)
	return ax + t*dx, ay + t*dy
}

func azimuth(x, y float64) float64 {
	return math.Mod(math.Atan2(x, y)*180/math.Pi+360, 360)
}

// Compass names a bearing (degrees clockwise from north) by the nearest of eight
// directions, in French with its preposition: « au nord-est ».
func Compass(bearing float64) Text {
	names := [8]Text{
		{FR: "au nord", EN: "to the north"}, {FR: "au nord-est", EN: "to the north-east"}, {FR: "à l’est", EN: "to the east"}, {FR: "au sud-est", EN: "to the south-east"},
		{FR: "au sud", EN: "to the south"}, {FR: "au sud-ouest", EN: "to the south-west"}, {FR: "à l’ouest", EN: "to the west"}, {FR: "au nord-ouest", EN: "to the north-west"},
	}
	return names[int(math.Mod(math.Mod(bearing, 360)+360+22.5, 360)/45)%8]
}
