package snapshot_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"

	"vigie/data"
	"vigie/data/snapshot"
	"vigie/data/sqlite"
	"vigie/geo/repair"
	"vigie/geo/score"
)

// The national stock: what a server for the whole country holds.
const (
	nationalSites  = 12_000
	nationalPlaces = 40_000
	nationalZones  = 1_600
)

// nationalFolder holds the database of the national stock once it is made.
var nationalFolder string

func TestMain(m *testing.M) {
	code := m.Run()
	if err := os.RemoveAll(nationalFolder); err != nil {
		panic(err)
	}
	os.Exit(code)
}

// national is a database of the national stock, made once for all benchmarks: the real
// outlines of QPV where VIGIE_TEST_DATA has them, synthetic ones otherwise, and fictitious
// homes and places around them.
var national = sync.OnceValues(func() (string, error) {
	folder, err := os.MkdirTemp("", "vigie-national-")
	if err != nil {
		return "", err
	}
	nationalFolder = folder
	path := filepath.Join(folder, "national.db")
	ctx := context.Background()
	store, err := sqlite.Open(ctx, path, sqlite.Options{})
	if err != nil {
		return "", err
	}
	defer store.Close()
	rng := rand.New(rand.NewPCG(7, 11))
	zones, err := nationalOutlines(rng)
	if err != nil {
		return "", err
	}
	b := data.Batch{PutZones: zones, Current: &data.Edition{Kind: data.ZoneQPV, Label: "2024"}}
	near := func(spread float64) (orb.Point, string) {
		z := &zones[rng.IntN(len(zones))]
		p := z.Geometry.Bound().Center()
		p[0] += spread * rng.NormFloat64()
		p[1] += spread * rng.NormFloat64()
		return p, z.DepartmentCodes[0]
	}
	for i := range nationalSites {
		p, department := near(0.02)
		s := site(fmt.Sprintf("H%05d", i), department, 0, 0)
		capacity := 5 + rng.IntN(60)
		s.Position.Point, s.Capacity = p, &capacity
		s.FINESS, s.Address = fmt.Sprintf("%09d", i), data.Address{Street: "1 rue fictive", PostalCode: "00000", Locality: "Commune fictive"}
		b.PutSites = append(b.PutSites, s)
	}
	kinds := []string{"school", "school", "school", "college", "lycee", "police", "gendarmerie", "hospital", "station", "hotel", "hotel", "bar"}
	for i := range nationalPlaces {
		p, department := near(0.1)
		b.PutPlaces = append(b.PutPlaces, data.Place{
			ID: fmt.Sprintf("P%05d", i), Kind: kinds[rng.IntN(len(kinds))], Name: fmt.Sprintf("Lieu fictif %d", i), DepartmentCode: department, Source: "bpe", Edition: "2025",
			Position: &data.Position{Point: p, Precision: data.PrecisionHouseNumber},
		})
	}
	return path, store.Write(ctx, operator, &b, data.AuditEntry{At: now, Subject: "operator", Action: "test"})
})

func nationalOutlines(rng *rand.Rand) ([]data.Zone, error) {
	var zones []data.Zone
	add := func(g orb.MultiPolygon, department string) {
		zones = append(zones, data.Zone{
			Kind: data.ZoneQPV, Edition: "2024", Code: fmt.Sprintf("QN%05dX", len(zones)), Name: fmt.Sprintf("Quartier %d", len(zones)),
			DepartmentCodes: []string{department}, Geometry: g,
		})
	}
	if folder := os.Getenv("VIGIE_TEST_DATA"); folder != "" {
		content, err := os.ReadFile(filepath.Join(folder, "qpv2024", "qpv2024_simplified.geojson"))
		if err == nil {
			var all geojson.FeatureCollection
			if err := json.Unmarshal(content, &all); err != nil {
				return nil, err
			}
			for _, f := range all.Features {
				mp, ok := f.Geometry.(orb.MultiPolygon)
				if polygon, is := f.Geometry.(orb.Polygon); is {
					mp, ok = orb.MultiPolygon{polygon}, true
				}
				if g, _ := repair.MultiPolygon(mp); ok && len(g) > 0 {
					add(g, fmt.Sprint(f.Properties["insee_dep"]))
				}
			}
			return zones, nil
		}
	}
	for i := range nationalZones {
		center := orb.Point{-0.5 + 7*rng.Float64(), 43.5 + 6.5*rng.Float64()}
		n := 60 + rng.IntN(60)
		ring := make(orb.Ring, 0, n+1)
		for k := range n {
			sin, cos := math.Sincos(2 * math.Pi * float64(k) / float64(n))
			r := (0.8 + 0.4*rng.Float64()) * 0.004
			ring = append(ring, orb.Point{center[0] + r*cos, center[1] + r*sin*0.7})
		}
		add(orb.MultiPolygon{{append(ring, ring[0])}}, fmt.Sprintf("%02d", 1+i%95))
	}
	return zones, nil
}

