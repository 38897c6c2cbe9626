package zoneindex

import (
	"fmt"
	"testing"
)

func BenchmarkXX(b *testing.B) {
	geoms := benchZones(b)
	ix := Build(geoms)
	points := benchSites(b, geoms)[:20000]
	m := ix.NewMeter(Options{Radii: []float64{500, 1000, 2000}, ShareUpTo: 1000})
	near, w1, w2, w3, far, inside, low1 := 0, 0, 0, 0, 0, 0, 0
	for _, p := range points {
		o := m.Measure(p)
		near += len(m.near)
		w1 += o.Within[0]
		w2 += o.Within[1]
		w3 += o.Within[2]
		if o.Distance > 2000 {
			far++
		}
		if o.Inside {
			inside++
		}
		for i := range m.near {
			if m.near[i].low2 < 1e6 {
				low1++
			}
		}
	}
	n := float64(len(points))
	fmt.Println("near", float64(near)/n, "within", float64(w1)/n, float64(w2)/n, float64(w3)/n, "far", float64(far)/n, "inside", float64(inside)/n, "low1000", float64(low1)/n)
	o := &ix.frames[0].leaves[3].outline
	fmt.Println(len(o.chunks), o.halfX, o.halfY)
}
