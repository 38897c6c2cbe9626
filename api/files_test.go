package api_test

import (
	"archive/zip"
	"bytes"
	"context"
	"database/sql"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/xuri/excelize/v2"

	"vigie/data"
	export "vigie/data/export/all"
)

// A file of the format, read by somebody else's software: what each feature is called.
var readers = map[string]func(*testing.T, []byte) []string{
	"csv":       func(t *testing.T, b []byte) []string { return lines(t, b, ',') },
	"csv-excel": func(t *testing.T, b []byte) []string { return lines(t, bytes.TrimPrefix(b, []byte("\ufeff")), ';') },
	"xlsx": func(t *testing.T, b []byte) []string {
		book, err := excelize.OpenReader(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		rows, err := book.GetRows(book.GetSheetList()[0])
		if err != nil {
			t.Fatal(err)
		}
		return firsts(rows[1:])
	},
	"gpkg": func(t *testing.T, b []byte) (ids []string) {
		path := filepath.Join(t.TempDir(), "file.gpkg")
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		db, err := sql.Open("sqlite3", path)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		rows, err := db.Query("SELECT site_id FROM sites ORDER BY site_id")
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		for rows.Next() {
			var id string
			if err := rows.Scan(&id); err != nil {
				t.Fatal(err)
			}
			ids = append(ids, id)
		}
		return ids
	},
	"parquet": func(t *testing.T, b []byte) (ids []string) {
		rows, err := parquet.Read[struct {
			ID string `parquet:"site_id,optional"`
		}](bytes.NewReader(b), int64(len(b)))
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			ids = append(ids, r.ID)
		}
		return ids
	},
}

func lines(t *testing.T, b []byte, separator rune) []string {
	t.Helper()
	r := csv.NewReader(bytes.NewReader(b))
	r.Comma = separator
	rows, err := r.ReadAll()
	if err != nil || rows[0][0] != "site_id" {
		t.Fatalf("%v: %.100s", err, b)
	}
	return firsts(rows[1:])
}

func firsts(rows [][]string) (out []string) {
	for _, r := range rows {
		out = append(out, r[0])
	}
	return out
}

// plain is a file without its compression.
func plain(t *testing.T, b []byte) []byte {
	archive, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return b
	}
	var out bytes.Buffer
	for _, f := range archive.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(&out, r); err != nil {
			t.Fatal(err)
		}
	}
	return out.Bytes()
}

// exported is the last export of the journal.
func (s *server) exported(t *testing.T) data.AuditRecord {
	t.Helper()
	records, _ := s.records(t)
	for _, r := range slices.Backward(records) {
		if r.Action == data.ActionExport {
			return r
		}
	}
	t.Fatal("no export is in the journal")
	return data.AuditRecord{}
}

