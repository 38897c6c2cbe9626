package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/paulmach/orb"

	"vigie/api"
	"vigie/data"
	"vigie/data/ingest"
	"vigie/data/snapshot"
	"vigie/data/sqlite"
	"vigie/geo/score"
)

// server is the whole server on a database of fictitious homes.
type server struct {
	http.Handler
	store *sqlite.Store
	log   *bytes.Buffer
	audit *journal
	// tempDir is where uploads are spooled.
	tempDir string
	// path is the database's.
	path  string
	clock *clock
	// browsers are those of the people who are logged in.
	browsers *browsers
}

// journal lets tests see what the store is asked to keep.
type journal struct {
	*sqlite.Store
	mu      sync.Mutex
	entries []data.AuditEntry
	err     error
}

func (j *journal) Audit(ctx context.Context, e data.AuditEntry) error {
	j.mu.Lock()
	j.entries = append(j.entries, e)
	j.mu.Unlock()
	if j.err != nil {
		return j.err
	}
	return j.Store.Audit(ctx, e)
}

const sitesInFixture = 25

func now() time.Time { return time.Date(2026, 11, 24, 8, 30, 0, 0, time.UTC) }

func square(west, south, east, north float64) orb.MultiPolygon {
	return orb.MultiPolygon{{{{west, south}, {east, south}, {east, north}, {west, north}, {west, south}}}}
}

// fixture fills a store: homes F-000… on a line through the invented zone Z1,
// the last two not located and closed.
func fixture() *data.Batch {
	b := &data.Batch{}
	for i := range sitesInFixture {
		capacity := 10 + i
		site := data.Site{
			ID: fmt.Sprintf("F-%03d", i), Name: fmt.Sprintf("Foyer fictif n° %d", i), Category: "177", Kind: "mecs", Status: data.SiteOpen,
			DepartmentCode: "01", CommuneCode: "01004", Capacity: &capacity, Address: data.Address{Street: "1 rue Imaginaire", PostalCode: "01500", Locality: "Fictiville"},
			Position: &data.Position{Point: orb.Point{5.30 + 0.01*float64(i), 45.95}, Precision: data.PrecisionHouseNumber, Source: "essai"},
		}
		switch i {
		case sitesInFixture - 2:
			site.Position = nil
		case sitesInFixture - 1:
			site.Status, site.ClosedOn = data.SiteClosed, "2025-01-01"
		}
		b.PutSites = append(b.PutSites, data.StoredSite{Site: site, Version: 1})
	}
	for _, z := range []struct {
		kind          data.ZoneKind
		edition, code string
		box           orb.MultiPolygon
	}{
		{data.ZoneQPV, "2024", "QN00101I", square(5.298, 45.94, 5.325, 45.96)},
		{data.ZoneQPV, "2015", "QP001001", square(5.298, 45.94, 5.325, 45.96)},
		{data.ZoneCustom, "1", "a/b c", square(179.5, -17, 179.9, -16.5)},
	} {
		b.PutZones = append(b.PutZones, data.Zone{Kind: z.kind, Edition: z.edition, Code: z.code, Name: "Zone fictive", DepartmentCodes: []string{"01"}, Geometry: z.box})
	}
	b.PutSites = append(b.PutSites, data.StoredSite{Version: 1, Site: data.Site{
		ID: elsewhere, Name: "Foyer fictif d’ailleurs", Category: "177", Kind: "mecs", Status: data.SiteOpen, DepartmentCode: "74", CommuneCode: "74010",
		Position: &data.Position{Point: orb.Point{6.12, 45.9}, Precision: data.PrecisionHouseNumber, Source: "essai"},
	}})
	b.PutPlaces = []data.Place{{ID: "P-1", Kind: "police", Name: "Commissariat fictif", DepartmentCode: "01", Position: &data.Position{Point: orb.Point{5.3, 45.9}}}}
	b.PutAreas = []data.Area{{Level: data.AreaDepartment, Code: "01", Name: "Département fictif", DepartmentCode: "01", Geometry: square(5, 45.5, 6, 46.5)}}
	return b
}

// elsewhere is a home in a département that nobody of the fixture but otto is in charge of.
const elsewhere = "X-001"

// fixtureFile is the database of the fixture with its people, made once.
var fixtureFile = databaseOf("01", fill(fixture))

// fill writes a batch, and makes its zones current.
func fill(batch func() *data.Batch) func(context.Context, *sqlite.Store) error {
	return func(ctx context.Context, store *sqlite.Store) error {
		entry := data.AuditEntry{At: now(), Subject: "fixture", Action: "fixture"}
		err := store.Write(ctx, operator(), batch(), entry)
		for _, e := range []data.Edition{{Kind: data.ZoneQPV, Label: "2024", Current: true}, {Kind: data.ZoneCustom, Label: "1", Current: true}} {
			err = errors.Join(err, store.Write(ctx, operator(), &data.Batch{Current: &e}, entry))
		}
		return err
	}
}

// operator may do everything.
func operator() data.Viewer {
	return data.NewViewer(data.ViewerSpec{Subject: "fixture", Precision: data.ViewExact, Restricted: true, Writes: true})
}

