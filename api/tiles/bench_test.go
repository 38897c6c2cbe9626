package tiles

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/maptile"

	"vigie/data"
	"vigie/data/snapshot"
	"vigie/data/sqlite"
	"vigie/geo/score"
)

// BenchmarkEncode makes dense tiles of zoom 10: 70 zones of 90 vertices, and 5,000 homes.
func BenchmarkEncode(b *testing.B) {
	ctx := context.Background()
	store, err := sqlite.Open(ctx, filepath.Join(b.TempDir(), "bench.db"), sqlite.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer store.Close()
	operator := data.NewViewer(data.ViewerSpec{Subject: "operator", Precision: data.ViewExact, Restricted: true, Writes: true})
	rng := rand.New(rand.NewPCG(7, 11))
	at := maptile.At(orb.Point{2.6, 46.4}, 10)
	inside := func() orb.Point {
		bound := at.Bound()
		return orb.Point{bound.Min[0] + rng.Float64()*(bound.Max[0]-bound.Min[0]), bound.Min[1] + rng.Float64()*(bound.Max[1]-bound.Min[1])}
	}
	batch := data.Batch{Current: &data.Edition{Kind: data.ZoneQPV, Label: "2024"}}
	for i := range 70 {
		center, ring := inside(), orb.Ring{}
		for k := range 90 {
			sin, cos := math.Sincos(2 * math.Pi * float64(k) / 90)
			r := (0.7 + 0.6*rng.Float64()) * 0.008
			ring = append(ring, orb.Point{center[0] + r*cos, center[1] + 0.7*r*sin})
		}
		batch.PutZones = append(batch.PutZones, data.Zone{
			Kind: data.ZoneQPV, Edition: "2024", Code: fmt.Sprintf("QN%05dX", i), Name: fmt.Sprintf("Quartier %d", i), Geometry: orb.MultiPolygon{{append(ring, ring[0])}},
		})
	}
	for i := range 5000 {
		batch.PutSites = append(batch.PutSites, data.StoredSite{Version: 1, Site: data.Site{
			ID: fmt.Sprintf("F-%05d", i), Name: "Foyer fictif", Category: "177", Kind: "mecs", Status: data.SiteOpen, DepartmentCode: "03",
			Position: &data.Position{Point: inside(), Precision: data.PrecisionHouseNumber},
		}})
	}
	now := func() time.Time { return time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC) }
	if err := store.Write(ctx, operator, &batch, data.AuditEntry{At: now(), Subject: "operator", Action: "bench"}); err != nil {
		b.Fatal(err)
	}
	profile := *score.Default()
	profile.Draws = 100
	snapshots, err := snapshot.Open(ctx, store, snapshot.Options{Clock: now, Profile: &profile})
	if err != nil {
		b.Fatal(err)
	}
	defer snapshots.Close()
	for _, l := range layers {
		view, ok := snapshots.Current().Collection(operator, l.layer)
		if !ok {
			b.Fatal(l.layer)
		}
		ix := snapshot.NewTileIndex[outline](view, l.from, nil)
		b.Run(string(l.layer), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := l.encode(view, ix, at); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