// An analyst takes the masked view away in each format: whole, marked, and in the journal.
func TestMaskedFiles(t *testing.T) {
	s := newDemoServer(t)
	homes := s.homes(t, "analyst", "")
	some := s.homes(t, "analyst", "&filter=exposure_class%3E%273%27")
	if len(some.Features) == 0 || len(some.Features) == len(homes.Features) {
		t.Fatalf("%d of %d", len(some.Features), len(homes.Features))
	}
	for _, f := range export.Formats() {
		read := readers[f.ID]
		if read == nil {
			continue // GeoJSON comes in pages
		}
		w := s.as("analyst", "GET", "/api/collections/sites/items?f="+f.ID, "")
		ids := read(t, w.Body.Bytes())
		if w.Code != 200 || w.Header().Get("Content-Type") != f.MediaType || !slices.Equal(ids, homes.ids()) {
			t.Fatalf("%s: %d %s, %d of %d homes", f.ID, w.Code, w.Header().Get("Content-Type"), len(ids), len(homes.Features))
		}
		for name, want := range map[string]string{
			"Content-Disposition": "attachment; filename=vigie-sites-masked-2026-11-24" + f.Extension, "Cache-Control": "no-store", "ETag": "",
			"OGC-NumberMatched": strconv.Itoa(len(ids)), "OGC-NumberReturned": strconv.Itoa(len(ids)),
		} {
			if got := w.Header().Get(name); got != want {
				t.Errorf("%s: %s %q, want %q", f.ID, name, got, want)
			}
		}
		entry := s.exported(t)
		if entry.Subject != "analyst" || entry.Count != len(ids) || len(entry.Records) != 1 || entry.Purpose != "inspection" {
			t.Fatalf("%s: %+v", f.ID, entry)
		}
		mark, _ := strings.CutPrefix(entry.Records[0], "mark:")
		for _, fact := range []string{mark, "analyst", "2027-02-22", "inspection", "masked", "2026-11-24T", "Vigie test"} {
			if !bytes.Contains(plain(t, w.Body.Bytes()), []byte(fact)) {
				t.Errorf("%s does not say %q", f.ID, fact)
			}
		}
		// The same file by its media type, with the same filters, page by page.
		meant := export.Formats()[slices.IndexFunc(export.Formats(), func(o export.Format) bool { return o.MediaType == f.MediaType })].ID
		w = s.as("analyst", "GET", "/api/collections/sites/items?filter=exposure_class%3E%273%27", "", "Accept", f.MediaType)
		if got := readers[meant](t, w.Body.Bytes()); !slices.Equal(got, some.ids()) {
			t.Errorf("%s: %v, want %v", f.ID, got, some.ids())
		}
		w = s.as("analyst", "GET", "/api/collections/sites/items?limit=2&f="+f.ID, "")
		if got := read(t, w.Body.Bytes()); !slices.Equal(got, homes.ids()[:2]) || w.Header().Get("OGC-NumberMatched") != strconv.Itoa(len(ids)) {
			t.Errorf("%s: %v of %s", f.ID, got, w.Header().Get("OGC-NumberMatched"))
		}
		next := headerLink(w, "next")
		if next == "" {
			t.Fatalf("%s: links %v", f.ID, w.Header().Values("Link"))
		}
		if got := read(t, s.as("analyst", "GET", path(t, next), "").Body.Bytes()); !slices.Equal(got, homes.ids()[2:4]) {
			t.Errorf("%s: the next page is %v", f.ID, got)
		}
		if self := s.as("planner", "GET", "/api/collections/sites/items?precision=masked&f="+f.ID, ""); !slices.Equal(read(t, self.Body.Bytes()), homes.ids()) {
			t.Errorf("%s: masked view of a planner: %d", f.ID, self.Code)
		}
		wantProblem(t, s.as("analyst", "GET", "/api/collections/sites/items?crs="+lambert93+"&f="+f.ID, ""), 400, "invalid-parameter")
		wantProblem(t, s.as("", "GET", "/api/collections/sites/items?f="+f.ID, ""), 404, "not-found")
	}
}

func headerLink(w *httptest.ResponseRecorder, rel string) string {
	for _, l := range w.Header().Values("Link") {
		if href, rest, ok := strings.Cut(strings.TrimPrefix(l, "<"), ">"); ok && strings.Contains(rest, `rel="`+rel+`"`) {
			return href
		}
	}
	return ""
}

// grant lets a planner export the register of a scope, once.
func (s *server) grant(t *testing.T, scope string) {
	t.Helper()
	asked := s.as("planner", "POST", "/api/grants", `{"kind":"register_export","scope":`+scope+`,"purpose":"Bilan annuel"}`)
	id := decode[struct{ ID string }](t, asked).ID
	if w := s.as("mia", "POST", "/api/grants/"+id+"/decision", `{"approve":true,"reason":"Conforme","days":7}`); w.Code != 200 {
		t.Fatalf("%s, %d %s", asked.Body, w.Code, w.Body)
	}
}

