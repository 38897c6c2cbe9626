package release_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"vigie/data"
	"vigie/data/demo"
	"vigie/data/export/all"
	"vigie/data/ingest"
	"vigie/data/release"
	"vigie/data/snapshot"
	"vigie/data/sqlite"
	"vigie/data/statistics"
	"vigie/geo/score"
)

var today = time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)

func operator() data.Viewer {
	return data.NewViewer(data.ViewerSpec{Subject: "operator", Precision: data.ViewExact, Restricted: true, Writes: true})
}

// analyst sees the fictitious département masked.
func analyst() data.Viewer {
	return data.NewViewer(data.ViewerSpec{Subject: "analyst", Now: today, Assignments: []data.Assignment{
		{Role: data.RoleAnalyst, Scope: data.Scope{Departments: []string{data.FictitiousDepartment}}},
	}})
}

type house struct {
	store    data.Store
	snapshot *snapshot.Service
	ingest   *ingest.Service
}

func openDemo(t *testing.T) house {
	t.Helper()
	ctx := context.Background()
	store, err := sqlite.Open(ctx, filepath.Join(t.TempDir(), "vigie.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	clock := func() time.Time { return today }
	profile := score.Default()
	profile.Draws = 200 // enough for classes
	sn, err := snapshot.Open(ctx, store, snapshot.Options{Clock: clock, ScoreAtOnce: math.MaxInt, Profile: profile})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	in := ingest.New(store, sn.Refresh, clock, func() string { n++; return fmt.Sprint("id-", n) })
	if err := demo.Populate(ctx, in, operator()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { sn.Close(); store.Close() })
	return house{store, sn, in}
}

func key(b byte) []byte { return bytes.Repeat([]byte{b}, release.KeySize) }

func freeze(t *testing.T, h house, day time.Time, k []byte) (*data.Release, *release.Report) {
	t.Helper()
	frozen, report, err := release.Freeze(context.Background(), h.store, h.snapshot.Current(), operator(), day, k)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.snapshot.Refresh(context.Background()); err != nil {
		t.Fatal(err)
	}
	return frozen, report
}

// export writes what a viewer gets of the homes.
func export(t *testing.T, h house, v data.Viewer, format string, q snapshot.Query) (string, []data.Column) {
	t.Helper()
	view, ok := h.snapshot.Current().Collection(v, data.LayerSites)
	if !ok {
		t.Fatal("no collection of homes")
	}
	var out bytes.Buffer
	w, err := all.Writer(format, &out, view.Schema(), all.Options{})
	if err != nil {
		t.Fatal(err)
	}
	page := view.Query(q)
	if err := errors.Join(page.Each(w.Write), w.Close()); err != nil {
		t.Fatal(err)
	}
	return out.String(), view.Schema().Columns
}

var everything = snapshot.Query{Limit: math.MaxInt}

// TestRule1MaskedWhitelist: nothing of a masked home but what disclosure.md lists.
func TestRule1MaskedWhitelist(t *testing.T) {
	h := openDemo(t)
	freeze(t, h, today, key(1))
	text, columns := export(t, h, analyst(), "geojson", everything)
	var names []string
	for _, c := range columns {
		names = append(names, c.Name)
	}
	want := []string{
		"site_id", "kind", "category", "department_code", "cell", "cell_size_m", "exposure_class", "nearest_zone_distance_band",
		"qpv_nearest_zone_distance_band", "zone_share_1000m_band", "zones_within_1000m_band", "release",
	}
	if !slices.Equal(names, want) {
		t.Errorf("masked properties %v\nwant %v", names, want)
	}
	// Neither the identity nor the position of any home is in it.
	exact, _ := h.snapshot.Current().Collection(operator(), data.LayerSites)
	page := exact.Query(everything)
	homes := 0
	err := page.Each(func(f *data.Feature) error {
		homes++
		for _, at := range []string{"site_id", "finess", "name", "address", "commune_code"} {
			i := slices.IndexFunc(exact.Schema().Columns, func(c data.Column) bool { return c.Name == at })
			if value := f.Values[i].Format(); value != "" && strings.Contains(text, `"`+value+`"`) {
				t.Errorf("the masked view holds the %s of a home", at)
			}
		}
		if p := f.Geometry; p != nil {
			if position, _ := json.Marshal(p); strings.Contains(text, string(position)) {
				t.Error("the masked view holds the position of a home")
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if homes < 50 || !strings.Contains(text, `"Polygon"`) {
		t.Errorf("%d homes, cells drawn: %t: too little for a test", homes, strings.Contains(text, `"Polygon"`))
	}
}

// TestRule9OneCellAHomeAndRelease: cells hold k addresses and bodies, or are the
// département; a second reading, another recipient and another format get the same.
func TestRule9OneCellAHomeAndRelease(t *testing.T) {
	h := openDemo(t)
	frozen, report := freeze(t, h, today, key(1))
	standings := map[string]release.Standing{}
	for _, s := range report.Homes {
		standings[s.SiteID] = s
	}
	cells := 0
	for _, row := range frozen.Rows {
		if row.Cell == "" {
			continue
		}
		cells++
		if s := standings[row.SiteID]; s.Addresses < 5 || s.Bodies < 5 {
			t.Errorf("a home is shown among %d addresses and %d bodies", s.Addresses, s.Bodies)
		}
	}
	if cells == 0 {
		t.Error("every home of the demo is shown at the level of the département: nothing was tested")
	}
	first, _ := export(t, h, analyst(), "csv", everything)
	// A home moves, opens or closes: the release does not change.
	ctx := context.Background()
	if _, err := h.ingest.AddSite(ctx, operator(), data.Site{
		Name: "Foyer nouveau", DepartmentCode: data.FictitiousDepartment, Kind: data.KindOther, Status: data.SiteOpen,
	}); err != nil {
		t.Fatal(err)
	}
	if again, _ := export(t, h, analyst(), "csv", everything); again != first {
		t.Error("the masked view changed with the register")
	}
	if _, _, err := release.Freeze(ctx, h.store, h.snapshot.Current(), operator(), today, key(2)); !errors.Is(err, data.ErrConflict) {
		t.Errorf("a second release of a day: %v", err)
	}
}

// TestPromiseAcrossReleases: who keeps two releases, whatever is filtered and whoever
// colludes, gains no more than the bound.
func TestPromiseAcrossReleases(t *testing.T) {
	h := openDemo(t)
	first, report := freeze(t, h, today, key(1))
	if !report.Holds || report.MaxRise > report.Bound {
		t.Errorf("one release: %+v", report.MaxRise)
	}
	everyone, _ := export(t, h, analyst(), "geojson", everything)
	some, _ := export(t, h, analyst(), "csv", snapshot.Query{Limit: math.MaxInt, Equal: map[string]string{"exposure_class": "3"}})
	second, _ := freeze(t, h, today.AddDate(0, 4, 0), key(2))
	both, err := release.Attack(context.Background(), h.store, h.snapshot.Current(), operator(), nil)
	if err != nil || both.Releases != 2 || !both.Holds {
		t.Fatalf("two releases: %+v, %v", both, err)
	}
	// The public statistics add to what the attacker knows.
	statistician := data.NewViewer(data.ViewerSpec{Subject: "operator", Precision: data.ViewExact, Writes: true})
	if _, err := statistics.Freeze(context.Background(), h.store, h.snapshot.Current(), statistician, statistics.Request{Quarter: "2026-Q3", Now: today}); err != nil {
		t.Fatal(err)
	}
	both, err = release.Attack(context.Background(), h.store, h.snapshot.Current(), operator(), nil)
	if err != nil || !both.Holds {
		t.Fatalf("two releases and statistics: %+v, %v", both, err)
	}
	names := map[string]bool{}
	for _, row := range first.Rows {
		names[row.Pseudonym] = true
	}
	for _, row := range second.Rows {
		if names[row.Pseudonym] {
			t.Errorf("%s names a home in two releases", row.Pseudonym)
		}
	}
	exports := release.Exports{}
	for name, text := range map[string]string{"a.geojson": everyone, "b.csv": some} {
		if err := exports.Read(name, strings.NewReader(text)); err != nil {
			t.Fatal(err)
		}
	}
	colluding, err := release.Attack(context.Background(), h.store, h.snapshot.Current(), operator(), exports)
	if err != nil || colluding.Releases != 1 || !colluding.Holds {
		t.Errorf("colluding recipients of one release: %+v, %v", colluding, err)
	}
}

// TestAttackerFindsABadRelease: the attacker is not blind. A release that shows a class
// home by home in cells of one home breaks the promise.
func TestAttackerFindsABadRelease(t *testing.T) {
	h := openDemo(t)
	var bad bytes.Buffer
	bad.WriteString("site_id,kind,category,department_code,cell,exposure_class,release\n")
	view, _ := h.snapshot.Current().Collection(operator(), data.LayerSites)
	at := func(name string) int {
		return slices.IndexFunc(view.Schema().Columns, func(c data.Column) bool { return c.Name == name })
	}
	page := view.Query(everything)
	n := 0
	_ = page.Each(func(f *data.Feature) error {
		if f.Geometry != nil {
			n++
			// Everything is said of top class, one home a category: no crowd to hide in.
			fmt.Fprintf(&bad, "p%d,%s,%s,%s,,5,naive\n", n, f.Values[at("kind")].Format(), f.Values[at("category")].Format(), f.Values[at("department_code")].Format())
		}
		return nil
	})
	exports := release.Exports{}
	if err := exports.Read("bad.csv", &bad); err != nil {
		t.Fatal(err)
	}
	report, err := release.Attack(context.Background(), h.store, h.snapshot.Current(), operator(), exports)
	if err != nil || report.Holds || report.MaxRise < 0.5 {
		t.Errorf("a release that says “top class” of all homes passes: %v, %v", report.MaxRise, err)
	}
}

func TestFreezeNeedsEverything(t *testing.T) {
	h := openDemo(t)
	for name, v := range map[string]data.Viewer{"analyst": analyst(), "public": {}} {
		if _, _, err := release.Freeze(context.Background(), h.store, h.snapshot.Current(), v, today, key(1)); !errors.Is(err, data.ErrForbidden) {
			t.Errorf("%s may freeze: %v", name, err)
		}
	}
	stranger := data.NewViewer(data.ViewerSpec{Now: today, Assignments: []data.Assignment{{Role: data.RoleAnalyst, Scope: data.Scope{Departments: []string{"01"}}}}})
	freeze(t, h, today, key(1))
	if text, _ := export(t, h, stranger, "csv", everything); strings.Count(text, "\n") != 1 {
		t.Error("an analyst sees masked homes of another département")
	}
	if _, ok := h.snapshot.Current().Collection(data.Viewer{}, data.LayerSites); ok {
		t.Error("the public has a collection of homes")
	}
}

// An empty register takes no day: homes imported later can still be released on it.
func TestNothingToFreeze(t *testing.T) {
	ctx := context.Background()
	store, err := sqlite.Open(ctx, filepath.Join(t.TempDir(), "vigie.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	sn, err := snapshot.Open(ctx, store, snapshot.Options{Clock: func() time.Time { return today }})
	if err != nil {
		t.Fatal(err)
	}
	defer sn.Close()
	var invalid *data.InvalidError
	if _, _, err := release.Freeze(ctx, store, sn.Current(), operator(), today, key(1)); !errors.As(err, &invalid) {
		t.Errorf("error %v", err)
	}
	if id, _ := sn.Current().Released(); id != "" {
		t.Errorf("released %s", id)
	}
}

func TestExportsThatAreNot(t *testing.T) {
	for name, text := range map[string]string{
		"exact":  "site_id,name,lon,lat\n1,Foyer,2.6,46.4\n",
		"broken": `{"features":[`,
		"class":  "site_id,department_code,release,exposure_class\na,00,r,9\n",
		"ragged": "site_id,department_code,release\na,00\n",
		"empty":  "",
	} {
		var rejected *data.RejectedError
		if err := (release.Exports{}).Read(name, strings.NewReader(text)); !errors.As(err, &rejected) || rejected.Problem.File != name {
			t.Errorf("%s: %v", name, err)
		}
	}
}
