package storetest

import (
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"vigie/data"
)

func (f *fixture) planner(subject string, scope data.Scope) data.Viewer {
	return f.backend.Viewer(data.ViewerSpec{Subject: subject, Assignments: []data.Assignment{{Role: data.RolePlanner, Scope: scope}}, Now: noon})
}

func study(id, department, body string) data.Document {
	return data.Document{Kind: data.DocumentStudy, ID: id, Department: department, State: "draft", Body: json.RawMessage(body)}
}

func (f *fixture) mustPutDocument(by data.Viewer, d *data.Document, at time.Time) {
	f.Helper()
	e := entry("study.put")
	e.At = at
	if err := f.store.PutDocument(f.Context(), by, d, e); err != nil {
		f.Fatalf("put %s: %v", d.ID, err)
	}
}

func (f *fixture) documents(by data.Viewer, q data.DocumentQuery) []string {
	f.Helper()
	q.Kind = data.DocumentStudy
	if q.Limit == 0 {
		q.Limit = 100
	}
	all, err := f.store.Documents(f.Context(), by, q)
	if err != nil {
		f.Fatal(err)
	}
	ids := []string{}
	for _, d := range all {
		ids = append(ids, d.ID)
	}
	return ids
}

func testDocuments(t *testing.T, b Backend) {
	f := start(t, b)
	ctx := t.Context()
	one, two := f.planner("one", departments("03")), f.planner("two", departments("03"))
	due := noon.AddDate(0, 1, 0)
	d := study("a", "03", `{"title":"Été","n":1}`)
	d.Due = &due
	f.mustPutDocument(one, &d, noon)
	equal(t, "version", d.Version, int64(1))

	got, err := f.store.Document(ctx, two, data.DocumentStudy, "a")
	if err != nil {
		t.Fatal(err)
	}
	want := d
	want.CreatedAt, want.CreatedBy, want.ChangedAt, want.ChangedBy = noon, "one", noon, "one"
	equal(t, "every field comes back", *got, want)

	later := noon.Add(time.Hour)
	got.State, got.Due, got.Body = "shared", nil, json.RawMessage(`{"title":"Été","n":2}`)
	f.mustPutDocument(two, got, later)
	history, err := f.store.DocumentHistory(ctx, one, data.DocumentStudy, "a")
	if err != nil {
		t.Fatal(err)
	}
	second := want
	second.State, second.Due, second.Body, second.Version = "shared", nil, got.Body, 2
	second.ChangedAt, second.ChangedBy = later, "two"
	equal(t, "no version is lost", history, []data.Document{second, want})

	stale := want
	stale.Body = json.RawMessage(`{}`)
	wantConflict(t, "an edit of what was edited since", f.store.PutDocument(ctx, one, &stale, entry("x")), "a")
	wantConflict(t, "a new one with a taken identifier", f.store.PutDocument(ctx, one, &data.Document{
		Kind: data.DocumentStudy, ID: "a", Department: "03", Body: json.RawMessage(`{}`),
	}, entry("x")), "a")
	wantConflict(t, "an edit of what is not there", f.store.PutDocument(ctx, one, &data.Document{
		Kind: data.DocumentStudy, ID: "z", Department: "03", Body: json.RawMessage(`{}`), Version: 3,
	}, entry("x")), "z")

	again := *got
	again.Version = 1
	actions := len(f.actions())
	f.mustPutDocument(two, &again, later.Add(time.Hour))
	equal(t, "said again, by the same", again, second)
	equal(t, "said again, journal", len(f.actions()), actions)
	again.Version = 1
	wantConflict(t, "said again, by another", f.store.PutDocument(ctx, one, &again, entry("x")), "a")

	for i, state := range []string{"draft", "closed", "shared"} {
		d := study("b"+fmt.Sprint(i), "03", `{}`)
		d.State = state
		at := noon.AddDate(0, i, 0)
		d.Due = &at
		f.mustPutDocument(one, &d, noon.Add(time.Duration(i-3)*time.Minute))
	}
	before := noon.AddDate(0, 2, 0)
	for name, c := range map[string]struct {
		q    data.DocumentQuery
		want []string
	}{
		"all":       {data.DocumentQuery{}, []string{"a", "b2", "b1", "b0"}},
		"page":      {data.DocumentQuery{Limit: 2, Offset: 1}, []string{"b2", "b1"}},
		"states":    {data.DocumentQuery{States: []string{"draft", "shared"}}, []string{"a", "b2", "b0"}},
		"none":      {data.DocumentQuery{States: []string{}}, []string{}},
		"due":       {data.DocumentQuery{DueBefore: &before}, []string{"b1", "b0"}},
		"elsewhere": {data.DocumentQuery{Department: "02"}, []string{}},
	} {
		equal(t, name, f.documents(one, c.q), c.want)
	}

	wantConflict(t, "erase what was edited since", f.store.EraseDocument(ctx, one, data.DocumentStudy, "a", 1, entry("study.erase")), "a")
	if err := f.store.EraseDocument(ctx, one, data.DocumentStudy, "a", 2, entry("study.erase")); err != nil {
		t.Fatal(err)
	}
	_, err = f.store.DocumentHistory(ctx, one, data.DocumentStudy, "a")
	wantError(t, "history of what is erased", err, data.ErrNotFound)
	fresh := study("a", "03", `{}`)
	f.mustPutDocument(one, &fresh, noon)
	history, err = f.store.DocumentHistory(ctx, one, data.DocumentStudy, "a")
	if err != nil || len(history) != 1 {
		t.Errorf("history of a new one with the identifier of one that is erased: %v, %v", history, err)
	}

	for name, bad := range map[string]data.Document{
		"no identifier": {Kind: data.DocumentStudy, Department: "03", Body: json.RawMessage(`{}`)},
		"unknown kind":  {Kind: "x", ID: "k", Department: "03", Body: json.RawMessage(`{}`)},
		"no JSON":       {Kind: data.DocumentStudy, ID: "k", Department: "03", Body: json.RawMessage(`{`)},
		"nowhere":       {Kind: data.DocumentStudy, ID: "k", Body: json.RawMessage(`{}`)},
		"too long":      {Kind: data.DocumentStudy, ID: "k", Department: "03", Body: make(json.RawMessage, data.MaxDocumentBytes+1)},
	} {
		var invalid *data.InvalidError
		if err := f.store.PutDocument(ctx, f.operator, &bad, entry("x")); !errors.As(err, &invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	nobody := study("k", "03", `{}`)
	nobody.SiteID = "gone"
	wantError(t, "about a home that is not there", f.store.PutDocument(ctx, one, &nobody, entry("x")), data.ErrNotFound)

	// Of many who edit the same version one wins.
	var group sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		group.Go(func() {
			d := fresh
			d.Body = json.RawMessage(fmt.Sprintf(`{"by":%d}`, i))
			errs[i] = f.store.PutDocument(ctx, one, &d, entry("study.put"))
		})
	}
	group.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
		} else if !errors.Is(err, data.ErrConflict) {
			t.Error(err)
		}
	}
	equal(t, "edits at once that won", won, 1)
}

