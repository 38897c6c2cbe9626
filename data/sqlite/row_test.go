package sqlite

import (
	"database/sql"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"vigie/data"
)

func TestKeysAreFoundAgain(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		kind := rapid.SampledFrom(data.ZoneKinds).Draw(r, "kind")
		edition := rapid.OneOf(rapid.String(), rapid.StringMatching(`[/%a ]*`)).Draw(r, "edition")
		code := rapid.OneOf(rapid.String(), rapid.StringMatching(`[/%a ]*`)).Draw(r, "code")
		if got := zoneTable.keyArgs(zoneKey(kind, edition, code)); !reflect.DeepEqual(got, []any{string(kind), edition, code}) {
			r.Errorf("got %q", got)
		}
		a := data.Area{Level: "a" + edition, Code: "a" + code}
		area, err := areaRow(&a)
		if err != nil {
			r.Fatal(err)
		}
		if got := areaTable.keyArgs(area.key); !reflect.DeepEqual(got, []any{a.Level, a.Code}) {
			r.Errorf("got %q", got)
		}
	})
}

func TestStatesComeBack(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		text := rapid.String()
		department := text.Draw(r, "department")
		site, err := siteRow(&data.StoredSite{
			Site:   data.Site{ID: "s", Name: text.Draw(r, "name"), DepartmentCode: department},
			Source: &data.Site{Name: text.Draw(r, "source")}, MergedInto: text.Draw(r, "merged"),
		})
		if err != nil {
			r.Fatal(err)
		}
		area, err := areaRow(&data.Area{Level: "l", Code: "c", Name: text.Draw(r, "area"), Geometry: nil})
		if err != nil {
			r.Fatal(err)
		}
		area.geometry = rapid.SliceOf(rapid.Byte()).Draw(r, "geometry")
		for _, want := range []*row{site, area} {
			state, err := want.state()
			if err != nil {
				r.Fatal(err)
			}
			got, err := parseState(want.key, state)
			if err != nil {
				r.Fatal(err)
			}
			if !got.same(want) || len(got.departments) != len(want.departments) {
				r.Errorf("got %+v, want %+v", got, want)
			}
		}
	})
}

// A state damaged on disk gives an error, not a panic, and what parses is stable.
func FuzzParseState(f *testing.F) {
	f.Add(`{"record":{"id":"a","department_code":"99"},"source":{},"merged_into":"b","geometry":"AQ=="}`)
	f.Add(`{"record":{"department_codes":["98","99"]}}`)
	f.Add(`{"record":`)
	f.Add(``)
	f.Fuzz(func(t *testing.T, s string) {
		r, err := parseState("k", sql.NullString{String: s, Valid: true})
		if err != nil || r.record == "" {
			return
		}
		again, err := r.state()
		if err != nil {
			t.Fatal(err)
		}
		back, err := parseState("k", again)
		if err != nil || !back.same(r) {
			t.Errorf("%q became %+v, then %+v: %v", s, r, back, err)
		}
	})
}
