package ingest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"vigie/data"
	"vigie/data/source"
	"vigie/geo/repair"
)

// row is a line of a CSV of homes; the columns are those of header.
const header = "id;name;category;insee;lon;lat;capacity;status;adresse\n"

func sitesFile(t testing.TB, rows ...string) *source.Input {
	return text(t, "foyers.csv", header+strings.Join(rows, "\n")+"\n")
}

func (b *bench) importSites(r Request, rows ...string) *data.Import {
	b.t.Helper()
	r.Input, r.Layer = sitesFile(b.t, rows...), data.LayerSites
	return b.do(r)
}

func summary(im *data.Import) string {
	c := im.Counts
	var changes []string
	for _, ch := range im.Changes {
		changes = append(changes, string(ch.Kind)+" "+ch.Record)
	}
	return fmt.Sprintf("created %d updated %d unchanged %d missing %d: %s", c.Created, c.Updated, c.Unchanged, c.Missing, strings.Join(changes, ", "))
}

func want(t *testing.T, im *data.Import, expected string) {
	t.Helper()
	if got := summary(im); got != expected {
		t.Errorf("got  %s\nwant %s", got, expected)
	}
}

const (
	rowA = "A;Foyer A;177;01004;5.35;45.95;12;open;1 rue Une"
	rowB = "B;Foyer B;175;01053;5.22;46.20;;open;2 rue Deux"
	rowC = "C;Foyer C;166;01053;;;;open;3 rue Trois"
)

func TestWhatChangedBetweenTwoEditions(t *testing.T) {
	b := newBench(t)
	want(t, b.importSites(Request{}, rowA, rowB, rowC), "created 3 updated 0 unchanged 0 missing 0: new A, new B, new C")
	im := b.importSites(Request{},
		"A;Foyer A;175;01004;5.36;45.95;12;open;1 rue Une", // moved and of another category
		"B;Foyer B;175;01053;5.22;46.20;;closed;2 rue Deux",
		"D;Foyer D;177;01004;5.30;45.90;8;open;4 rue Quatre",
	)
	want(t, im, "created 1 updated 2 unchanged 0 missing 1: moved A, category A, closed B, gone C, new D")
	if d := im.Changes[0].DistanceM; d < 770 || d > 780 {
		t.Errorf("0.01° of longitude at 45.95° N is 775.6 m, got %g", d)
	}
	if s := b.sites(); s["C"] == nil || s["C"].Status != data.SiteOpen || s["B"].Status != data.SiteClosed || s["A"].Version != 2 {
		t.Errorf("%+v", s)
	}
	want(t, b.importSites(Request{}, rowB, "C;Foyer C;166;01053;5.21;46.21;;open;3 rue Trois"),
		"created 0 updated 2 unchanged 0 missing 2: moved C, reopened B, gone A, gone D")
}

func TestMissingHomes(t *testing.T) {
	b := newBench(t)
	other := "P;Foyer de Paris;177;75056;2.35;48.85;;open;"
	numbered := "010000099;Foyer numéroté;177;01004;5.35;45.96;;open;"
	b.importSites(Request{}, rowA, rowB, rowC, other)
	b.do(Request{Layer: data.LayerSites, Input: text(t, "f.csv", strings.Replace(header, "id;", "finess;", 1)+numbered+"\n")})
	if _, err := b.service.AddSite(context.Background(), b.by, data.Site{Name: "À la main", CommuneCode: "01004"}); err != nil {
		t.Fatal(err)
	}
	// Of the département of the file; neither the home of Paris, nor the one with a FINESS
	// number, nor the one added by hand.
	im := b.importSites(Request{CloseMissing: true}, rowA)
	want(t, im, "created 0 updated 0 unchanged 1 missing 2: closed B, closed C")
	s := b.sites()
	if s["B"].Status != data.SiteClosed || s["B"].ClosedOn != "2026-09-01" || s["P"].Status != data.SiteOpen || s["010000099"].Status != data.SiteOpen {
		t.Errorf("%+v", s["B"])
	}
	want(t, b.importSites(Request{CloseMissing: true}, rowA), "created 0 updated 0 unchanged 1 missing 0: ")
	want(t, b.importSites(Request{}, rowA, rowB, rowC), "created 0 updated 2 unchanged 1 missing 0: reopened B, reopened C")
}

