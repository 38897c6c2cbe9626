package snapshot_test

import (
	"context"
	"fmt"
	"math"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"vigie/data"
	"vigie/data/snapshot"
	"vigie/data/sqlite"
	"vigie/geo/score"
)

// TestAnySequenceOfWrites: after each write of a sequence, over several départements, a
// snapshot that was refreshed is the one that a fresh start makes, and the one before has
// not changed.
func TestAnySequenceOfWrites(t *testing.T) {
	ctx := context.Background()
	quick, homes := score.Default(), score.Default()
	quick.Draws, homes.Draws = 100, 100
	// The second rests on what other homes do.
	homes.Entries[0].Indicator, homes.Entries[0].Goalposts = "homes_within_1000m", [2]float64{0, 5}
	homes.Entries[1].Indicator, homes.Entries[1].Goalposts = "place_supply_40km", [2]float64{0, 100}
	// Who sees restricted zones has the same ETag whatever a snapshot came from.
	scoped := data.NewViewer(data.ViewerSpec{Subject: "inspector", Precision: data.ViewExact, Restricted: true, Departments: []string{"03"}})
	viewers := []data.Viewer{operator, scoped}
	n := 0
	rapid.Check(t, func(r *rapid.T) {
		n++
		options := snapshot.Options{Profile: rapid.SampledFrom([]*score.Profile{quick, homes}).Draw(r, "profile"), Clock: func() time.Time { return now }}
		store, err := sqlite.Open(ctx, filepath.Join(t.TempDir(), fmt.Sprint(n, ".db")), sqlite.Options{})
		if err != nil {
			r.Fatal(err)
		}
		defer store.Close()
		service, err := snapshot.Open(ctx, store, options)
		if err != nil {
			r.Fatal(err)
		}
		var imports []string
		for step := range rapid.IntRange(2, 6).Draw(r, "steps") {
			entry := data.AuditEntry{At: now, Subject: "operator", Action: "test"}
			held := service.Current()
			before := contentOf(held, operator)
			if len(imports) > 0 && rapid.IntRange(0, 4).Draw(r, "undo") == 0 {
				last := len(imports) - 1
				if _, err := store.UndoImport(ctx, operator, imports[last], entry); err != nil {
					r.Fatal(err)
				}
				imports = imports[:last]
			} else {
				b := drawWrites(r, store)
				id := fmt.Sprint("import ", step)
				b.Import = &data.Import{ID: id, Layer: data.LayerSites, ImportedAt: now, By: "operator"}
				if err := store.Write(ctx, operator, &b, entry); err != nil {
					r.Fatal(err)
				}
				imports = append(imports, id)
			}
			if err := service.Refresh(ctx); err != nil {
				r.Fatal(err)
			}
			fresh, err := snapshot.Open(ctx, store, options)
			if err != nil {
				r.Fatal(err)
			}
			for _, v := range viewers {
				got, want := contentOf(service.Current(), v), contentOf(fresh.Current(), v)
				if d := differ(got, want); d != "" {
					r.Fatalf("step %d, %s: %s", step, v.Subject(), d)
				}
			}
			if after := contentOf(held, operator); !reflect.DeepEqual(before, after) {
				r.Fatalf("step %d: the snapshot before changed: %s", step, differ(after, before))
			}
		}
	})
}

// content is all that a viewer gets of a snapshot.
type content struct {
	tags     map[data.Layer]string
	editions []data.Edition
	columns  map[data.Layer][]data.Column
	features map[data.Layer][]data.Feature
}

func contentOf(sn *snapshot.Snapshot, v data.Viewer) content {
	c := content{map[data.Layer]string{}, sn.Editions(v), map[data.Layer][]data.Column{}, map[data.Layer][]data.Feature{}}
	for _, layer := range []data.Layer{data.LayerSites, data.LayerZones, data.LayerPlaces, data.LayerAreas} {
		c.tags[layer] = sn.ETag(v, layer)
		rows, _ := sn.Collection(v, layer)
		c.columns[layer] = rows.Schema().Columns
		page := rows.Query(snapshot.Query{Limit: math.MaxInt, Status: "all", Editions: true})
		_ = page.Each(func(f *data.Feature) error {
			c.features[layer] = append(c.features[layer], data.Feature{ID: f.ID, Geometry: f.Geometry, Values: slices.Clone(f.Values)})
			return nil
		})
	}
	return c
}

// differ says what differs, "" when nothing does. The order in which an index was built may
// change the last bits of a number.
func differ(got, want content) string {
	if !reflect.DeepEqual(got.tags, want.tags) || !reflect.DeepEqual(got.editions, want.editions) {
		return fmt.Sprintf("ETags and editions %v %v, want %v %v", got.tags, got.editions, want.tags, want.editions)
	}
	for layer, features := range want.features {
		if len(got.features[layer]) != len(features) || !reflect.DeepEqual(got.columns[layer], want.columns[layer]) {
			return fmt.Sprintf("%s: %d features, want %d, or other columns", layer, len(got.features[layer]), len(features))
		}
		for i, b := range features {
			a := got.features[layer][i]
			if a.ID != b.ID || !reflect.DeepEqual(a.Geometry, b.Geometry) {
				return fmt.Sprintf("%s: %s at %v, want %s at %v", layer, a.ID, a.Geometry, b.ID, b.Geometry)
			}
			for k, column := range want.columns[layer] {
				x, number := a.Values[k].Float()
				y, _ := b.Values[k].Float()
				if a.Values[k] != b.Values[k] && !(number && math.Abs(x-y) <= 1e-9*max(1, math.Abs(y))) {
					return fmt.Sprintf("%s %s: %s is %q, want %q", layer, a.ID, column.Name, a.Values[k].Format(), b.Values[k].Format())
				}
			}
		}
	}
	return ""
}

