package zoneindex

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/paulmach/orb"
)

func BenchmarkWW(b *testing.B) {
	geoms := benchZones(b)
	ix := Build(geoms)
	points := benchSites(b, geoms)
	m := ix.NewMeter(Options{Radii: []float64{500, 1000, 2000}})
	run := func(name string, pts []orb.Point) {
		best := time.Hour
		for range 6 {
			t := cpu()
			for _, p := range pts {
				m.Measure(p)
			}
			best = min(best, cpu()-t)
		}
		fmt.Printf("%s %.0f ns/site cpu best\n", name, float64(best.Nanoseconds())/float64(len(pts)))
	}
	key := func(p orb.Point) uint64 {
		return hilbert(uint32((p[0]+6)/16*65535), uint32((p[1]-41)/11*65535))
	}
	run("random", points)
	for _, n := range []int{512, 4096, 16384, 100000} {
		s := slices.Clone(points)
		for i := 0; i < len(s); i += n {
			slices.SortFunc(s[i:min(i+n, len(s))], func(a, b orb.Point) int {
				if key(a) < key(b) {
					return -1
				}
				return 1
			})
		}
		run(fmt.Sprint("sorted ", n), s)
	}
	run("random", points)
}
