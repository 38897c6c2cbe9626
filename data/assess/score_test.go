package assess_test

import (
	"context"
	"io/fs"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"vigie/data"
	"vigie/data/assess"
	"vigie/data/demo"
	"vigie/data/demo/fiction"
	"vigie/data/ingest"
	"vigie/data/snapshot"
	"vigie/data/source"
	"vigie/data/sqlite"
	"vigie/geo/exposure"
	"vigie/geo/score"
)

// table keeps the features that it is given.
type table struct {
	columns []data.Column
	rows    map[string]map[string]data.Value
	ids     []string
}

func (t *table) Write(f *data.Feature) error {
	t.ids = append(t.ids, f.ID)
	t.rows[f.ID] = map[string]data.Value{}
	for i, v := range f.Values {
		t.rows[f.ID][t.columns[i].Name] = v
	}
	return nil
}
func (t *table) Close() error { return nil }

func (t *table) has(column string) bool {
	return slices.ContainsFunc(t.columns, func(c data.Column) bool { return c.Name == column })
}

// assessed runs a request and gives what it wrote.
func assessed(t *testing.T, r assess.Request) (*table, *assess.Report) {
	t.Helper()
	out := &table{rows: map[string]map[string]data.Value{}}
	r.NewWriter = func(s *data.Schema) (data.FeatureWriter, error) {
		out.columns = s.Columns
		return out, nil
	}
	report, err := assess.Run(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	return out, report
}

func demoFile(t *testing.T, name, format string, opt source.Options) assess.File {
	t.Helper()
	content, err := fs.ReadFile(demo.Files(), name)
	if err != nil {
		t.Fatal(err)
	}
	return assess.File{Input: open(t, name, string(content)), Format: format, Options: opt}
}

// demoRequest assesses the homes of the demonstration, a server's way but without one.
func demoRequest(t *testing.T) assess.Request {
	every := source.Options{}
	for _, c := range data.Categories {
		every.Categories = append(every.Categories, c.Code)
	}
	zones := func(name string, kind data.ZoneKind) assess.File {
		return demoFile(t, name, "", source.Options{Kind: kind})
	}
	return assess.Request{
		Sites: demoFile(t, fiction.FileSites, "", every).Input, SiteOptions: every, Radii: exposure.DefaultRadii,
		Zones: []assess.File{
			zones(fiction.FileZSP, data.ZoneZSP), zones(fiction.FileQRR, data.ZoneQRR),
			zones(fiction.FileQPV2024, data.ZoneQPV), zones(fiction.FileCustom, data.ZoneCustom),
		},
		Places: []assess.File{
			demoFile(t, fiction.FilePlaces, "", source.Options{}), demoFile(t, fiction.FileBrigades, "", source.Options{}),
		},
		Statistics: []assess.File{
			demoFile(t, fiction.FileCommunes, "population", source.Options{Edition: "2023"}),
			demoFile(t, fiction.FileCommunes, "filosofi-communes", source.Options{Edition: "2023"}),
			demoFile(t, fiction.FileIncome, "", source.Options{Edition: fiction.EditionIncome}),
			demoFile(t, fiction.FileRecordedCrime, "", source.Options{}),
		},
		Profile: score.Default(),
	}
}

// quick makes do with few draws.
func quick(r assess.Request) assess.Request {
	r.Profile.Draws = 100
	return r
}

// served are the sites of a server that holds the same files and scores by profile.
func served(t *testing.T, profile *score.Profile) *table {
	t.Helper()
	ctx := context.Background()
	store, err := sqlite.Open(ctx, filepath.Join(t.TempDir(), "demo.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	clock := func() time.Time { return time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC) }
	n := 0
	ids := func() string { n++; return string(rune('a' + n)) }
	by := data.NewViewer(data.ViewerSpec{Subject: "test", Precision: data.ViewExact, Writes: true, Purpose: "test"})
	if err := demo.Populate(ctx, ingest.New(store, nil, clock, ids), by); err != nil {
		t.Fatal(err)
	}
	service, err := snapshot.Open(ctx, store, snapshot.Options{Clock: clock, Profile: profile})
	if err != nil {
		t.Fatal(err)
	}
	defer service.Close()
	sites, ok := service.Current().Collection(by, data.LayerSites)
	if !ok {
		t.Fatal("no sites")
	}
	out := &table{columns: sites.Schema().Columns, rows: map[string]map[string]data.Value{}}
	page := sites.Query(snapshot.Query{Limit: math.MaxInt, Status: "all"})
	if err := page.Each(out.Write); err != nil {
		t.Fatal(err)
	}
	return out
}

// Files give what a server that holds them gives, indicators and score alike: closed
// homes, homes without position and unknown values as well.
func TestScoreIsThatOfTheServer(t *testing.T) {
	r := quick(demoRequest(t))
	want := served(t, r.Profile)
	got, report := assessed(t, r)
	if len(got.rows) != len(want.rows) || report.Assessed != len(want.rows) || len(report.Absent) > 0 {
		t.Fatalf("%d sites, %d served; indicators absent: %v", len(got.rows), len(want.rows), report.Absent)
	}
	var shared []string
	scored, unlocated := 0, 0
	for _, c := range want.columns {
		switch {
		case got.has(c.Name):
			shared = append(shared, c.Name)
		case strings.HasPrefix(c.Name, "exposure_"):
			t.Errorf("no column %s", c.Name)
		}
	}
	for _, in := range exposure.Catalogue([]string{"qpv", "qrr", "zsp"}, exposure.DefaultRadii) {
		if !slices.Contains(shared, in.ID) {
			t.Errorf("no column %s", in.ID)
		}
	}
	for id, row := range want.rows {
		for _, column := range shared {
			if column == "place_supply_40km" {
				continue // needs the outlines of communes, which a batch does not read
			}
			a, b := got.rows[id][column], row[column]
			x, number := a.Float()
			y, _ := b.Float()
			if a != b && !(number && math.Abs(x-y) <= 1e-9*math.Max(1, math.Abs(y))) {
				t.Errorf("%s: %s is %q, %q served", id, column, a.Format(), b.Format())
			}
		}
		switch row["exposure_status"].Format() {
		case "computed":
			scored++
		case "not_located":
			unlocated++
		}
	}
	if scored < 30 || unlocated == 0 {
		t.Errorf("%d sites with a score, %d without position: the comparison says little", scored, unlocated)
	}
}

// Places without a profile give the catalogue and no score.
func TestCatalogueWithoutScore(t *testing.T) {
	r := demoRequest(t)
	r.Profile, r.Statistics, r.Radii = nil, nil, []float64{700}
	got, report := assessed(t, r)
	if got.has("exposure_score") || report.Scores != nil || got.has("zones_within_500m") {
		t.Errorf("columns: %v", got.columns)
	}
	known := 0
	for _, row := range got.rows {
		if !row["crime_context_rate"].IsNull() {
			t.Errorf("a rate without statistics: %s", row["crime_context_rate"].Format())
		}
		if !row["nearest_police_distance_m"].IsNull() && !row["zone_share_700m"].IsNull() {
			known++
		}
	}
	if known < 30 {
		t.Errorf("%d sites with places and zones around them", known)
	}
}

// The score rests on the radii of its profile, whichever are asked for, and not on the
// order of files; radii that were not asked for have no columns.
func TestScoreDoesNotDependOnWhatIsShown(t *testing.T) {
	first, _ := assessed(t, quick(demoRequest(t)))
	r := quick(demoRequest(t))
	r.Radii = []float64{1500}
	slices.Reverse(r.Zones)
	slices.Reverse(r.Statistics)
	second, report := assessed(t, r)
	if second.has("zone_share_500m") || !second.has("zone_share_1500m") {
		t.Error("other radii than those asked for")
	}
	if report.Scores.Seed() != r.Profile.Seed || report.Scores.Draws() != r.Profile.Draws {
		t.Errorf("seed %d, %d draws", report.Scores.Seed(), report.Scores.Draws())
	}
	if !slices.Equal(first.ids, second.ids) {
		t.Fatal("other sites, or another order")
	}
	for id, row := range first.rows {
		for name, v := range row {
			if strings.HasPrefix(name, "exposure_") && second.rows[id][name] != v {
				t.Errorf("%s: %s is %q, was %q", id, name, second.rows[id][name].Format(), v.Format())
			}
		}
	}
}

// A profile that names what no site has is told, and its part is unknown.
func TestProfileWithAbsentIndicator(t *testing.T) {
	r := quick(demoRequest(t))
	r.Profile.Entries[0].Indicator = "no_such_indicator"
	got, report := assessed(t, r)
	if !slices.Equal(report.Absent, []string{"no_such_indicator"}) {
		t.Errorf("absent: %v", report.Absent)
	}
	for id, row := range got.rows {
		if row["exposure_status"].Format() == "computed" && !strings.Contains(row["exposure_unknown"].Format(), "no_such_indicator") {
			t.Errorf("%s: unknown %q", id, row["exposure_unknown"].Format())
		}
	}
}

// What is wrong in any of the files is located, and nothing is taken from it.
func TestFilesThatCannotBeUsed(t *testing.T) {
	for name, spoil := range map[string]func(*assess.Request){
		"places":     func(r *assess.Request) { r.Places[0].Input = open(t, "bad.csv", "id;kind;lon;lat\n") },
		"statistics": func(r *assess.Request) { r.Statistics[3].Input = open(t, "bad.csv", "a;b\n1;2\n") },
		"zones":      func(r *assess.Request) { r.Zones[0].Input = open(t, "bad.csv", "%PDF-1.4") },
	} {
		r := demoRequest(t)
		spoil(&r)
		opened := false
		r.NewWriter = func(*data.Schema) (data.FeatureWriter, error) { opened = true; return &failingWriter{}, nil }
		_, err := assess.Run(t.Context(), r)
		rejected, ok := source.Rejected(err)
		if !ok || rejected.Problem.File != "bad.csv" || rejected.Problem.Message.FR == "" || opened {
			t.Errorf("%s: %v, output opened %v", name, err, opened)
		}
	}
}

// In each of two files, a place or a figure of the same key stands once: the last.
func TestLaterFilesReplaceEarlierOnes(t *testing.T) {
	const places = "id;kind;name;lon;lat\nP1;hotel;Hôtel fictif;"
	const crime = "CODGEO_2025;annee;indicateur;unite_de_compte;nombre;taux_pour_mille;est_diffuse;insee_pop;insee_pop_millesime;insee_log;insee_log_millesime;complement_info_nombre;complement_info_taux\n"
	rates := func(n string) string {
		content := crime
		for _, year := range []string{"2022", "2023", "2024"} {
			content += "23096;" + year + ";Violences physiques hors cadre familial;Victime;" + n + ";1;diff;1000;2022;500;2022;NA;NA\n"
		}
		return content
	}
	r := assess.Request{
		Sites: open(t, "sites.csv", "id;nom;lon;lat;commune_code\nS1;Foyer fictif;2.0;46.0;23096\n"), Radii: []float64{500},
		Zones: []assess.File{{Input: open(t, "zones.geojson", zonesFile), Options: source.Options{Kind: data.ZoneCustom}}},
		Places: []assess.File{
			{Input: open(t, "p1.csv", places+"2.001;46.0\n")}, {Input: open(t, "p2.csv", places+"2.002;46.0\n")},
		},
		Statistics: []assess.File{
			{Input: open(t, "c1.csv", rates("10"))}, {Input: open(t, "c2.csv", rates("20"))},
		},
	}
	got, _ := assessed(t, r)
	row := got.rows["S1"]
	if n, _ := row["hotels_within_450m"].Int(); n != 1 || math.Abs(row["nearest_hotel_distance_m"].Float64()-155) > 2 {
		t.Errorf("%s hotels, the nearest at %s", row["hotels_within_450m"].Format(), row["nearest_hotel_distance_m"].Format())
	}
	if rate := row["crime_context_rate"].Float64(); math.Abs(rate-20) > 1e-9 {
		t.Errorf("rate %v, want that of the last file", rate)
	}
}