// drawWrites draws changes that are valid on what the store holds, among few records and
// départements so that they meet.
func drawWrites(r *rapid.T, store data.Store) (b data.Batch) {
	ctx := context.Background()
	department := rapid.SampledFrom([]string{"", "03", "63", "2A"})
	code := rapid.SampledFrom([]string{"a", "b", "c", "d"})
	label := rapid.SampledFrom([]string{"2015", "2024"})
	metres := rapid.Custom(func(r *rapid.T) float64 { return float64(rapid.IntRange(-40, 40).Draw(r, "hm")) * 100 })

	versions := map[string]int64{}
	err := store.Sites(ctx, nil, func(s *data.StoredSite) error { versions[s.ID] = s.Version; return nil })
	if err != nil {
		r.Fatal(err)
	}
	for range rapid.IntRange(0, 3).Draw(r, "sites") {
		s := site(code.Draw(r, "site"), department.Draw(r, "department"), metres.Draw(r, "x"), metres.Draw(r, "y"))
		versions[s.ID]++
		s.Version = versions[s.ID]
		if rapid.IntRange(0, 3).Draw(r, "unlisted") == 0 {
			s.FINESS = ""
		}
		switch rapid.IntRange(0, 6).Draw(r, "state") {
		case 0:
			s.Position = nil
		case 1:
			s.Status = data.SiteClosed
		case 2:
			s.Position.Precision = data.PrecisionCommune
		case 3:
			s.PlacingDepartments = data.PlacingDepartments([]string{"03"}, s.DepartmentCode)
		case 4:
			if other := code.Draw(r, "merged into"); other != s.ID && versions[other] > 0 {
				s.MergedInto = other
			}
		default:
			capacity := rapid.IntRange(1, 30).Draw(r, "capacity")
			s.Capacity = &capacity
		}
		b.PutSites = append(b.PutSites, s)
	}

	zones := map[data.Edition]int{}
	err = store.Zones(ctx, nil, func(z *data.Zone) error {
		if rapid.IntRange(0, 5).Draw(r, "drop") == 0 {
			b.DropZones = append(b.DropZones, *z)
		} else {
			zones[data.Edition{Kind: z.Kind, Label: z.Edition}]++
		}
		return nil
	})
	if err != nil {
		r.Fatal(err)
	}
	for range rapid.IntRange(0, 2).Draw(r, "zones") {
		kind := rapid.SampledFrom([]data.ZoneKind{data.ZoneQPV, data.ZoneZSP, data.ZoneCustom}).Draw(r, "kind")
		z := zone(kind, label.Draw(r, "edition"), code.Draw(r, "code"), metres.Draw(r, "x"), metres.Draw(r, "y"), 250)
		z.Restricted = kind == data.ZoneZSP && rapid.Bool().Draw(r, "restricted")
		z.DepartmentCodes = rapid.SampledFrom([][]string{nil, {"03"}, {"63"}, {"03", "63"}, {"2A", "03"}}).Draw(r, "départements")
		zones[data.Edition{Kind: z.Kind, Label: z.Edition}]++
		b.PutZones = append(b.PutZones, z)
	}
	current := data.Edition{Kind: rapid.SampledFrom([]data.ZoneKind{data.ZoneQPV, data.ZoneZSP}).Draw(r, "current kind"), Label: label.Draw(r, "current")}
	if zones[current] > 0 {
		b.Current = &current
	}

	if rapid.IntRange(0, 3).Draw(r, "surroundings") > 0 {
		return b // they change all sites
	}
	b.PutPlaces = []data.Place{{
		ID: code.Draw(r, "place"), Kind: "police", Name: "Poste fictif", DepartmentCode: department.Draw(r, "department of the place"),
		Position: &data.Position{Point: plane.Inverse(metres.Draw(r, "x"), metres.Draw(r, "y")), Precision: data.PrecisionSurveyed},
	}}
	commune := "0300" + rapid.SampledFrom([]string{"1", "2"}).Draw(r, "commune")
	outline := zone(data.ZoneCustom, "", "", metres.Draw(r, "x"), metres.Draw(r, "y"), 2000).Geometry
	b.PutAreas = []data.Area{{Level: data.AreaCommune, Code: commune, Name: "Commune fictive", DepartmentCode: department.Draw(r, "department of the commune"), Geometry: outline}}
	people := float64(rapid.IntRange(1, 900).Draw(r, "people"))
	b.PutStatistics = new(data.StatisticTable)
	b.PutStatistics.Append(&data.Statistic{
		Area: commune, Level: data.StatisticCommune, Department: "03", Indicator: "population_under_21", Year: 2021, Edition: "2021",
		Source: "insee", Status: data.StatisticPublished, Value: &people, Unit: "1",
	}, 0)
	return b
}
