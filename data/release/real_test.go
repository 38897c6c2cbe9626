package release_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"vigie/data"
	"vigie/data/ingest"
	"vigie/data/release"
	"vigie/data/snapshot"
	"vigie/data/source"
	"vigie/data/source/sourcetest"
	"vigie/data/sqlite"
	"vigie/geo/crs"
	"vigie/geo/score"
)

// TestRealNeighbourhoods measures the promise on the real priority neighbourhoods, with
// homes at random places of four départements.
func TestRealNeighbourhoods(t *testing.T) {
	zones := sourcetest.Real(t, "qpv2024/qpv2024_simplified.geojson")
	ctx := context.Background()
	store, err := sqlite.Open(ctx, filepath.Join(t.TempDir(), "vigie.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	profile := score.Default()
	profile.Draws = 100
	for i := range profile.Entries {
		switch profile.Entries[i].Indicator {
		case "crime_context_rate", "deprivation_share", "qrr_nearest_zone_distance_m", "zsp_nearest_zone_distance_m":
			profile.Entries[i].Weight = 0 // no such layer here
		}
	}
	clock := func() time.Time { return today }
	sn, err := snapshot.Open(ctx, store, snapshot.Options{Clock: clock, ScoreAtOnce: math.MaxInt, Profile: profile})
	if err != nil {
		t.Fatal(err)
	}
	defer sn.Close()
	n := 0
	in := ingest.New(store, sn.Refresh, clock, func() string { n++; return fmt.Sprint("id-", n) })

	// Boxes around Bourg-en-Bresse, the north of Marseille, Nantes and Bobigny.
	boxes := []struct {
		department string
		lon, lat   [2]float64
	}{
		{"01", [2]float64{5.1, 5.35}, [2]float64{46.1, 46.3}},
		{"13", [2]float64{5.33, 5.45}, [2]float64{43.3, 43.4}},
		{"44", [2]float64{-1.65, -1.5}, [2]float64{47.17, 47.28}},
		{"93", [2]float64{2.35, 2.55}, [2]float64{48.87, 48.98}},
	}
	rng := rand.New(rand.NewPCG(11473, 1))
	var homes strings.Builder
	homes.WriteString("id,finess,finess_ej,name,lon,lat,precision,category,department_code,street\n")
	for i := range 400 {
		b := boxes[i%len(boxes)]
		between := func(r [2]float64) float64 { return r[0] + (r[1]-r[0])*rng.Float64() }
		category := []string{"177", "175", "172"}[rng.IntN(3)]
		fmt.Fprintf(&homes, "%09d,%09d,%09d,Foyer fictif %d,%.6f,%.6f,numero,%s,%s,%d rue Fictive\n",
			i+1, i+1, 900_000_000+rng.IntN(40), i, between(b.lon), between(b.lat), category, b.department, i)
	}
	var places strings.Builder
	places.WriteString("id,kind,name,lon,lat,department_code\n")
	for i := range 1600 {
		b := boxes[i%len(boxes)]
		between := func(r [2]float64) float64 { return r[0] + (r[1]-r[0])*rng.Float64() }
		kind := []string{"police", "gendarmerie", "school", "station", "hotel", "bar", "hospital", "motorway_exit", "college"}[rng.IntN(9)]
		fmt.Fprintf(&places, "p%d,%s,Lieu fictif %d,%.6f,%.6f,%s\n", i, kind, i, between(b.lon), between(b.lat), b.department)
	}
	dir := t.TempDir()
	list, around := filepath.Join(dir, "homes.csv"), filepath.Join(dir, "places.csv")
	for path, text := range map[string]string{list: homes.String(), around: places.String()} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, r := range []struct {
		layer data.Layer
		path  string
	}{{data.LayerZones, zones}, {data.LayerPlaces, around}, {data.LayerSites, list}} {
		file, err := source.Open(r.path, source.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		_, err = in.Import(ctx, operator(), ingest.Request{Layer: r.layer, Input: file, Options: source.Options{Kind: data.ZoneQPV}})
		file.Close()
		if err != nil {
			t.Fatal(err)
		}
	}

	current := sn.Current()
	naive := release.Exports{}
	if err := naive.Read("naive.csv", strings.NewReader(naiveExport(t, current))); err != nil {
		t.Fatal(err)
	}
	before, err := release.Attack(ctx, store, current, operator(), naive)
	if err != nil {
		t.Fatal(err)
	}
	_, after, err := release.Freeze(ctx, store, current, operator(), today, key(1))
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d homes; largest rise: %.3f when only identities are taken away, %.3f once masked (bound %.2f)", len(after.Homes), before.MaxRise, after.MaxRise, after.Bound)
	t.Logf("cells %v, without class %.0f %%, without bands %.0f %%, omitted %d", after.Utility.Sizes, 100*after.Utility.WithoutClass, 100*after.Utility.WithoutBands, after.Utility.Omitted)
	if before.Holds || !after.Holds {
		t.Errorf("the promise: %t before masking, %t after", before.Holds, after.Holds)
	}
}

// naiveExport shows every home in its kilometre square with its class and bands: what
// « we removed the names » gives.
func naiveExport(t *testing.T, sn *snapshot.Snapshot) string {
	t.Helper()
	laea, ok := crs.ByCode(3035)
	if !ok {
		t.Fatal("no EPSG:3035")
	}
	view, _ := sn.Collection(operator(), data.LayerSites)
	at := map[string]int{}
	for i, c := range view.Schema().Columns {
		at[c.Name] = i
	}
	var out strings.Builder
	out.WriteString("site_id,kind,category,department_code,cell,exposure_class,release")
	for _, b := range snapshot.BandedIndicators() {
		out.WriteString("," + snapshot.BandColumn(b.ID))
	}
	page := view.Query(everything)
	err := page.Each(func(f *data.Feature) error {
		p := f.Geometry.(orb.Point)
		value := func(name string) string { return f.Values[at[name]].Format() }
		fmt.Fprintf(&out, "\np%s,%s,%s,%s,%s,%s,naive", f.ID, value("kind"), value("category"), value("department_code"),
			crs.CellAt(laea, 1000, p.Lon(), p.Lat()).ID(), value("exposure_class"))
		for _, b := range snapshot.BandedIndicators() {
			out.WriteString("," + b.Scale.Bands()[b.Scale.Of(f.Values[at[b.ID]].Float64())].Code)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.String() + "\n"
}
