package demo_test

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"vigie/data"
	"vigie/data/demo"
	"vigie/data/demo/fiction"
	"vigie/data/ingest"
	"vigie/data/snapshot"
	"vigie/data/sqlite"
)

// The embedded files are those that the generator makes.
func TestEmbeddedFilesAreThoseOfTheGenerator(t *testing.T) {
	if runtime.GOARCH != "amd64" {
		t.Skip("other processors round the last bit of some functions otherwise")
	}
	files, err := fiction.Files(fiction.Seed)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	total := 0
	for _, f := range files {
		names = append(names, f.Name)
		total += len(f.Content)
		got, err := fs.ReadFile(demo.Files(), f.Name)
		if err != nil {
			t.Errorf("%v: run go generate in data/demo", err)
		} else if string(got) != string(f.Content) {
			t.Errorf("%s is not what the generator makes: run go generate in data/demo", f.Name)
		}
	}
	entries, err := fs.ReadDir(demo.Files(), ".")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !slices.Contains(names, e.Name()) {
			t.Errorf("%s is embedded, but no longer generated", e.Name())
		}
	}
	if total > 700_000 {
		t.Errorf("the files weigh %d bytes: 700,000 at most", total)
	}
}

// recorder is an importer that remembers what it did.
type recorder struct {
	*ingest.Service
	imports []*data.Import
}

func (r *recorder) Import(ctx context.Context, by data.Viewer, q ingest.Request) (*data.Import, error) {
	im, err := r.Service.Import(ctx, by, q)
	if im != nil {
		r.imports = append(r.imports, im)
	}
	return im, err
}

type house struct {
	store *sqlite.Store
	by    data.Viewer
	rec   *recorder
}