// The exact register leaves as a file with the approval of a second person only, once each.
func TestExactFilesNeedAGrant(t *testing.T) {
	s := newServer(t)
	homes := s.homes(t, "planner", "")
	refused := func(target string, headers ...string) {
		t.Helper()
		p := wantProblem(t, s.as("planner", "GET", target, "", append(headers, "Accept-Language", "en")...), 403, "forbidden")
		if !strings.Contains(p.Detail, "register_export") {
			t.Errorf("%s", p.Detail)
		}
	}
	for id, read := range readers {
		target := "/api/collections/sites/items?f=" + id
		for _, query := range []string{"", "&limit=1", "&filter=capacity%3C0", "&department_code=01", "&department_code=74"} {
			refused(target + query)
		}
		s.grant(t, `{"departments":["01"]}`)
		refused(target + "&department_code=74")
		wantProblem(t, s.as("planner", "GET", target, "", "Sec-Fetch-Site", "cross-site"), 403, "cross-origin")
		wantProblem(t, s.as("planner", "GET", target+"&filter=castle", ""), 400, "invalid-parameter")
		if w := s.as("planner", "HEAD", target, ""); w.Code != 200 || w.Header().Get("OGC-NumberMatched") != "" {
			t.Errorf("HEAD: %d %v", w.Code, w.Header())
		}
		w := s.as("planner", "GET", target, "")
		if w.Code != 200 || w.Header().Get("Cache-Control") != "no-store" || !slices.Equal(read(t, w.Body.Bytes()), homes.ids()) {
			t.Fatalf("%s: %d %.200s", id, w.Code, w.Body)
		}
		entry := s.exported(t)
		if entry.Subject != "planner" || entry.Count != len(homes.Features) || !slices.Equal(entry.Records[:len(homes.Features)], homes.ids()) || !strings.HasPrefix(entry.Records[len(homes.Features)], "mark:") {
			t.Errorf("%+v", entry)
		}
		refused(target)
	}
	// A journal that can't be written lets nothing out.
	s.grant(t, `{"departments":["01"]}`)
	s.audit.err = errors.New("full")
	if w := s.as("planner", "GET", "/api/collections/sites/items?f=csv", ""); w.Code != 500 || strings.Contains(w.Body.String(), "Imaginaire") || w.Header().Get("Content-Disposition") != "" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// Files of what is public are for everyone, the same, and named nobody's.
func TestPublicFiles(t *testing.T) {
	s := newServer(t)
	for _, f := range export.Formats() {
		w := s.anyone("GET", "/api/collections/zones/items?f="+f.ID, "")
		if w.Code != 200 || w.Header().Get("Cache-Control") != "private, no-cache" || w.Body.Len() == 0 {
			t.Errorf("%s: %d %s", f.ID, w.Code, w.Body)
		}
		if again := s.anyone("GET", "/api/collections/zones/items?f="+f.ID, "", "If-None-Match", w.Header().Get("ETag")); again.Code != 304 {
			t.Errorf("%s: %d", f.ID, again.Code)
		}
	}
	if w := s.anyone("GET", "/api/collections/zones/items?f=csv&properties=zone_id&sortby=-zone_id&limit=1", ""); !strings.HasPrefix(w.Body.String(), "zone_id,wkt\r\na/b c,\"MULTIPOLYGON(((") {
		t.Errorf("%s", w.Body)
	}
	if w := s.do("GET", "/api/collections/zones/items?f=csv", ""); w.Header().Get("Cache-Control") != "no-store" || !strings.Contains(w.Body.String(), "export_recipient") {
		t.Errorf("of a viewer of restricted zones: %v %s", w.Header(), w.Body)
	}
}

// What a condition tells of exact homes is in the journal, even on a page without them.
func TestConditionsAreInTheJournal(t *testing.T) {
	s := newServer(t)
	for _, tt := range []struct {
		query   string
		records []string
		count   int
	}{
		{"filter=site_id%3D%27F-003%27+AND+capacity+%3E+12&after=F-020", []string{"F-003"}, 1},
		{"limit=1&bbox=5.295,45.9,5.325,46", []string{"F-000", "F-001", "F-002"}, 3},
		{"limit=1&in_zone=true&after=F-002", []string{"F-000", "F-001", "F-002"}, 3},
		{"limit=2&near=5.31,45.95&within=700&after=F-020", []string{"F-001"}, 1},
		{"limit=1&status=closed&after=F-024", []string{"F-024"}, 1},
		{"limit=2", []string{"F-000", "F-001"}, 2},
		{"limit=2&filter=capacity%3C0", nil, 0},
	} {
		before := len(s.audit.entries)
		get[collection](t, s, "/api/collections/sites/items?"+tt.query)
		entries := s.audit.entries[before:]
		if tt.count == 0 {
			if len(entries) != 0 {
				t.Errorf("%s: %+v", tt.query, entries)
			}
			continue
		}
		if len(entries) != 1 || entries[0].Action != data.ActionRead || entries[0].Count != tt.count || !slices.Equal(entries[0].Records, tt.records) {
			t.Errorf("%s: %+v", tt.query, entries)
		}
	}
	for _, after := range []string{"~", "F-0001", elsewhere, "F-999"} {
		p := wantProblem(t, s.do("GET", "/api/collections/sites/items?after="+after, ""), 400, "invalid-parameter")
		if p.Problems[0].Field != "after" {
			t.Errorf("%+v", p)
		}
	}
}

// A home that is not on the page that a sort begins is named too.
func TestSortsAreInTheJournal(t *testing.T) {
	s := newServer(t)
	get[collection](t, s, "/api/collections/sites/items?limit=1&sortby=capacity")
	if e := s.audit.entries[len(s.audit.entries)-1]; e.Count != sitesInFixture-1 || len(e.Records) != sitesInFixture-1 {
		t.Errorf("%+v", e)
	}
}

// What costs much is refused or given up, for who is not signed in as for others.
func TestCostlyFilters(t *testing.T) {
	s := newServer(t)
	star := make([]string, 999)
	for i := range star {
		sin, cos := math.Sincos(2 * math.Pi * float64(i*499) / 999)
		star[i] = fmt.Sprintf("%.6f %.6f", 5.5+cos, 46+sin)
	}
	line := "S_CROSSES(geometry,LINESTRING(" + strings.Join(star[:150], ",") + "))"
	for _, filter := range []string{line, strings.Replace(line, "S_CROSSES", "S_INTERSECTS", 1)} {
		wantProblem(t, s.anyone("GET", asked("areas", "filter", filter), ""), 400, "invalid-parameter")
	}
	p := wantProblem(t, s.anyone("GET", asked("areas", "filter", "S_CROSSES(geometry,LINESTRING("+strings.Join(star[:300], ",")+"))"), ""), 400, "invalid-parameter")
	if p.Problems[0].Field != "filter" {
		t.Errorf("%+v", p)
	}
	// Past its deadline, a request is not worked on any more.
	ctx, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancel()
	for _, query := range []string{"", "filter=S_INTERSECTS(geometry,POINT(5.5+46))", "f=csv"} {
		r := httptest.NewRequestWithContext(ctx, "GET", items("areas", query), nil)
		r.Host = "127.0.0.1:8080"
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		wantProblem(t, w, 503, "timeout")
	}
}

// Descriptions of what depends on who asks say so, and tell nothing of homes too early.
func TestExtentsAndPurpose(t *testing.T) {
	s := newServer(t)
	extent := func(w *httptest.ResponseRecorder) []float64 {
		for _, c := range decode[struct{ Collections []collectionDocument }](t, w).Collections {
			if c.ID == "sites" && len(c.Extent.Spatial.BBox) > 0 {
				return c.Extent.Spatial.BBox[0]
			}
		}
		return nil
	}
	cookies := cookiesIn(s.logIn("inspector", password, ""))
	before := s.anyone("GET", "/api/collections", "", "Cookie", cookies)
	if got := extent(before); got != nil {
		t.Errorf("without a purpose: %v", got)
	}
	config := decode[struct{ Bounds []float64 }](t, s.anyone("GET", "/api/config", "", "Cookie", cookies))
	if public := decode[struct{ Bounds []float64 }](t, s.anyone("GET", "/api/config", "")); !slices.Equal(config.Bounds, public.Bounds) {
		t.Errorf("without a purpose: bounds %v", config.Bounds)
	}
	after := s.as("inspector", "GET", "/api/collections", "", "If-None-Match", before.Header().Get("ETag"))
	if got := extent(after); !slices.Equal(got, []float64{5.25, 45.75, 5.75, 46}) {
		t.Errorf("extent %v", got)
	}
	for _, target := range []string{"/api/collections", "/api/collections/zones/items", "/api/collections/sites/items", "/api/collections/sites/schema"} {
		w := s.do("GET", target, "")
		if vary := strings.Join(w.Header().Values("Vary"), ", "); !strings.Contains(vary, "Cookie, Authorization") || w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s of a viewer of restricted zones: Vary %q, Cache-Control %q", target, vary, w.Header().Get("Cache-Control"))
		}
	}
}

