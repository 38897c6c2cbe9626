package zoneindex

import (
	"encoding/csv"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"

	"vigie/geo/crs"
)

// benchZones are the yardstick's zones when VIGIE_PEER_DATA names the folder that
// the peers' generator wrote, and otherwise 1,600 random stars over France.
func benchZones(b *testing.B) []orb.MultiPolygon {
	dir := os.Getenv("VIGIE_PEER_DATA")
	if dir == "" {
		b.Log("VIGIE_PEER_DATA is not set: random zones instead of the peers' data")
		rng := rand.New(rand.NewPCG(1, 2))
		geoms := make([]orb.MultiPolygon, 1600)
		for i := range geoms {
			c := orb.Point{-1 + 7*rng.Float64(), 43.5 + 6*rng.Float64()}
			offsets := make([][2]float64, 90)
			for k := range offsets {
				sin, cos := math.Sincos(2 * math.Pi * (float64(k) + 0.4*rng.Float64()) / 90)
				r := 300 * (0.6 + 0.4*rng.Float64())
				offsets[k] = [2]float64{r * cos, r * sin}
			}
			geoms[i] = orb.MultiPolygon{{ringAround(c, offsets...)}}
		}
		return geoms
	}
	raw, err := os.ReadFile(filepath.Join(dir, "zones.geojson"))
	if err != nil {
		b.Fatal(err)
	}
	fc, err := geojson.UnmarshalFeatureCollection(raw)
	if err != nil {
		b.Fatal(err)
	}
	var geoms []orb.MultiPolygon
	for _, f := range fc.Features {
		switch g := f.Geometry.(type) {
		case orb.Polygon:
			geoms = append(geoms, orb.MultiPolygon{g})
		case orb.MultiPolygon:
			geoms = append(geoms, g)
		}
	}
	return geoms
}

func benchSites(b *testing.B, geoms []orb.MultiPolygon) []orb.Point {
	var points []orb.Point
	if dir := os.Getenv("VIGIE_PEER_DATA"); dir != "" {
		file, err := os.Open(filepath.Join(dir, "sites_100k.csv"))
		if err != nil {
			b.Fatal(err)
		}
		defer file.Close()
		rows, err := csv.NewReader(file).ReadAll()
		if err != nil {
			b.Fatal(err)
		}
		for _, row := range rows[1:] {
			lon, _ := strconv.ParseFloat(row[1], 64)
			lat, _ := strconv.ParseFloat(row[2], 64)
			points = append(points, orb.Point{lon, lat})
		}
		return points
	}
	rng := rand.New(rand.NewPCG(3, 4))
	for range 100_000 {
		c := geoms[rng.IntN(len(geoms))][0][0][0]
		points = append(points, crs.NewAzimuthal(c).Inverse(3000*rng.NormFloat64(), 3000*rng.NormFloat64()))
	}
	return points
}

func benchmark(b *testing.B, options Options) {
	geoms := benchZones(b)
	ix := Build(geoms)
	points := benchSites(b, geoms)
	b.ReportAllocs()
	b.ResetTimer()
	for b.Loop() {
		var wg sync.WaitGroup
		for w := range 2 {
			wg.Go(func() {
				m := ix.NewMeter(options)
				for _, p := range points[len(points)*w/2 : len(points)*(w+1)/2] {
					m.Measure(p)
				}
			})
		}
		wg.Wait()
	}
	b.ReportMetric(float64(len(points))*float64(b.N)/b.Elapsed().Seconds(), "sites/s")
}

// BenchmarkSiteIndicators is the peers' job on two goroutines: a to c, the nearest
// zone, inside or not, and counts within three radii; d, shares of the two smaller discs.
func BenchmarkSiteIndicators(b *testing.B) {
	radii := []float64{500, 1000, 2000}
	b.Run("a-c", func(b *testing.B) { benchmark(b, Options{Radii: radii, ShareUpTo: -1}) })
	b.Run("a-d", func(b *testing.B) { benchmark(b, Options{Radii: radii, ShareUpTo: 1000}) })
	b.Run("a-d, three shares", func(b *testing.B) { benchmark(b, Options{Radii: radii}) })
}

// BenchmarkParts measures, of each site, the zones that its disc of 1 km meets.
func BenchmarkParts(b *testing.B) {
	geoms := benchZones(b)
	m := Build(geoms).NewMeter(Options{Radii: []float64{1000}})
	points, sum, i := benchSites(b, geoms), 0.0, 0
	b.ReportAllocs()
	for b.Loop() {
		m.EachPart(points[i%len(points)], func(_ int, share float64) { sum += share })
		i++
	}
	if sum == 0 {
		b.Error("no part")
	}
}

func BenchmarkBuild(b *testing.B) {
	geoms := benchZones(b)
	b.ResetTimer()
	for b.Loop() {
		Build(geoms)
	}
}

// BenchmarkRebuild replaces one zone.
func BenchmarkRebuild(b *testing.B) {
	geoms := benchZones(b)
	ix := Build(geoms)
	changed := make([]orb.MultiPolygon, len(geoms))
	for i, g := range geoms {
		changed[i] = g.Clone() // as when they are read again
	}
	changed[7] = geoms[7][:1].Clone()
	changed[7][0][0][1][0] += 1e-5
	b.ResetTimer()
	for b.Loop() {
		ix.Rebuild(changed)
	}
}