func TestHomeThatLeavesTheCategoriesAskedFor(t *testing.T) {
	b := newBench(t)
	b.importSites(Request{}, rowA, rowB)
	im := b.importSites(Request{},
		rowA, "B;Foyer B;236;01053;5.22;46.20;;open;2 rue Deux", // now a service
		"E;Service E;236;01053;45.9;5.3;;open;", // never asked for: its swapped axes are nobody's concern
	)
	want(t, im, "created 0 updated 1 unchanged 1 missing 0: category B")
	if im.Counts.Filtered != 1 || im.ProblemCounts[source.CodeSwapped] != 0 {
		t.Errorf("%+v %v", im.Counts, im.ProblemCounts)
	}
}

func TestCorrectionsOutliveImports(t *testing.T) {
	ctx := context.Background()
	b := newBench(t)
	b.importSites(Request{}, rowA, rowB)
	name := "Foyer A, corrigé"
	if _, err := b.service.CorrectSite(ctx, b.by, "A", 1, SitePatch{Name: &name}); err != nil {
		t.Fatal(err)
	}
	want(t, b.importSites(Request{}, rowA, rowB), "created 0 updated 0 unchanged 2 missing 0: ")
	im := b.importSites(Request{}, strings.Replace(rowA, "Foyer A", "Foyer Alpha", 1), rowB)
	want(t, im, "created 0 updated 0 unchanged 2 missing 0: kept_by_hand A")
	if c := im.Changes[0]; c.Before != "name: "+name || c.After != "name: Foyer Alpha" {
		t.Errorf("%+v", c)
	}
	if b.sites()["A"].Name != name {
		t.Error("the correction is lost")
	}
	want(t, b.importSites(Request{}, strings.Replace(rowA, "Foyer A", "Foyer Alpha", 1), rowB), "created 0 updated 0 unchanged 2 missing 0: ")
}