func open(t *testing.T) *house {
	t.Helper()
	store, err := sqlite.Open(context.Background(), filepath.Join(t.TempDir(), "demo.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	n := 0
	ids := func() string { n++; return fmt.Sprintf("import-%02d", n) }
	clock := func() time.Time { return time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC) }
	return &house{
		store: store, rec: &recorder{Service: ingest.New(store, nil, clock, ids)},
		by: data.NewViewer(data.ViewerSpec{
			Subject: "test", Departments: []string{data.FictitiousDepartment}, Precision: data.ViewExact, Writes: true, Restricted: true, Purpose: "test",
		}),
	}
}

func TestPopulate(t *testing.T) {
	ctx := context.Background()
	h := open(t)
	if err := demo.Populate(ctx, h.rec, h.by); err != nil {
		t.Fatal(err)
	}
	first := h.rec.imports
	if len(first) != 15 {
		t.Fatalf("%d imports", len(first))
	}
	for _, im := range first {
		c := im.Counts
		if im.FileName == fiction.FileZSPPolice {
			// The police's zone comes beside the open ones of its edition, which are kept.
			if c.Created != 1 || c.Missing != 2 {
				t.Errorf("%s: %+v", im.FileName, c)
			}
			continue
		}
		if c.Rejected+c.Filtered+c.Repaired+c.Missing > 0 || c.Created != c.Read || c.Read == 0 {
			t.Errorf("%s: %+v", im.FileName, c)
		}
		for _, p := range im.Problems {
			if p.Code != ingest.CodeSharedPoint {
				t.Errorf("%s: %s %s: %s %q", p.Location(), p.Severity, p.Code, p.Message.EN, p.Value)
			}
		}
	}
	if got := first[2].ChangeCounts; got["moved"] < 2 || got["gone"] < 2 || got["new"] < 2 {
		t.Errorf("from one edition of QPV to the next: %v", got)
	}

	h.rec.imports = nil
	if err := demo.Populate(ctx, h.rec, h.by); err != nil {
		t.Fatal(err)
	}
	for i, im := range h.rec.imports {
		if c := im.Counts; c.Unchanged != c.Read || c.Read != first[i].Counts.Read {
			t.Errorf("loaded again, %s changes something: %+v", im.FileName, c)
		}
	}

	editions, err := h.store.Editions(ctx)
	if err != nil {
		t.Fatal(err)
	}
	current := map[string]int{}
	for _, e := range editions {
		if e.Current {
			current[string(e.Kind)+" "+e.Label] = e.Zones
		}
	}
	if want := map[string]int{"qpv 2024": 16, "qrr 2021": 3, "zsp 2013": 3, "custom 2026": 4}; !maps.Equal(current, want) {
		t.Errorf("current editions %v, want %v", current, want)
	}
}

// A viewer of another département can't load it.
func TestPopulateNeedsTheRightToWrite(t *testing.T) {
	h := open(t)
	for _, spec := range []data.ViewerSpec{
		{Subject: "reader", Precision: data.ViewExact},
		{Subject: "elsewhere", Precision: data.ViewExact, Writes: true, Departments: []string{"01"}},
	} {
		err := demo.Populate(context.Background(), h.rec, data.NewViewer(spec))
		if err == nil || !strings.Contains(err.Error(), fiction.FileAreas) {
			t.Errorf("%s: %v", spec.Subject, err)
		}
	}
}

// The map has homes of every class of its legend, and of every category.
func TestHomesAreOfEveryClass(t *testing.T) {
	ctx := context.Background()
	h := open(t)
	if err := demo.Populate(ctx, h.rec, h.by); err != nil {
		t.Fatal(err)
	}
	service, err := snapshot.Open(ctx, h.store, snapshot.Options{ScoreAtOnce: 1}) // scores are not waited for
	if err != nil {
		t.Fatal(err)
	}
	defer service.Close()
	collection, ok := service.Current().Collection(h.by, data.LayerSites)
	if !ok {
		t.Fatal("no sites")
	}
	classes, kinds := map[string]int{}, map[string]int{}
	columns := map[string]int{}
	for i, c := range collection.Schema().Columns {
		columns[c.Name] = i
	}
	total := 0
	page := collection.Query(snapshot.Query{Limit: 1000, Status: "all"})
	err = page.Each(func(f *data.Feature) error {
		total++
		get := func(name string) data.Value { return f.Values[columns[name]] }
		kind, _ := get("kind").Text()
		kinds[kind]++
		status, _ := get("status").Text()
		inside, _ := get("in_zone").Bool()
		d, known := get("nearest_zone_distance_m").Float()
		switch {
		case status == "closed":
			classes["closed"]++
		case f.Geometry == nil:
			classes["unlocated"]++
		case !known:
			classes["vague"]++
		case inside:
			classes["inside"]++
		case d < 500:
			classes["500 m"]++
		case d < 1000:
			classes["1 km"]++
		case d <= 2000:
			classes["2 km"]++
		default:
			classes["beyond"]++
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d homes: %v, %v", total, classes, kinds)
	if total != 60 {
		t.Errorf("%d homes", total)
	}
	for _, c := range []string{"inside", "500 m", "1 km", "2 km", "beyond"} {
		if classes[c] < 6 {
			t.Errorf("class %s has only %d homes", c, classes[c])
		}
	}
	if classes["unlocated"] != 2 || classes["vague"] != 2 || classes["closed"] != 1 {
		t.Errorf("not located 2, by their commune 2, closed 1 are expected: %v", classes)
	}
	for _, c := range data.Categories {
		if kinds[c.Kind] == 0 {
			t.Errorf("no home of category %s", c.Code)
		}
	}
}

// The indicators that rest on people have values in the demonstration.
func TestPeopleAround(t *testing.T) {
	ctx := context.Background()
	h := open(t)
	if err := demo.Populate(ctx, h.rec, h.by); err != nil {
		t.Fatal(err)
	}
	service, err := snapshot.Open(ctx, h.store, snapshot.Options{ScoreAtOnce: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer service.Close()
	each := func(layer data.Layer, fn func(get func(string) data.Value)) {
		t.Helper()
		collection, ok := service.Current().Collection(h.by, layer)
		if !ok {
			t.Fatalf("no %s", layer)
		}
		columns := map[string]int{}
		for i, c := range collection.Schema().Columns {
			columns[c.Name] = i
		}
		page := collection.Query(snapshot.Query{Limit: 1000})
		if err := page.Each(func(f *data.Feature) error {
			fn(func(name string) data.Value { return f.Values[columns[name]] })
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	inZones := 0.0
	each(data.LayerZones, func(get func(string) data.Value) {
		n, known := get("population").Float()
		switch kind := get("kind").Format(); {
		case known != (kind == "qpv" || kind == "qrr"):
			t.Errorf("the population of a zone of kind %s is %q", kind, get("population").Format())
		case kind == "qpv":
			inZones += n
		}
	})
	some, none, supplied := 0, 0, 0
	each(data.LayerSites, func(get func(string) data.Value) {
		near, measured := get("qpv_nearest_zone_distance_m").Float()
		people, known := get("zone_population_1000m").Float()
		switch {
		case known != measured || people < 0 || people > inZones || near > 1000 && people != 0 || known && near < 999 && people == 0:
			t.Errorf("%s: %q people in QPV, the nearest of which lies at %q", get("site_id").Format(), get("zone_population_1000m").Format(), get("qpv_nearest_zone_distance_m").Format())
		case people > 0:
			some++
		case known:
			none++
		}
		if places, ok := get("place_supply_40km").Float(); ok && places > 0 {
			supplied++
		}
	})
	t.Logf("people in QPV around %d homes, none around %d; supply of places at %d", some, none, supplied)
	if some < 10 || none < 10 || supplied < 50 {
		t.Errorf("people in QPV around %d homes, none around %d; supply of places at %d", some, none, supplied)
	}
}
