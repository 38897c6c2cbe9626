package zoneindex

import (
	"fmt"
	"runtime"
	"syscall"
	"testing"
	"time"
)

func cpu() time.Duration {
	var u syscall.Rusage
	runtime.LockOSThread()
	syscall.Getrusage(1, &u) // thread
	return time.Duration(u.Utime.Nano())
}

func BenchmarkZZ(b *testing.B) {
	geoms := benchZones(b)
	ix := Build(geoms)
	points := benchSites(b, geoms)[:50000]
	for _, c := range []struct {
		name string
		o    Options
	}{{"ac", Options{Radii: []float64{500, 1000, 2000}, ShareUpTo: -1}}, {"ad2", Options{Radii: []float64{500, 1000, 2000}, ShareUpTo: 1000}}, {"ad3", Options{Radii: []float64{500, 1000, 2000}}}} {
		m := ix.NewMeter(c.o)
		best := time.Hour
		for range 12 {
			t := cpu()
			for _, p := range points {
				m.Measure(p)
			}
			best = min(best, cpu()-t)
		}
		fmt.Printf("%s %.0f ns/site cpu best\n", c.name, float64(best.Nanoseconds())/float64(len(points)))
	}
}
