package ingest

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"vigie/data"
	"vigie/data/source"
)

func ptr[T any](v T) *T { return &v }

func TestAddSite(t *testing.T) {
	ctx := context.Background()
	b := newBench(t)
	added, err := b.service.AddSite(ctx, b.by, data.Site{
		ID: "ignored", FINESS: "010000099", Name: "Foyer d’Essai", Category: "177", CommuneCode: "97411",
		Position: &data.Position{Point: orb.Point{55.45, -20.9}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if added.ID != "010000099" || added.Kind != "mecs" || added.Status != data.SiteOpen || added.DepartmentCode != "974" ||
		added.Position.Precision != data.PrecisionSurveyed || added.Version != 1 || added.Source != nil {
		t.Errorf("%+v", added)
	}
	if stored := b.sites()["010000099"]; !sameSite(&stored.Site, &added.Site) || b.refresh.Load() != 1 {
		t.Errorf("%+v", stored)
	}
	issued, err := b.service.AddSite(ctx, b.by, data.Site{Name: "Sans numéro", DepartmentCode: "2A"})
	if err != nil || !strings.HasPrefix(issued.ID, "id-") || issued.Kind != data.KindOther {
		t.Errorf("%+v, %v", issued, err)
	}

	valid := data.Site{Name: "Foyer", CommuneCode: "01004"}
	before := b.dump(true)
	for name, c := range map[string]struct {
		change func(*data.Site)
		field  string
		code   string
	}{
		"no name":              {func(s *data.Site) { s.Name = "" }, "name", data.CodeMissingName},
		"nowhere":              {func(s *data.Site) { s.CommuneCode = "" }, "department_code", data.CodeInvalidDepartment},
		"bad commune":          {func(s *data.Site) { s.CommuneCode = "1004" }, "commune_code", data.CodeInvalidCommune},
		"number taken":         {func(s *data.Site) { s.FINESS = "010000099" }, "finess", CodeAlreadyExists},
		"bad number":           {func(s *data.Site) { s.FINESS = "1" }, "finess", data.CodeInvalidFINESS},
		"no capacity":          {func(s *data.Site) { s.Capacity = ptr(0) }, "capacity", data.CodeInvalidCapacity},
		"swapped":              {func(s *data.Site) { s.Position = &data.Position{Point: orb.Point{45.95, 5.35}} }, "position.point", source.CodeSwapped},
		"outside France":       {func(s *data.Site) { s.Position = &data.Position{Point: orb.Point{-74, 40}} }, "position.point", source.CodeOutsideFrance},
		"(0, 0)":               {func(s *data.Site) { s.Position = &data.Position{} }, "position.point", data.CodeInvalidPosition},
		"NaN":                  {func(s *data.Site) { s.Position = &data.Position{Point: orb.Point{math.NaN(), 1}} }, "position.point", data.CodeInvalidPosition},
		"overseas":             {func(s *data.Site) { s.Position = &data.Position{Point: orb.Point{55.45, -20.9}} }, "position.point", source.CodeDepartmentMismatch},
		"open and closed":      {func(s *data.Site) { s.ClosedOn = "2020-01-01" }, "closed_on", data.CodeInvalidDate},
		"unheard-of precision": {func(s *data.Site) { s.Position = &data.Position{Point: orb.Point{5.35, 45.95}, Precision: "x"} }, "position.precision", data.CodeInvalidPrecision},
	} {
		s := valid
		c.change(&s)
		_, err := b.service.AddSite(ctx, b.by, s)
		var invalid *data.InvalidError
		if !errors.As(err, &invalid) || !slices.ContainsFunc(invalid.Problems, func(p data.Problem) bool {
			return p.Field == c.field && p.Code == c.code && p.Message.FR != "" && p.Message.EN != ""
		}) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if b.dump(true) != before {
		t.Error("an invalid home was written")
	}
}

func TestCorrectSite(t *testing.T) {
	ctx := context.Background()
	b := newBench(t)
	b.importSites(Request{}, rowA, rowB)

	got, err := b.service.CorrectSite(ctx, b.by, "A", 1, SitePatch{
		Category: ptr("172"), Capacity: ptr((*int)(nil)), CommuneCode: ptr("01053"),
		Position: ptr(&data.Position{Point: orb.Point{5.23, 46.21}}), Address: &data.Address{Street: "5 rue Cinq"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got.Version != 2 || got.Kind != "infant_home" || got.Capacity != nil || got.DepartmentCode != "01" || got.Address.Street != "5 rue Cinq" ||
		got.Position.Precision != data.PrecisionSurveyed || got.Name != "Foyer A" || got.Source.Category != "177" {
		t.Errorf("%+v", got)
	}
	refreshed := b.refresh.Load()
	if same, err := b.service.CorrectSite(ctx, b.by, "A", 2, SitePatch{Name: ptr("Foyer A")}); err != nil || same.Version != 2 || b.refresh.Load() != refreshed {
		t.Errorf("a correction that changes nothing writes nothing: %+v, %v", same, err)
	}
	before := b.dump(true)
	if _, err := b.service.CorrectSite(ctx, b.by, "A", 1, SitePatch{Name: ptr("x")}); !errors.Is(err, data.ErrConflict) {
		t.Errorf("made from an old version: %v", err)
	}
	if _, err := b.service.CorrectSite(ctx, b.by, "Z", 1, SitePatch{Name: ptr("x")}); !errors.Is(err, data.ErrNotFound) {
		t.Errorf("unknown: %v", err)
	}
	if _, err := b.service.CorrectSite(ctx, b.by, "A", 2, SitePatch{Capacity: ptr(ptr(5000))}); !isInvalid(err, data.CodeInvalidCapacity) {
		t.Errorf("invalid: %v", err)
	}
	if b.dump(true) != before {
		t.Error("a refused correction was written")
	}
}

func TestCloseAndReopen(t *testing.T) {
	ctx := context.Background()
	b := newBench(t)
	b.importSites(Request{}, rowA, "N;Sans lieu;177;;;;;open;")
	if _, err := b.service.CloseSite(ctx, b.by, "A", 1, "2026-02-30"); !isInvalid(err, data.CodeInvalidDate) {
		t.Errorf("no such day: %v", err)
	}
	s, err := b.service.CloseSite(ctx, b.by, "A", 1, "")
	if err != nil || s.Status != data.SiteClosed || s.ClosedOn != "2026-09-01" || s.Version != 2 {
		t.Errorf("%+v, %v", s, err)
	}
	if _, err := b.service.CloseSite(ctx, b.by, "A", 2, ""); !isInvalid(err, CodeAlreadyClosed) {
		t.Errorf("closed twice: %v", err)
	}
	// The file still says open; the correction holds.
	if im := b.importSites(Request{}, rowA); im.Counts.Unchanged != 1 || b.sites()["A"].Status != data.SiteClosed {
		t.Error("an import reopened what a person closed")
	}
	if s, err = b.service.ReopenSite(ctx, b.by, "A", 2); err != nil || s.Status != data.SiteOpen || s.ClosedOn != "" {
		t.Errorf("%+v, %v", s, err)
	}
	if _, err := b.service.ReopenSite(ctx, b.by, "A", 3); !isInvalid(err, CodeAlreadyOpen) {
		t.Errorf("opened twice: %v", err)
	}
	// What was wrong before does not stand in the way.
	if _, err := b.service.CloseSite(ctx, b.by, "N", 1, ""); err != nil {
		t.Errorf("a home without département can be closed: %v", err)
	}
}

func TestMergeRefusals(t *testing.T) {
	ctx := context.Background()
	b := newBench(t)
	b.importSites(Request{}, rowA, rowB)
	before := b.dump(true)
	if _, err := b.service.MergeSites(ctx, b.by, "A", "A", [2]int64{1, 1}); !isInvalid(err, CodeMergeWithItself) {
		t.Errorf("%v", err)
	}
	if _, err := b.service.MergeSites(ctx, b.by, "A", "B", [2]int64{1, 2}); !errors.Is(err, data.ErrConflict) {
		t.Errorf("%v", err)
	}
	if _, err := b.service.MergeSites(ctx, b.by, "A", "Z", [2]int64{1, 1}); !errors.Is(err, data.ErrNotFound) {
		t.Errorf("%v", err)
	}
	reader := data.NewViewer(data.ViewerSpec{Subject: "r", Precision: data.ViewExact})
	if _, err := b.service.MergeSites(ctx, reader, "A", "B", [2]int64{1, 1}); !errors.Is(err, data.ErrForbidden) {
		t.Errorf("%v", err)
	}
	if _, err := b.service.AddSite(ctx, reader, data.Site{Name: "x", CommuneCode: "01004"}); !errors.Is(err, data.ErrForbidden) {
		t.Errorf("%v", err)
	}
	if b.dump(true) != before {
		t.Error("the store changed")
	}
}

// journal keeps the audit entries of the writes.
type journal struct {
	data.Store
	entries []data.AuditEntry
}

func (j *journal) Write(ctx context.Context, by data.Viewer, b *data.Batch, e data.AuditEntry) error {
	j.entries = append(j.entries, e)
	return j.Store.Write(ctx, by, b, e)
}

func (j *journal) UndoImport(ctx context.Context, by data.Viewer, id string, e data.AuditEntry) (*data.Import, error) {
	j.entries = append(j.entries, e)
	return j.Store.UndoImport(ctx, by, id, e)
}

// Every write is in the journal: who, what, which ids, why; no position.
func TestJournal(t *testing.T) {
	ctx := context.Background()
	b := newBench(t)
	j := &journal{Store: b.store}
	s := New(j, nil, b.service.clock, b.service.ids)
	im, err := s.Import(ctx, b.by, Request{Input: sitesFile(t, rowA, rowB), Layer: data.LayerSites})
	if err != nil {
		t.Fatal(err)
	}
	added, err := s.AddSite(ctx, b.by, data.Site{Name: "C", CommuneCode: "01004", Position: &data.Position{Point: orb.Point{5.351234, 45.951234}}})
	if err != nil {
		t.Fatal(err)
	}
	steps := []error{}
	step := func(_ *data.StoredSite, err error) { steps = append(steps, err) }
	step(s.CorrectSite(ctx, b.by, added.ID, 1, SitePatch{Position: ptr(&data.Position{Point: orb.Point{5.361234, 45.951234}})}))
	step(s.CloseSite(ctx, b.by, added.ID, 2, ""))
	step(s.ReopenSite(ctx, b.by, added.ID, 3))
	step(s.MergeSites(ctx, b.by, "A", added.ID, [2]int64{1, 4}))
	if err := errors.Join(steps...); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Undo(ctx, b.by, im.ID); !errors.Is(err, data.ErrConflict) {
		t.Errorf("A was merged since: %v", err)
	}
	want := []string{
		"import " + im.ID, "site.add " + added.ID, "site.correct " + added.ID, "site.close " + added.ID,
		"site.reopen " + added.ID, "site.merge A " + added.ID, "undo " + im.ID,
	}
	var got []string
	for _, e := range j.entries {
		got = append(got, e.Action+" "+strings.Join(e.Records, " "))
		if e.Subject != "operator" || e.Purpose != "test" || !e.At.Equal(b.service.clock()) {
			t.Errorf("%+v", e)
		}
		if text, _ := json.Marshal(e); strings.Contains(string(text), "1234") {
			t.Errorf("a position is in the journal: %s", text)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if j.entries[0].Count != 2 || j.entries[5].Count != 2 {
		t.Errorf("%+v", j.entries)
	}
}

func TestPlacingDepartments(t *testing.T) {
	b, ctx := newBench(t), context.Background()
	added, err := b.service.AddSite(ctx, b.by, data.Site{Name: "Foyer", CommuneCode: "03001", PlacingDepartments: []string{"84", "03", "13", "84"}})
	if err != nil || !slices.Equal(added.PlacingDepartments, []string{"13", "84"}) {
		t.Fatalf("%+v, %v", added, err)
	}
	patch := func(version int64, p SitePatch) *data.StoredSite {
		t.Helper()
		s, err := b.service.CorrectSite(ctx, b.by, added.ID, version, p)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	if s := patch(1, SitePatch{Name: ptr("Foyer d’Essai")}); len(s.PlacingDepartments) != 2 {
		t.Errorf("%+v", s)
	}
	if s := patch(2, SitePatch{CommuneCode: ptr("13001")}); !slices.Equal(s.PlacingDepartments, []string{"84"}) {
		t.Errorf("moved to one of them: %+v", s)
	}
	if s := patch(3, SitePatch{PlacingDepartments: ptr([]string{})}); s.PlacingDepartments != nil {
		t.Errorf("emptied: %+v", s)
	}
	var invalid *data.InvalidError
	if _, err := b.service.CorrectSite(ctx, b.by, added.ID, 4, SitePatch{PlacingDepartments: ptr([]string{"20"})}); !errors.As(err, &invalid) ||
		invalid.Problems[0].Field != "placing_departments" {
		t.Errorf("%v", err)
	}

	// A file that moves a home to a département that places there, and one that is silent of them.
	file := func(content string) {
		t.Helper()
		b.do(Request{Layer: data.LayerSites, Input: text(t, "sites.csv", content)})
	}
	file("id,nom,code_commune,placing_departments\nf1,Foyer,03001,13 84\n")
	file("id,nom,code_commune\nf1,Foyer,84001\n")
	if s := b.sites()["f1"]; s.DepartmentCode != "84" || !slices.Equal(s.PlacingDepartments, []string{"13"}) {
		t.Errorf("%+v", s.Site)
	}
}

// Who may do what where; the store's contract holds the same, this is what users are told.
func TestRights(t *testing.T) {
	b, ctx := newBench(t), context.Background()
	b.do(Request{Layer: data.LayerSites, Input: text(t, "sites.csv",
		"id,nom,code_commune,placing_departments\nhere,Foyer,03001,\nthere,Foyer,84001,\nplaced,Foyer,84001,03\n")})
	viewer := func(scope data.Scope, roles ...data.Role) data.Viewer {
		spec := data.ViewerSpec{Subject: "v"}
		for _, r := range roles {
			spec.Assignments = append(spec.Assignments, data.Assignment{Role: r, Scope: scope})
		}
		return data.NewViewer(spec)
	}
	allier := data.Scope{Departments: []string{"03"}}
	inspector, admin := viewer(allier, data.RoleInspector), viewer(allier, data.RoleAdmin)
	// An inspector here who is an analyst everywhere: it knows of a masked home, not of which one.
	analyst := data.NewViewer(data.ViewerSpec{Subject: "v", Assignments: []data.Assignment{
		{Role: data.RoleInspector, Scope: allier}, {Role: data.RoleAnalyst, Scope: data.Scope{National: true}},
	}})
	planner := data.NewViewer(data.ViewerSpec{Subject: "v", Assignments: []data.Assignment{
		{Role: data.RoleInspector, Scope: allier}, {Role: data.RolePlanner, Scope: data.Scope{National: true}},
	}})
	name := SitePatch{Name: ptr("Autre nom")}
	for what, c := range map[string]struct {
		by    data.Viewer
		id    string
		patch SitePatch
		want  error
	}{
		"its own":                       {inspector, "here", name, nil},
		"elsewhere":                     {inspector, "there", name, data.ErrNotFound},
		"seen masked":                   {analyst, "there", name, data.ErrNotFound},
		"seen exactly":                  {planner, "there", name, data.ErrForbidden},
		"placed":                        {inspector, "placed", name, nil},
		"placed, and moved":             {inspector, "placed", SitePatch{CommuneCode: ptr("03001")}, data.ErrForbidden},
		"placed, and shown to others":   {inspector, "placed", SitePatch{PlacingDepartments: ptr([]string{"03", "13"})}, data.ErrForbidden},
		"its own, and shown to others":  {inspector, "here", SitePatch{PlacingDepartments: ptr([]string{"13"})}, nil},
		"its own, and moved out of its": {inspector, "here", SitePatch{CommuneCode: ptr("84001")}, data.ErrForbidden},
		"by who only imports":           {admin, "here", name, data.ErrForbidden},
	} {
		if _, err := b.service.CorrectSite(ctx, c.by, c.id, b.sites()[c.id].Version, c.patch); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", what, err, c.want)
		}
	}
	if _, err := b.service.AddSite(ctx, inspector, data.Site{Name: "Foyer", CommuneCode: "84001", PlacingDepartments: []string{"03"}}); !errors.Is(err, data.ErrForbidden) {
		t.Errorf("added elsewhere: %v", err)
	}
	request := Request{Layer: data.LayerSites, Input: text(t, "sites.csv", "id,nom,code_commune\nf1,Foyer,03001\nf2,Foyer,84001\nf3,Foyer,\n")}
	if _, err := b.service.Import(ctx, inspector, request); !errors.Is(err, data.ErrForbidden) {
		t.Errorf("imported without the right: %v", err)
	}
	im, err := b.service.Import(ctx, admin, request)
	if err != nil || im.Counts.Created != 1 || im.ProblemCounts[CodeOutsideScope] != 2 {
		t.Errorf("%+v, %v", im, err)
	}
	if _, err := b.service.Undo(ctx, inspector, im.ID); !errors.Is(err, data.ErrForbidden) {
		t.Errorf("undone without the right: %v", err)
	}
	if _, err := b.service.Undo(ctx, admin, im.ID); err != nil {
		t.Errorf("undone: %v", err)
	}
}