// databaseOf makes, once, a database that fill fills, with people in charge of a département.
func databaseOf(department string, fill func(context.Context, *sqlite.Store) error) func() ([]byte, error) {
	return sync.OnceValues(func() (content []byte, err error) {
		ctx := context.Background()
		dir, err := os.MkdirTemp("", "vigie-fixture-")
		if err != nil {
			return nil, err
		}
		defer os.RemoveAll(dir)
		path := filepath.Join(dir, "vigie.db")
		store, err := sqlite.Open(ctx, path, sqlite.Options{})
		if err != nil {
			return nil, err
		}
		entry := data.AuditEntry{At: now(), Subject: "fixture", Action: "fixture"}
		if err = errors.Join(fill(ctx, store), addPeople(ctx, store, department, operator(), entry), store.Close()); err != nil {
			return nil, err
		}
		return os.ReadFile(path)
	})
}

// quickProfile draws less often than the product: scores are not what is tried here.
func quickProfile() *score.Profile {
	p := *score.Default()
	p.Draws = 100
	return &p
}

func newServer(t testing.TB) *server { return newServerWith(t, func(*api.Config) {}) }

// newServerWith lets a test change the configuration.
func newServerWith(t testing.TB, configure func(*api.Config)) *server {
	t.Helper()
	return newServerOn(t, fixtureFile, configure)
}

// newServerOn serves a copy of a database.
func newServerOn(t testing.TB, file func() ([]byte, error), configure func(*api.Config)) *server {
	t.Helper()
	ctx := t.Context()
	database, err := file()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "vigie.db")
	if err := os.WriteFile(path, database, 0o600); err != nil {
		t.Fatal(err)
	}
	store, err := sqlite.Open(ctx, path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	snapshots, err := snapshot.Open(ctx, store, snapshot.Options{Clock: now, Profile: quickProfile()})
	if err != nil {
		t.Fatal(err)
	}
	var n atomic.Int64
	ids := func() string { return fmt.Sprintf("00000000-0000-4000-8000-%012d", n.Add(1)) }
	s := &server{store: store, log: &bytes.Buffer{}, audit: &journal{Store: store}, tempDir: t.TempDir(), path: path, clock: &clock{}}
	s.browsers = &browsers{cookies: map[string]string{}}
	cfg := api.Config{
		Snapshot: snapshots, Ingest: ingest.New(store, snapshots.Refresh, now, ids), Store: s.audit,
		Frontend: fstest.MapFS{
			"index.html":         {Data: []byte("<!doctype html><title>Vigie</title>")},
			"assets/app-1234.js": {Data: []byte("export {};")},
			".gitkeep":           {},
		},
		Logger: slog.New(slog.NewJSONHandler(s.log, nil)), Clock: s.clock.now, IDs: ids, Version: "test",
		TempDir: s.tempDir,
	}
	configure(&cfg)
	if s.Handler, err = api.New(cfg); err != nil {
		t.Fatal(err)
	}
	return s
}

// do sends a request of mia, who may do everything in her département; headers come
// in pairs.
func (s *server) do(method, target, body string, headers ...string) *httptest.ResponseRecorder {
	return s.as("mia", method, target, body, headers...)
}

// anyone sends a request of nobody in particular.
func (s *server) anyone(method, target, body string, headers ...string) *httptest.ResponseRecorder {
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	r := httptest.NewRequest(method, target, reader)
	r.Host = "127.0.0.1:8080"
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

// get decodes the JSON answer of a GET.
func get[T any](t testing.TB, s *server, target string) T {
	t.Helper()
	w := s.do("GET", target, "")
	if w.Code != http.StatusOK {
		t.Fatalf("GET %s: %d %s", target, w.Code, w.Body)
	}
	return decode[T](t, w)
}

func decode[T any](t testing.TB, w *httptest.ResponseRecorder) T {
	t.Helper()
	var v T
	if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil {
		t.Fatalf("%v: %s", err, w.Body)
	}
	return v
}

type link struct{ Href, Rel, Type string }

type feature struct {
	Type       string
	ID         string
	Geometry   json.RawMessage
	Properties map[string]any
	Links      []link
}

type collection struct {
	Type           string
	NumberMatched  int
	NumberReturned int
	TimeStamp      string
	Links          []link
	Features       []feature
}

func (c collection) ids() []string {
	ids := []string{}
	for _, f := range c.Features {
		ids = append(ids, f.ID)
	}
	return ids
}

func hrefOf(links []link, rel string) string {
	for _, l := range links {
		if l.Rel == rel {
			return l.Href
		}
	}
	return ""
}

type problem struct {
	Type, Title, Detail, Code string
	Status                    int
	Problems                  []data.Problem
	Current                   map[string]any
}

func wantProblem(t *testing.T, w *httptest.ResponseRecorder, status int, code string) problem {
	t.Helper()
	if w.Code != status || w.Header().Get("Content-Type") != "application/problem+json" {
		t.Fatalf("%d %s %s, want problem %d %s", w.Code, w.Header().Get("Content-Type"), w.Body, status, code)
	}
	p := decode[problem](t, w)
	if p.Code != code {
		t.Fatalf("problem %+v, want code %s", p, code)
	}
	return p
}

type file struct{ name, content string }

// form makes a multipart body.
func form(t testing.TB, values map[string]string, files ...file) (body, contentType string) {
	t.Helper()
	var buf bytes.Buffer
	w := multipart.NewWriter(&buf)
	for name, value := range values {
		if err := w.WriteField(name, value); err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range files {
		part, err := w.CreateFormFile("file", f.name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(part, f.content); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.String(), w.FormDataContentType()
}

func (s *server) upload(t testing.TB, values map[string]string, files ...file) *httptest.ResponseRecorder {
	t.Helper()
	body, contentType := form(t, values, files...)
	return s.do("POST", "/api/imports", body, "Content-Type", contentType)
}