// openNational opens the national stock. Few draws keep the wait short: what is measured
// leaves the draws out, but for the memory, which is that of all of them.
func openNational(b *testing.B, draws int) *nationalHouse {
	b.Helper()
	path, err := national()
	if err != nil {
		b.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		b.Fatal(err)
	}
	own := filepath.Join(b.TempDir(), "national.db")
	if err := os.WriteFile(own, content, 0o600); err != nil {
		b.Fatal(err)
	}
	store, err := sqlite.Open(context.Background(), own, sqlite.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { store.Close() })
	profile := score.Default()
	profile.Draws = draws
	visible := new(clock)
	service, err := snapshot.Open(context.Background(), store, snapshot.Options{Profile: profile, ScoreAtOnce: math.MaxInt, Logger: slog.New(visible)})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(service.Close)
	return &nationalHouse{house{nil, store, service}, visible}
}

type nationalHouse struct {
	house
	visible *clock
}

// clock notes the processor time at which the service says that a snapshot is served.
type clock struct {
	slog.Handler
	at time.Duration
}

func (c *clock) Enabled(context.Context, slog.Level) bool { return true }

func (c *clock) Handle(_ context.Context, r slog.Record) error {
	if r.Message == "snapshot" {
		c.at = processorTime()
	}
	return nil
}

// processorTime is what the process has used: on a busy machine it says more than a clock.
func processorTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// refresh measures Refresh after change, and reports the processor time until the change
// is served and until its scores are, which rest on few draws.
func (h *nationalHouse) refresh(b *testing.B, change func(i int) data.Batch) {
	b.ReportAllocs()
	var served, ranked time.Duration
	n := 0
	for ; b.Loop(); n++ {
		b.StopTimer()
		h.put(b, change(n))
		runtime.GC()
		start := processorTime()
		b.StartTimer()
		if err := h.service.Refresh(context.Background()); err != nil {
			b.Fatal(err)
		}
		served, ranked = served+h.visible.at-start, ranked+processorTime()-start
	}
	b.ReportMetric(served.Seconds()*1e3/float64(n), "served-cpu-ms/op")
	b.ReportMetric(ranked.Seconds()*1e3/float64(n), "ranked-cpu-ms/op")
}

func (h *house) put(b *testing.B, batch data.Batch) {
	b.Helper()
	if err := h.store.Write(context.Background(), operator, &batch, data.AuditEntry{At: now, Subject: "operator", Action: "test"}); err != nil {
		b.Fatal(err)
	}
}

func BenchmarkNationalOpen(b *testing.B) {
	h := openNational(b, 100)
	for b.Loop() {
		service, err := snapshot.Open(context.Background(), h.store, snapshot.Options{ScoreAtOnce: 1})
		if err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		service.Close()
		b.StartTimer()
	}
}

func BenchmarkNationalChangedSite(b *testing.B) {
	h := openNational(b, 100)
	h.refresh(b, func(i int) data.Batch {
		c, _ := h.service.Current().Collection(operator, data.LayerSites)
		f, _ := c.Get("H00042")
		p := f.Geometry.(orb.Point)
		p[0] += 1e-5
		s := site("H00042", "59", 0, 0)
		s.Position.Point, s.Version = p, int64(i+2)
		return data.Batch{PutSites: []data.StoredSite{s}}
	})
}

func BenchmarkNationalChangedZone(b *testing.B) {
	h := openNational(b, 100)
	var zones []data.Zone
	if err := h.store.Zones(context.Background(), nil, func(z *data.Zone) error { zones = append(zones, *z); return nil }); err != nil {
		b.Fatal(err)
	}
	h.refresh(b, func(i int) data.Batch {
		z := zones[(i*37)%len(zones)]
		z.Geometry = z.Geometry.Clone()
		for _, polygon := range z.Geometry {
			for _, ring := range polygon {
				for k := range ring {
					ring[k][0] += 1e-5
				}
			}
		}
		return data.Batch{PutZones: []data.Zone{z}}
	})
}

// BenchmarkNationalMemory reports the heap that a server of the national stock keeps, in
// MB, once all is scored.
func BenchmarkNationalMemory(b *testing.B) {
	heap := func() float64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.GC()
		runtime.ReadMemStats(&m)
		return float64(m.HeapAlloc) / 1e6
	}
	before := heap()
	h := openNational(b, 100)
	for b.Loop() {
		b.ReportMetric(heap()-before, "MB")
	}
	runtime.KeepAlive(h)
}