func TestMergedHomesStayMerged(t *testing.T) {
	ctx := context.Background()
	b := newBench(t)
	b.importSites(Request{}, rowA, rowB)
	kept, err := b.service.MergeSites(ctx, b.by, "B", "A", [2]int64{1, 1})
	if err != nil {
		t.Fatal(err)
	}
	if kept.ID != "B" || kept.Capacity == nil || *kept.Capacity != 12 || kept.Name != "Foyer B" {
		t.Errorf("the survivor is completed: %+v", kept)
	}
	im := b.importSites(Request{}, "A;Foyer A;177;01004;5.40;45.95;14;open;1 rue Une", rowB)
	want(t, im, "created 0 updated 1 unchanged 1 missing 0: ")
	s := b.sites()
	if s["A"].MergedInto != "B" || s["A"].Status != data.SiteClosed || *s["B"].Capacity != 12 {
		t.Errorf("%+v %+v", s["A"], s["B"])
	}
	want(t, b.importSites(Request{CloseMissing: true}, rowB), "created 0 updated 0 unchanged 1 missing 0: ")
	if _, err := b.service.ReopenSite(ctx, b.by, "A", s["A"].Version); !isInvalid(err, CodeMerged) {
		t.Errorf("reopening what was merged: %v", err)
	}

	// What was merged into a home that is merged in turn follows it.
	c, err := b.service.AddSite(ctx, b.by, data.Site{Name: "C", DepartmentCode: "01"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.service.MergeSites(ctx, b.by, c.ID, "B", [2]int64{1, s["B"].Version}); err != nil {
		t.Fatal(err)
	}
	if s := b.sites(); s["A"].MergedInto != c.ID || s["B"].MergedInto != c.ID {
		t.Errorf("%+v", s)
	}
}

func TestHandAddedHomeMeetsItsRecord(t *testing.T) {
	ctx := context.Background()
	b := newBench(t)
	added, err := b.service.AddSite(ctx, b.by, data.Site{Name: "Foyer neuf", Category: "177", CommuneCode: "01004"})
	if err != nil {
		t.Fatal(err)
	}
	finess := "010000099"
	if _, err := b.service.CorrectSite(ctx, b.by, added.ID, 1, SitePatch{FINESS: &finess}); err != nil {
		t.Fatal(err)
	}
	im := b.do(Request{Layer: data.LayerSites, Input: text(t, "f.csv", "finess;nom;categorie;insee;lon;lat\n010000099;FOYER NEUF;177;01004;5.35;45.95\n")})
	want(t, im, "created 0 updated 1 unchanged 0 missing 0: kept_by_hand "+added.ID+", moved "+added.ID)
	s := b.sites()
	if len(s) != 1 || s[added.ID].Name != "Foyer neuf" || s[added.ID].Position == nil {
		t.Errorf("%+v", s[added.ID])
	}
}

func TestUndo(t *testing.T) {
	ctx := context.Background()
	b := newBench(t)
	b.importSites(Request{}, rowA, rowB)
	before := b.dump(false)
	im := b.importSites(Request{CloseMissing: true}, strings.Replace(rowA, "12", "14", 1), "D;D;177;01004;5.3;45.9;;open;")
	if b.dump(false) == before {
		t.Fatal("nothing changed")
	}
	refreshed := b.refresh.Load()
	undone, err := b.service.Undo(ctx, b.by, im.ID)
	if err != nil || undone.UndoneAt == nil || undone.UndoneBy != "operator" || b.refresh.Load() != refreshed+1 {
		t.Fatalf("%+v, %v", undone, err)
	}
	if got := b.dump(false); got != before {
		t.Errorf("got  %s\nwant %s", got, before)
	}
	if _, err := b.service.Undo(ctx, b.by, im.ID); !errors.Is(err, data.ErrNotFound) {
		t.Errorf("undone twice: %v", err)
	}

	im = b.importSites(Request{}, strings.Replace(rowA, "12", "14", 1), rowB)
	name := "Autre"
	if _, err := b.service.CorrectSite(ctx, b.by, "A", b.sites()["A"].Version, SitePatch{Name: &name}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.service.Undo(ctx, b.by, im.ID); !errors.Is(err, data.ErrConflict) || !strings.Contains(err.Error(), "A") {
		t.Errorf("undoing what was corrected since: %v", err)
	}
}

func TestZoneEditions(t *testing.T) {
	ctx := context.Background()
	b := newBench(t)
	zones := func(edition string, r Request, features ...string) *data.Import {
		t.Helper()
		r.Layer, r.Options.Edition, r.Options.Kind = data.LayerZones, edition, data.ZoneQPV
		r.Input = text(t, "z.geojson", collection(features...))
		return b.do(r)
	}
	current := func() string {
		editions, err := b.store.Editions(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range editions {
			if e.Current {
				return e.Label
			}
		}
		return ""
	}
	const shifted = `[[5.351,45.95],[5.361,45.95],[5.361,45.96],[5.351,45.96],[5.351,45.95]]`
	const elsewhere = `[[5.45,45.95],[5.46,45.95],[5.46,45.96],[5.45,45.96],[5.45,45.95]]`

	want(t, zones("2015", Request{}, zoneFeature("QP001001", square), zoneFeature("QP001002", elsewhere)),
		"created 2 updated 0 unchanged 0 missing 0: new QP001001, new QP001002")
	if current() != "2015" {
		t.Error("the first edition is current")
	}
	// Another generation, other codes: told by place.
	im := zones("2024", Request{}, zoneFeature("QN00101M", shifted), zoneFeature("QN00102M", `[[5.55,45.95],[5.56,45.95],[5.56,45.96],[5.55,45.95]]`))
	want(t, im, "created 2 updated 0 unchanged 0 missing 0: moved QN00101M, gone QP001002, new QN00102M")
	// A tenth of the square (775.6 m × 1,111.5 m at 45.955° N) on either side.
	if c := im.Changes[0]; c.Before != "QP001001" || c.After != "QN00101M" || c.AreaM2 < 170_000 || c.AreaM2 > 174_500 {
		t.Errorf("%+v", c)
	}
	if current() != "2024" {
		t.Error("the newer edition is not current")
	}
	// The same edition corrected: by code.
	im = zones("2024", Request{}, zoneFeature("QN00101M", square))
	want(t, im, "created 0 updated 1 unchanged 0 missing 1: moved QN00101M, gone QN00102M")
	if n := len(b.zones()); n != 4 {
		t.Errorf("%d zones: those no longer in the file are kept", n)
	}
	// An older one, and an undated one, do not become current unless told so.
	zones("2014", Request{}, zoneFeature("ZZ1", square))
	undated := zones("", Request{}, zoneFeature("ZZ2", square))
	if undated.Edition != Undated || current() != "2024" {
		t.Errorf("edition %q, current %q", undated.Edition, current())
	}
	yes, no := true, false
	zones("2014", Request{MakeCurrent: &yes}, zoneFeature("ZZ1", square))
	if current() != "2014" {
		t.Error("MakeCurrent true")
	}
	zones("2030", Request{MakeCurrent: &no}, zoneFeature("ZZ3", square))
	if current() != "2014" {
		t.Error("MakeCurrent false")
	}
	if !NewerEdition("2015", Undated) || NewerEdition(Undated, "2015") || NewerEdition(Undated, Undated) || !NewerEdition("2024", "2015") {
		t.Error("order of editions")
	}
}

func (b *bench) zones() map[string]data.Zone {
	b.t.Helper()
	zones := map[string]data.Zone{}
	if err := b.store.Zones(context.Background(), nil, func(z *data.Zone) error {
		zones[z.Edition+" "+z.Code] = *z
		return nil
	}); err != nil {
		b.t.Fatal(err)
	}
	return zones
}

func TestRestrictedZones(t *testing.T) {
	b := newBench(t)
	file := func() *source.Input { return text(t, "z.geojson", collection(zoneFeature("Z1", square))) }
	opt := source.Options{Kind: data.ZoneZSP, Edition: "2013"}
	b.do(Request{Input: file(), Layer: data.LayerZones, Options: opt, Restricted: true})
	// The file does not know of the restriction: importing it again does not lift it.
	want(t, b.do(Request{Input: file(), Layer: data.LayerZones, Options: opt}), "created 0 updated 0 unchanged 1 missing 0: ")
	if !b.zones()["2013 Z1"].Restricted {
		t.Error("the zone is no longer restricted")
	}

	plain := data.NewViewer(data.ViewerSpec{Subject: "u", Precision: data.ViewExact, Writes: true})
	before := b.dump(true)
	if _, err := b.service.Import(context.Background(), plain, Request{Input: file(), Layer: data.LayerZones, Options: opt, Restricted: true}); !errors.Is(err, data.ErrForbidden) {
		t.Errorf("marking as restricted without the right: %v", err)
	}
	im, err := b.service.Import(context.Background(), plain, Request{Input: file(), Layer: data.LayerZones, Options: opt})
	if rejected, ok := source.Rejected(err); !ok || rejected.Problem.Code != CodeNothingUsable || im.Counts.Rejected != 1 {
		t.Errorf("replacing a restricted zone without the right: %v", err)
	}
	checkCounts(t, im)
	if b.dump(true) != before {
		t.Error("the store changed")
	}
}

func TestScope(t *testing.T) {
	ctx := context.Background()
	b := newBench(t)
	b.importSites(Request{}, rowA, rowB)
	reader := data.NewViewer(data.ViewerSpec{Subject: "r", Precision: data.ViewExact})
	if _, err := b.service.Import(ctx, reader, Request{Input: sitesFile(t, rowA), Layer: data.LayerSites, DryRun: true}); !errors.Is(err, data.ErrForbidden) {
		t.Errorf("a reader may not even try: the report tells what is stored: %v", err)
	}
	if _, err := b.service.Undo(ctx, reader, "id-001"); !errors.Is(err, data.ErrForbidden) {
		t.Errorf("%v", err)
	}
	paris := data.NewViewer(data.ViewerSpec{Subject: "p", Departments: []string{"75"}, Precision: data.ViewExact, Writes: true})
	im, err := b.service.Import(ctx, paris, Request{Input: sitesFile(t, rowA, "P;Foyer P;177;75056;2.35;48.85;;open;"), Layer: data.LayerSites})
	if err != nil || im.Counts.Created != 1 || im.Counts.Rejected != 1 || im.Problems[0].Code != CodeOutsideScope || im.Counts.Missing != 0 {
		t.Errorf("%+v, %v", im, err)
	}
	name := "x"
	if _, err := b.service.CorrectSite(ctx, paris, "A", 1, SitePatch{Name: &name}); !errors.Is(err, data.ErrNotFound) {
		t.Errorf("a home out of scope does not exist: %v", err)
	}
	out := "01004"
	if _, err := b.service.CorrectSite(ctx, paris, "P", 1, SitePatch{CommuneCode: &out}); !errors.Is(err, data.ErrForbidden) && !isInvalid(err, "") {
		t.Errorf("moving a home out of scope: %v", err)
	}
}

func TestPlaces(t *testing.T) {
	b := newBench(t)
	file := func(name string) Request {
		return Request{Layer: data.LayerPlaces, Input: text(t, "lieux.csv", "type;nom;insee;lon;lat\npolice;"+name+";01004;5.35;45.95\ngendarmerie;Brigade fictive;01053;5.22;46.2\n")}
	}
	want(t, b.do(file("Commissariat fictif")), "created 2 updated 0 unchanged 0 missing 0: "+strings.Join(b.placeIDs("new "), ", "))
	im := b.do(file("Commissariat fictif"))
	if im.Counts.Unchanged != 2 || len(im.Changes) != 0 {
		t.Errorf("places without identifier are recognised: %s", summary(im))
	}
}

func (b *bench) placeIDs(prefix string) []string {
	b.t.Helper()
	var ids []string
	if err := b.store.Places(context.Background(), nil, func(p *data.Place) error { ids = append(ids, prefix+p.ID); return nil }); err != nil {
		b.t.Fatal(err)
	}
	return ids
}

// Writers that come first make an import start over from what they left; none is lost.
func TestConcurrentImports(t *testing.T) {
	b := newBench(t)
	var wg sync.WaitGroup
	errs := make(chan error, 16)
	for w := range 4 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := range 3 {
				row := fmt.Sprintf("W%d-%d;Foyer;177;01004;5.3%d;45.9%d;;open;", w, i, w, i)
				_, err := b.service.Import(context.Background(), b.by, Request{Input: text(t, "c.csv", header+row+"\n"), Layer: data.LayerSites})
				for n := 0; errors.Is(err, data.ErrConflict) && n < 20; n++ {
					_, err = b.service.Import(context.Background(), b.by, Request{Input: text(t, "c.csv", header+row+"\n"), Layer: data.LayerSites})
				}
				if err != nil {
					errs <- err
				}
			}
		}()
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		t.Error(err)
	}
	if n := len(b.sites()); n != 12 {
		t.Errorf("%d homes of 12", n)
	}
}

// racing is a store in which someone else writes just before each of the first n writes.
type racing struct {
	data.Store
	n     int
	write func()
}

func (r *racing) Write(ctx context.Context, by data.Viewer, b *data.Batch, e data.AuditEntry) error {
	if r.n > 0 {
		r.n--
		r.write()
	}
	return r.Store.Write(ctx, by, b, e)
}

func TestImportStartsOverAfterAConflict(t *testing.T) {
	ctx := context.Background()
	for races, fails := range map[int]bool{attempts - 1: false, attempts: true} {
		b := newBench(t)
		b.importSites(Request{}, rowA)
		other := b.service
		n := 0
		store := &racing{Store: b.store, n: races, write: func() {
			n++
			name := fmt.Sprintf("Nom %d", n)
			if _, err := other.CorrectSite(ctx, b.by, "A", int64(n), SitePatch{Name: &name}); err != nil {
				t.Error(err)
			}
		}}
		s := New(store, nil, other.clock, other.ids)
		im, err := s.Import(ctx, b.by, Request{Input: sitesFile(t, strings.Replace(rowA, "12", "14", 1)), Layer: data.LayerSites})
		if fails {
			if !errors.Is(err, data.ErrConflict) {
				t.Errorf("%d races: %v", races, err)
			}
			continue
		}
		if err != nil || im.Counts.Updated != 1 || im.ChangeCounts["attributes"] != 1 {
			t.Errorf("%d races: %+v, %v", races, im, err)
		}
		if got := b.sites()["A"]; got.Name != fmt.Sprintf("Nom %d", races) || *got.Capacity != 14 {
			t.Errorf("both changes are there: %+v", got)
		}
	}
}

func TestProgress(t *testing.T) {
	b := newBench(t)
	in := sitesFile(t, rowA, rowB)
	last := int64(-1)
	b.do(Request{Input: in, Layer: data.LayerSites, Progress: func(done, total int64) {
		if done < last || done > total || total != in.Size {
			t.Errorf("%d of %d after %d", done, total, last)
		}
		last = done
	}})
	if last != in.Size {
		t.Errorf("ended at %d of %d", last, in.Size)
	}
}

func TestRefreshFailure(t *testing.T) {
	b := newBench(t)
	broken := errors.New("broken")
	s := New(b.store, func(context.Context) error { return broken }, b.service.clock, b.service.ids)
	im, err := s.Import(context.Background(), b.by, Request{Input: sitesFile(t, rowA), Layer: data.LayerSites})
	if !errors.Is(err, broken) || im == nil || len(b.sites()) != 1 {
		t.Errorf("the import stands, and the caller is told: %+v, %v", im, err)
	}
}

// Whatever a file holds, each record is counted once, and those given out are valid.
func TestCountsOfAnyFile(t *testing.T) {
	field := rapid.OneOf(
		rapid.SampledFrom([]string{"", "A", "B", "C", "177", "236", "x", "01004", "5.35", "45.95", "-74", "0", "NaN", "open", "\"", "12", "1e9", "a\"b"}),
		rapid.StringMatching(`[ -~]{0,8}`))
	rapid.Check(t, func(rt *rapid.T) {
		var content strings.Builder
		content.WriteString(header)
		for range rapid.IntRange(0, 12).Draw(rt, "lines") {
			n := rapid.SampledFrom([]int{9, 9, 9, 9, 9, 9, 1, 3, 12}).Draw(rt, "fields")
			content.WriteString(strings.Join(rapid.SliceOfN(field, n, n).Draw(rt, "line"), ";") + "\n")
		}
		in, err := source.FromFiles([]source.NamedReaderAt{{Name: "s.csv", Size: int64(content.Len()), ReaderAt: strings.NewReader(content.String())}}, source.Limits{})
		if err != nil {
			rt.Fatal(err)
		}
		seen := map[string]bool{}
		rep, err := EachSite(context.Background(), in, source.Options{}, "csv", func(s data.Site) error {
			if seen[s.ID] {
				rt.Fatalf("%q twice", s.ID)
			}
			seen[s.ID] = true
			for _, p := range s.Validate() {
				if p.Severity == data.SeverityError {
					rt.Fatalf("given out: %+v", p)
				}
			}
			return nil
		})
		checkReport(rt, rep, err, len(seen))
	})
}

type fataler interface {
	Fatalf(format string, args ...any)
}

func checkReport(t fataler, rep *Report, err error, given int) {
	if rep == nil {
		if _, ok := source.Rejected(err); !ok {
			t.Fatalf("no report: %v", err)
		}
		return
	}
	c := rep.Counts
	if c.Read != c.Kept+c.Filtered+c.Rejected || c.Kept != given || c.Unlocated > c.Kept || c.Repaired > c.Kept {
		t.Fatalf("%+v, %d given", c, given)
	}
	total := 0
	for _, n := range rep.ProblemCounts {
		total += n
	}
	if total < len(rep.Problems) {
		t.Fatalf("%d problems counted of %d", total, len(rep.Problems))
	}
	if !slices.IsSortedFunc(rep.Problems, func(a, b data.Problem) int { return severity(a) - severity(b) }) {
		t.Fatalf("not worst first: %+v", rep.Problems)
	}
	if err != nil {
		if _, ok := source.Rejected(err); !ok {
			t.Fatalf("%v", err)
		}
	} else if given == 0 {
		t.Fatalf("nothing given and nothing said")
	}
}

func severity(p data.Problem) int {
	return slices.Index([]data.Severity{data.SeverityError, data.SeverityWarning, data.SeverityInfo}, p.Severity)
}

// More problems than a record keeps are still all counted.
func TestProblemsAreCapped(t *testing.T) {
	var content strings.Builder
	content.WriteString(header)
	content.WriteString(rowA + "\n")
	const n = data.MaxProblems + 500
	for i := range n {
		fmt.Fprintf(&content, "X%d;Foyer;177;01004;0;0;;open;\n", i)
	}
	b := newBench(t)
	im := b.do(Request{Input: text(t, "s.csv", content.String()), Layer: data.LayerSites})
	if len(im.Problems) != data.MaxProblems || im.ProblemCounts[source.CodeZeroCoordinates] != n {
		t.Errorf("%d kept, %v counted", len(im.Problems), im.ProblemCounts)
	}
	if len(im.Changes) != data.MaxProblems || im.ChangeCounts["new"] != n+1 {
		t.Errorf("%d changes kept, %v counted", len(im.Changes), im.ChangeCounts)
	}
}

func FuzzEachSite(f *testing.F) {
	f.Add("s.csv", goodSites)
	f.Add("f.csv", "finess;etalab;1;2026-05-12\n"+etalabLine("010000024", "177")+"geolocalisation;010000024;870000;6540000;1,ATLASANTE,96,BAN,L93_METROPOLE;2025-01-01\n")
	f.Add("s.geojson", collection(`{"type":"Feature","id":"a","properties":{"name":"A"},"geometry":{"type":"Point","coordinates":[5.3,45.9]}}`))
	f.Add("s.json", `{"schemaVersion":"1","pmej":[{"ege":[{"informationsGeneralesEGE":{"numFinessEge":"010000024"}}]}]}`)
	f.Fuzz(func(t *testing.T, name, content string) {
		in, err := source.FromFiles([]source.NamedReaderAt{{Name: name, Size: int64(len(content)), ReaderAt: strings.NewReader(content)}}, source.Limits{MaxBytes: 1 << 20})
		if err != nil {
			return
		}
		n := 0
		rep, err := EachSite(context.Background(), in, source.Options{Services: true}, "", func(s data.Site) error { n++; return nil })
		checkReport(t, rep, err, n)
	})
}

func FuzzReadZones(f *testing.F) {
	f.Add("z.geojson", collection(zoneFeature("QN00101M", square)))
	f.Add("z.geojson", collection(zoneFeature("Z", `[[5.35,45.95],[5.36,45.96],[5.36,45.95],[5.35,45.96],[5.35,45.95]]`)))
	f.Add("z.csv", "code;nom;wkt\nZ;Zone;POLYGON((5.35 45.95,5.36 45.95,5.36 45.96,5.35 45.95))\n")
	f.Add("q.json", `{"zones":[{"name":"Q","dep":"01","code":"1","g":[[[[5.35,45.95],[5.36,45.95],[5.36,45.96],[5.35,45.95]]]]}]}`)
	f.Fuzz(func(t *testing.T, name, content string) {
		in, err := source.FromFiles([]source.NamedReaderAt{{Name: name, Size: int64(len(content)), ReaderAt: strings.NewReader(content)}}, source.Limits{MaxBytes: 1 << 20})
		if err != nil {
			return
		}
		zones, rep, err := ReadZones(context.Background(), in, source.Options{}, "")
		if err == nil {
			checkReport(t, rep, err, len(zones))
		}
		for _, z := range zones {
			if ok, p := repair.Valid(z.Geometry); !ok {
				t.Fatalf("%s is not valid: %v", z.Code, p)
			}
			if len(z.Validate()) > 0 && slices.ContainsFunc(z.Validate(), func(p data.Problem) bool { return p.Severity == data.SeverityError }) {
				t.Fatalf("%+v", z.Validate())
			}
			if repair.Area(z.Geometry) < repair.MinArea {
				t.Fatalf("%s has no area", z.Code)
			}
		}
	})
}

// isInvalid tells whether err is an *data.InvalidError, with a problem of this code unless empty.
func isInvalid(err error, code string) bool {
	var invalid *data.InvalidError
	return errors.As(err, &invalid) && (code == "" || slices.ContainsFunc(invalid.Problems, func(p data.Problem) bool { return p.Code == code }))
}

// The same zones in another order of features are the same import.
func TestOrderDoesNotMatter(t *testing.T) {
	b := newBench(t)
	features := []string{zoneFeature("QN00101M", square), zoneFeature("QN00102M", `[[5.45,45.95],[5.46,45.95],[5.46,45.96],[5.45,45.95]]`)}
	b.do(Request{Input: text(t, "a.geojson", collection(features...)), Layer: data.LayerZones})
	slices.Reverse(features)
	im := b.do(Request{Input: text(t, "b.geojson", collection(features...)), Layer: data.LayerZones})
	if im.Counts.Unchanged != 2 || len(im.ChangeCounts) != 0 {
		t.Errorf("%s %v", summary(im), slices.Collect(maps.Keys(im.ChangeCounts)))
	}
}

func TestUseEdition(t *testing.T) {
	ctx := context.Background()
	b := newBench(t)
	for _, edition := range []string{"2015", "2024"} {
		b.do(Request{
			Layer: data.LayerZones, Options: source.Options{Kind: data.ZoneQPV, Edition: edition},
			Input: text(t, "z.geojson", collection(zoneFeature("Z1", square))),
		})
	}
	refreshed := b.refresh.Load()
	if err := b.service.UseEdition(ctx, b.by, data.ZoneQPV, "2015"); err != nil {
		t.Fatal(err)
	}
	editions, err := b.store.Editions(ctx)
	if err != nil || !editions[0].Current || editions[1].Current || b.refresh.Load() != refreshed+1 {
		t.Errorf("%+v, %v", editions, err)
	}
	before := b.dump(true)
	if err := b.service.UseEdition(ctx, b.by, data.ZoneQPV, "2015"); err != nil || b.dump(true) != before {
		t.Errorf("current already: %v", err)
	}
	if err := b.service.UseEdition(ctx, b.by, data.ZoneQRR, "2015"); !errors.Is(err, data.ErrNotFound) {
		t.Errorf("no such edition: %v", err)
	}
	reader := data.NewViewer(data.ViewerSpec{Subject: "r", Precision: data.ViewExact})
	if err := b.service.UseEdition(ctx, reader, data.ZoneQPV, "2024"); !errors.Is(err, data.ErrForbidden) {
		t.Errorf("a reader: %v", err)
	}
}