func testDocumentRights(t *testing.T, b Backend) {
	f := start(t, b)
	ctx := t.Context()
	placing := site("s2", "02", "", 1)
	placing.PlacingDepartments = []string{"01"}
	f.mustWrite(imported("first", data.Batch{PutSites: []data.StoredSite{site("s1", "03", "", 1), placing}}))
	here, there := f.planner("here", departments("03")), f.planner("there", departments("02"))
	named := f.planner("named", data.Scope{Sites: []string{"s1"}})
	places := f.planner("places", departments("01"))
	analyst := b.Viewer(data.ViewerSpec{Subject: "analyst", Assignments: []data.Assignment{{Role: data.RoleAnalyst, Scope: national}}, Now: noon})

	ours := study("ours", "03", `{}`)
	f.mustPutDocument(here, &ours, noon)
	about := study("about", "", `{}`)
	about.SiteID = "s1"
	f.mustPutDocument(here, &about, noon)
	equal(t, "the département is the home's", about.Department, "03")
	away := study("away", "", `{}`)
	away.SiteID = "s2"
	f.mustPutDocument(there, &away, noon)

	for name, c := range map[string]struct {
		by    data.Viewer
		reads []string
	}{
		"of the département":          {here, []string{"about", "ours"}},
		"of another":                  {there, []string{"away"}},
		"of one that places children": {places, []string{"away"}},
		"of a named home":             {named, []string{"about"}},
		"an analyst":                  {analyst, []string{}},
		"the public":                  {data.Viewer{}, []string{}},
	} {
		equal(t, name+": list", f.documents(c.by, data.DocumentQuery{}), c.reads)
		for _, id := range []string{"about", "away", "ours", "none"} {
			_, err := f.store.Document(ctx, c.by, data.DocumentStudy, id)
			_, errHistory := f.store.DocumentHistory(ctx, c.by, data.DocumentStudy, id)
			for _, read := range c.reads {
				if read == id && (err != nil || errHistory != nil) {
					t.Errorf("%s reads %s: %v, %v", name, id, err, errHistory)
				}
			}
			if err != nil && (!errors.Is(err, data.ErrNotFound) || !errors.Is(errHistory, data.ErrNotFound)) {
				t.Errorf("%s reads %s: %v, %v", name, id, err, errHistory)
			}
		}
	}

	taken := ours
	wantError(t, "replaces what it may not read", f.store.PutDocument(ctx, there, &taken, entry("x")), data.ErrNotFound)
	wantError(t, "erases what it may not read", f.store.EraseDocument(ctx, there, data.DocumentStudy, "ours", 1, entry("x")), data.ErrNotFound)
	fresh := study("new", "03", `{}`)
	wantError(t, "creates elsewhere", f.store.PutDocument(ctx, there, &fresh, entry("x")), data.ErrForbidden)
	moved := ours
	moved.Department = "02"
	wantError(t, "gives away", f.store.PutDocument(ctx, here, &moved, entry("x")), data.ErrForbidden)
	fresh.SiteID = "s1"
	f.mustPutDocument(named, &fresh, noon)

	// A home that is gone leaves what was written about it to its département.
	f.mustUndo("first")
	equal(t, "of the département, home gone", f.documents(here, data.DocumentQuery{SiteID: "s1"}), []string{"about", "new"})
	equal(t, "of a named home, gone", f.documents(named, data.DocumentQuery{}), []string{})
}
