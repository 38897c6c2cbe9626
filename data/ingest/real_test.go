package ingest

import (
	"context"
	"maps"
	"slices"
	"testing"

	"vigie/data"
	"vigie/data/source"
	"vigie/geo/crs"
)

// What becomes of every record of the official files, kind by kind.
func TestRealFiles(t *testing.T) {
	for _, c := range []struct {
		file    string
		request Request
		counts  data.Counts
		// problems by code, of every severity.
		problems map[string]int
		rejected []string
		edition  string
	}{
		{
			file: "qpv2024/qpv2024_simplified.geojson", request: Request{Layer: data.LayerZones}, edition: "2024",
			// 85 invalid: 76 + 4 redrawn, 2 that lose a part without area, 3 that are nothing else.
			counts: data.Counts{Read: 1609, Kept: 1606, Created: 1606, Rejected: 3, Repaired: 82},
			problems: map[string]int{
				"self-crossing": 76, "self-touching": 4, "too-few-points": 5, "zero-area": 3, "orientation": 1526, "repeated-point": 22,
			},
			rejected: []string{"QN09105I", "QN09113I", "QN09503I"},
		},
		{
			file: "qpv2015/QP_METROPOLE_LB93.shp", request: Request{Layer: data.LayerZones}, edition: "2015",
			counts:   data.Counts{Read: 1296, Kept: 1296, Created: 1296, Repaired: 25},
			problems: map[string]int{"self-crossing": 22, "self-touching": 1, "overlapping-parts": 1, "adjoining-parts": 1, "repeated-point": 50},
		},
		{
			file: "qpv2015/QP_LAREUNION_RGR92_UTM40S.shp", request: Request{Layer: data.LayerZones}, edition: "2015",
			counts:   data.Counts{Read: 49, Kept: 49, Created: 49, Repaired: 2},
			problems: map[string]int{"self-crossing": 1, "spike": 1, "repeated-point": 1},
		},
		{
			file: "qpv2015/QP_GUADELOUPE_WGS84_UTM20N.shp", request: Request{Layer: data.LayerZones}, edition: "2015",
			counts:   data.Counts{Read: 16, Kept: 16, Created: 16, Repaired: 3},
			problems: map[string]int{"self-crossing": 3, "repeated-point": 1},
		},
		{
			file: "qrr/sensible_zones.json.gz", request: Request{Layer: data.LayerZones}, edition: Undated,
			counts: data.Counts{Read: 62, Kept: 62, Created: 62, Repaired: 28},
			problems: map[string]int{
				"hole-outside-shell": 25, "nested-holes": 1, "self-crossing": 4, "self-touching": 1, "spike": 3, "too-few-points": 1,
				"orientation": 34, "repeated-point": 22, CodeUndatedEdition: 1,
			},
		},
		{
			file: "finess/finess-structures-mensuel-202607-echantillon_json.gz", request: Request{Layer: data.LayerSites},
			counts:   data.Counts{Read: 1753, Kept: 54, Created: 54, Filtered: 1699, Unlocated: 10},
			problems: map[string]int{CodeSharedPoint: 1},
		},
		{
			file:    "finess/finess-structures-mensuel-202607-echantillon_json.gz",
			request: Request{Layer: data.LayerSites, Options: source.Options{Services: true}},
			counts:  data.Counts{Read: 1753, Kept: 70, Created: 70, Filtered: 1683, Unlocated: 11}, problems: map[string]int{CodeSharedPoint: 1},
		},
		{
			file: "admin/communes-01-ain.geojson", request: Request{Layer: data.LayerAreas},
			counts: data.Counts{Read: 407, Kept: 407, Created: 407}, problems: map[string]int{"orientation": 407},
		},
		{
			file: "admin/communes-93-seine-saint-denis.geojson", request: Request{Layer: data.LayerAreas},
			counts: data.Counts{Read: 40, Kept: 40, Created: 40}, problems: map[string]int{"orientation": 40},
		},
		{
			file: "admin/polygone-4326_dep.geojson", request: Request{Layer: data.LayerAreas},
			counts: data.Counts{Read: 101, Kept: 101, Created: 101}, problems: map[string]int{"orientation": 101},
		},
	} {
		t.Run(c.file, func(t *testing.T) {
			b := newBench(t)
			empty := b.dump(false)
			c.request.Input = real(t, c.file)

			c.request.DryRun = true
			dry := b.do(c.request)
			if got := b.dump(true); got != newBench(t).dump(true) {
				t.Fatal("the dry run wrote")
			}
			c.request.DryRun = false
			first := b.do(c.request)
			if first.Counts != c.counts || dry.Counts != c.counts {
				t.Errorf("counts %+v (dry run %+v), want %+v", first.Counts, dry.Counts, c.counts)
			}
			if !maps.Equal(first.ProblemCounts, c.problems) {
				t.Errorf("problems %v, want %v", first.ProblemCounts, c.problems)
			}
			var rejected []string
			for _, p := range first.Problems {
				if p.Severity == data.SeverityError {
					rejected = append(rejected, p.Record)
				}
			}
			if !slices.Equal(rejected, c.rejected) {
				t.Errorf("rejected %v, want %v", rejected, c.rejected)
			}
			if first.Edition != c.edition || first.ChangeCounts["new"] != c.counts.Created {
				t.Errorf("edition %q, changes %v", first.Edition, first.ChangeCounts)
			}
			stored, err := b.store.Import(context.Background(), b.by, first.ID)
			if err != nil || stored.SHA256 != first.SHA256 || stored.Counts != first.Counts || len(stored.Problems) != len(first.Problems) {
				t.Errorf("recorded %+v, %v", stored, err)
			}

			imported := b.dump(false)
			versions, _ := b.store.Versions(context.Background())
			second := b.do(c.request)
			want := c.counts
			want.Unchanged, want.Created = want.Created, 0
			if second.Counts != want || len(second.Changes) != 0 {
				t.Errorf("second import: %+v, changes %v", second.Counts, second.ChangeCounts)
			}
			if b.dump(false) != imported {
				t.Error("the second import changed records")
			}
			if after, _ := b.store.Versions(context.Background()); !slices.Equal(after, versions) {
				t.Error("the second import bumped versions")
			}

			for _, im := range []*data.Import{second, first} {
				if _, err := b.service.Undo(context.Background(), b.by, im.ID); err != nil {
					t.Fatal(err)
				}
			}
			if got := b.dump(false); got != empty {
				t.Errorf("after undo: %.300s", got)
			}
		})
	}
}