// The masked view that an exact viewer asks for is renewed by releases, and by nothing else.
func TestMaskedValidatorIsTheReleases(t *testing.T) {
	s := newDemoServer(t)
	const target = "/api/collections/sites/items?precision=masked&limit=3"
	tag := func(login string) string { return s.as(login, "GET", target, "").Header().Get("ETag") }
	before := tag("manager")
	home := s.homes(t, "manager", "").Features[0]
	if w := s.as("manager", "PATCH", "/api/sites/"+home.ID, `{"capacity":7}`, "If-Match", "*"); w.Code != 200 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if after := tag("manager"); after != before || tag("planner") != before {
		t.Errorf("%s, then %s; planner %s", before, after, tag("planner"))
	}
}

// Closed lists are in the schema, for forms and for validators.
func TestSchemaListsCodes(t *testing.T) {
	s := newDemoServer(t)
	w := s.as("analyst", "GET", "/api/collections/sites/schema?lang=en", "")
	doc := decode[struct {
		Properties map[string]struct {
			OneOf []struct {
				Const any
				Title string
			}
		}
		Columns []struct {
			Name  string
			Codes []data.Code
		}
	}](t, w)
	for _, c := range doc.Columns {
		if c.Name != "exposure_class" {
			continue
		}
		one := doc.Properties[c.Name].OneOf
		if len(c.Codes) != 6 || c.Codes[5].Label.FR != "indéterminé" || len(one) != 7 || one[5].Const != "indeterminate" || one[5].Title != "indeterminate" || one[6].Const != nil {
			t.Errorf("%+v, %+v", c, one)
		}
		return
	}
	t.Error("no column exposure_class")
}
