package stats_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"vigie/api/stats"
	"vigie/api/web"
	"vigie/data"
	"vigie/data/statistics"
)

// shelf is a store with two revisions of an edition.
type shelf []data.PublishedEdition

func (s shelf) PublishedEditions(context.Context) ([]data.PublishedEdition, error) {
	list := make([]data.PublishedEdition, len(s))
	for i := range s {
		list[i] = s[i]
		list[i].Document = nil
	}
	return list, nil
}

func (s shelf) PublishedEdition(_ context.Context, id string) (*data.PublishedEdition, error) {
	for i := range s {
		if s[i].ID == id {
			return &s[i], nil
		}
	}
	return nil, data.ErrNotFound
}

func (shelf) Statistics(context.Context, data.StatisticFilter, func(*data.Statistic) error) error {
	return nil
}

func edition(id string, revision, homes int) data.PublishedEdition {
	e := statistics.Edition{
		ID: id, Quarter: "2026-Q3", Revision: revision,
		Areas: []statistics.Area{{Level: statistics.LevelDepartment, Code: "2A", Name: "Corse-du-Sud"}},
		Cells: []statistics.Cell{
			{Level: statistics.LevelDepartment, Area: "2A", Measure: "homes", Status: statistics.StatusPublished, Value: &homes},
			{Level: statistics.LevelDepartment, Area: "2A", Measure: "exposure_4_5", Status: statistics.StatusHidden},
		},
	}
	document, err := json.Marshal(e)
	if err != nil {
		panic(err)
	}
	sum := sha256.Sum256(document)
	return data.PublishedEdition{ID: id, Quarter: "2026-Q3", Revision: revision, Document: document, SHA256: hex.EncodeToString(sum[:])}
}

func serve(t *testing.T, editions ...data.PublishedEdition) func(target string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	n := 0
	handler, err := web.NewHandler(web.Options{
		Info:   web.Info{Title: data.Text{FR: "Essai", EN: "Test"}, Version: "1", Server: web.Root},
		Logger: slog.New(slog.DiscardHandler), Clock: func() time.Time { return time.Unix(0, 0) },
		IDs: func() string { n++; return fmt.Sprint(n) },
	}, stats.New(shelf(editions), "1").Routes())
	if err != nil {
		t.Fatal(err)
	}
	return func(target string, headers ...string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodGet, target, nil)
		r.Host = "127.0.0.1:8080"
		for i := 0; i+1 < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		return w
	}
}

func TestEditionsAreServedAsTheyWereFrozen(t *testing.T) {
	first, correction := edition("2026-Q3", 0, 40), edition("2026-Q3-r1", 1, 45)
	get := serve(t, first, correction)
	w := get("/api/stats/2026-Q3")
	if w.Code != 200 || w.Body.String() != string(first.Document) {
		t.Fatalf("%d: %s", w.Code, w.Body)
	}
	if c := w.Header().Get("Cache-Control"); !strings.HasPrefix(c, "public, max-age") {
		t.Errorf("Cache-Control: %q", c)
	}
	if again := get("/api/stats/2026-Q3", "If-None-Match", w.Header().Get("ETag")); again.Code != http.StatusNotModified {
		t.Errorf("an edition that is known: %d", again.Code)
	}
	if w := get("/api/stats/latest"); w.Body.String() != string(correction.Document) || w.Header().Get("Cache-Control") != "public, no-cache" {
		t.Errorf("latest: %s, %q", w.Body, w.Header().Get("Cache-Control"))
	}
	if w := get("/api/stats/2026-Q2"); w.Code != http.StatusNotFound {
		t.Errorf("no such edition: %d", w.Code)
	}
	w = get("/api/stats/2026-Q3.csv")
	want := "edition,quarter,year,level,area,area_name,measure,status,value,share\r\n" +
		"2026-Q3,2026-Q3,,department,2A,Corse-du-Sud,homes,published,40,\r\n" +
		"2026-Q3,2026-Q3,,department,2A,Corse-du-Sud,exposure_4_5,hidden,,\r\n"
	if w.Code != 200 || w.Body.String() != want || w.Header().Get("Content-Type") != "text/csv; charset=utf-8" {
		t.Errorf("%d %q: %q", w.Code, w.Header().Get("Content-Type"), w.Body)
	}
	if w := get("/api/stats/2026-Q3/schema.json"); w.Code != 200 || !strings.Contains(w.Body.String(), `"primaryKey"`) {
		t.Errorf("%d: %s", w.Code, w.Body)
	}
}

func TestTheListTellsWhatIsCurrent(t *testing.T) {
	get := serve(t, edition("2026-Q3", 0, 40), edition("2026-Q3-r1", 1, 45))
	var list struct {
		Editions []struct {
			ID, URL    string
			Superseded bool
		}
		Latest  string
		Licence statistics.Licence
	}
	if err := json.Unmarshal(get("/api/stats").Body.Bytes(), &list); err != nil {
		t.Fatal(err)
	}
	if list.Latest != "2026-Q3-r1" || len(list.Editions) != 2 || list.Editions[0].Superseded || !list.Editions[1].Superseded || list.Licence.ID != "etalab-2.0" {
		t.Errorf("%+v", list)
	}
	if w := serve(t)("/api/stats/latest"); w.Code != http.StatusNotFound {
		t.Errorf("latest without editions: %d", w.Code)
	}
}

// No parameter asks for another table than those that were frozen.
func TestRule7ThereIsNoQuery(t *testing.T) {
	get := serve(t, edition("2026-Q3", 0, 40))
	for _, query := range []string{"department=2A", "from=2026-01-01", "measure=homes", "bbox=1,2,3,4"} {
		if w := get("/api/stats/2026-Q3?" + query); w.Code != http.StatusBadRequest {
			t.Errorf("?%s: %d", query, w.Code)
		}
	}
}

func TestPhenomenonShowsFiguresThatConflict(t *testing.T) {
	var body struct{ National []statistics.PublishedSeries }
	w := serve(t)("/api/stats/phenomenon")
	if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil || w.Code != 200 {
		t.Fatalf("%d, %v", w.Code, err)
	}
	if len(body.National) == 0 || len(body.National[0].Figures) < 2 {
		t.Errorf("%s", w.Body)
	}
}