// Files of the register without a home asked for are refused, and say why.
func TestRealFilesWithoutHomes(t *testing.T) {
	for file, read := range map[string]int{
		"finess/etalab-cs1100502-extract-20260512.csv": 13,
		"finess/amenities-finess-sample.csv":           17,
	} {
		b := newBench(t)
		im, err := b.service.Import(context.Background(), b.by, Request{Input: real(t, file), Layer: data.LayerSites})
		rejected, ok := source.Rejected(err)
		if !ok || rejected.Problem.Code != CodeNothingAskedFor {
			t.Fatalf("%s: %v", file, err)
		}
		if im.Counts.Read != read || im.Counts.Filtered != read {
			t.Errorf("%s: %+v", file, im.Counts)
		}
	}
}

// The joined sample has one trap a row; asked for by category, every row is kept, where its
// CRS label says.
func TestRealJoinedSample(t *testing.T) {
	b := newBench(t)
	categories := []string{"101", "106", "128", "242", "292", "355", "500", "620"}
	im := b.do(Request{Input: real(t, "finess/amenities-finess-sample.csv"), Layer: data.LayerSites, Options: source.Options{Categories: categories}})
	if want := (data.Counts{Read: 17, Kept: 17, Created: 17, Unlocated: 1}); im.Counts != want {
		t.Errorf("%+v, want %+v: %+v", im.Counts, want, im.Problems)
	}
	sites := b.sites()
	for id, epsg := range map[string]int{
		"010000024": 2154, "970103172": 5490, "970300026": 2972, "970402699": 2975, "970500039": 4467, "980500060": 4471, "980600027": 8903,
	} {
		s := sites[id]
		if s == nil || s.Position == nil {
			t.Errorf("%s is not located", id)
			continue
		}
		if legal, ok := crs.Legal(s.Position.Point[0], s.Position.Point[1]); !ok || legal.Code() != epsg {
			t.Errorf("%s is at %v", id, s.Position.Point)
		}
	}
	if s := sites["010010155"]; s == nil || s.Position != nil {
		t.Errorf("a row without coordinates: %+v", s)
	}
	if s := sites["010003317"]; s == nil || s.Position == nil || s.Position.Precision.Usable() {
		t.Errorf("a commune's centroid: %+v", s)
	}
	if s := sites["010000024"]; s.Category != "355" || s.Kind != data.KindOther {
		t.Errorf("%+v", s)
	}
}

// The generation of 2024 renames every zone of 2015: the comparison goes by place.
func TestRealEditions(t *testing.T) {
	b := newBench(t)
	for _, f := range []string{"QP_METROPOLE_LB93.shp", "QP_LAREUNION_RGR92_UTM40S.shp", "QP_GUADELOUPE_WGS84_UTM20N.shp"} {
		im := b.do(Request{Input: real(t, "qpv2015/"+f), Layer: data.LayerZones})
		if n := im.ChangeCounts["new"]; n != im.Counts.Kept || im.Counts.Missing != 0 {
			t.Errorf("%s: a territory not imported yet is all new, and nothing is missing: %v", f, im.ChangeCounts)
		}
	}
	before := b.dump(false)
	im := b.do(Request{Input: real(t, "qpv2024/qpv2024_simplified.geojson"), Layer: data.LayerZones})
	moved, gone, added := im.ChangeCounts["moved"], im.ChangeCounts["gone"], im.ChangeCounts["new"]
	t.Logf("2015 to 2024: %d moved, %d new, %d gone", moved, added, gone)
	if moved+added != im.Counts.Kept {
		t.Errorf("%d moved and %d new of %d zones", moved, added, im.Counts.Kept)
	}
	// 1,361 zones of 2015, of which most have a successor at the same place.
	if moved < 1200 || gone < 10 || gone > 100 {
		t.Errorf("%d moved, %d gone", moved, gone)
	}
	editions, err := b.store.Editions(context.Background())
	if err != nil || len(editions) != 2 || editions[0].Current || !editions[1].Current {
		t.Fatalf("2024 is newer: it becomes current: %+v, %v", editions, err)
	}
	if _, err := b.service.Undo(context.Background(), b.by, im.ID); err != nil {
		t.Fatal(err)
	}
	if b.dump(false) != before {
		t.Error("the undo does not restore the edition of 2015 as current")
	}
}
