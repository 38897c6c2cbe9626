package assess_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vigie/data"
	"vigie/data/assess"
	export "vigie/data/export/all"
	"vigie/data/source"
)

// zonesFile holds one square of 0.01° whose south-west corner is (2, 46).
const zonesFile = `{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"code":"Z1","nom":"Quartier fictif"},
"geometry":{"type":"Polygon","coordinates":[[[2,46],[2.01,46],[2.01,46.01],[2,46.01],[2,46]]]}}]}`

// sitesFile is a CSV of n fictitious sites on a parallel, the i-th 0.0001·i degrees
// east of 1.90005°; every tenth has no position.
func sitesFile(n int) string {
	var b strings.Builder
	b.WriteString("id;nom;lon;lat\n")
	for i := range n {
		position := fmt.Sprintf("%.5f;46.005", 1.90005+0.0001*float64(i))
		if i%10 == 9 {
			position = ";"
		}
		fmt.Fprintf(&b, "S%05d;Foyer fictif %d;%s\n", i, i, position)
	}
	return b.String()
}

func open(t *testing.T, name, content string) *source.Input {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	in, err := source.Open(path, source.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close() })
	return in
}

func request(t *testing.T, sites int, newWriter func(*data.Schema) (data.FeatureWriter, error)) assess.Request {
	return assess.Request{
		Sites: open(t, "sites.csv", sitesFile(sites)), Radii: []float64{500, 1000}, NewWriter: newWriter,
		Zones: []assess.File{{Input: open(t, "zones.geojson", zonesFile), Options: source.Options{Layer: data.LayerZones, Kind: "custom"}}},
	}
}

func run(t *testing.T, sites int, format string) (string, *assess.Report) {
	t.Helper()
	var out bytes.Buffer
	report, err := assess.Run(context.Background(), request(t, sites, func(s *data.Schema) (data.FeatureWriter, error) {
		return export.Writer(format, &out, s, export.Options{})
	}))
	if err != nil {
		t.Fatal(err)
	}
	return out.String(), report
}

// TestOrderAndValues: more sites than several batches hold come out in the order of
// the file, whichever way the format is encoded, and with the same values.
func TestOrderAndValues(t *testing.T) {
	const n = 2345
	text, report := run(t, n, "geojson")
	var collection struct {
		Features []struct {
			ID         string
			Properties map[string]any
		}
	}
	if err := json.Unmarshal([]byte(text), &collection); err != nil {
		t.Fatal(err)
	}
	if report.Assessed != n || len(collection.Features) != n {
		t.Fatalf("%d reported and %d written of %d", report.Assessed, len(collection.Features), n)
	}
	table, _ := run(t, n, "csv")
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(table, "\ufeff"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != n+1 {
		t.Fatalf("%d rows", len(rows))
	}
	column := map[string]int{}
	for i, name := range rows[0] {
		column[name] = i
	}
	inside := 0
	for i, f := range collection.Features {
		id := fmt.Sprintf("S%05d", i)
		row := rows[i+1]
		if f.ID != id || row[column["site_id"]] != id {
			t.Fatalf("feature %d is %s, row %d is %s", i, f.ID, i, row[column["site_id"]])
		}
		located := i%10 != 9
		want := "computed"
		if !located {
			want = "not_located"
		}
		if got := f.Properties["proximity_status"]; got != want {
			t.Errorf("%s: status %v, want %s", id, got, want)
		}
		distance, known := f.Properties["nearest_zone_distance_m"].(float64)
		if known != located {
			t.Errorf("%s: distance %v", id, f.Properties["nearest_zone_distance_m"])
		}
		if located && row[column["nearest_zone_distance_m"]] != fmt.Sprint(distance) {
			t.Errorf("%s: %v in GeoJSON, %s in CSV", id, distance, row[column["nearest_zone_distance_m"]])
		}
		lon := 1.90005 + 0.0001*float64(i)
		if in := f.Properties["in_zone"] == true; in != (located && lon > 2 && lon < 2.01) {
			t.Errorf("%s at %v: inside %v", id, lon, in)
		} else if in {
			inside++
		}
	}
	if inside != 90 {
		t.Errorf("%d sites inside", inside)
	}
}

type failingWriter struct{ after int }

var errFull = errors.New("disk full")

func (w *failingWriter) Write(*data.Feature) error {
	if w.after--; w.after < 0 {
		return errFull
	}
	return nil
}
func (w *failingWriter) Close() error { return nil }

// failingOutput takes some bytes.
type failingOutput struct{ left int }

func (w *failingOutput) Write(p []byte) (int, error) {
	if w.left -= len(p); w.left < 0 {
		return 0, errFull
	}
	return len(p), nil
}

func TestOutputFails(t *testing.T) {
	for name, newWriter := range map[string]func(*data.Schema) (data.FeatureWriter, error){
		"feature by feature": func(*data.Schema) (data.FeatureWriter, error) { return &failingWriter{after: 700}, nil },
		"in batches": func(s *data.Schema) (data.FeatureWriter, error) {
			return export.Writer("geojson", &failingOutput{left: 1 << 20}, s, export.Options{})
		},
	} {
		report, err := assess.Run(context.Background(), request(t, 20_000, newWriter))
		if !errors.Is(err, errFull) {
			t.Errorf("%s: error %v", name, err)
		}
		if report.Assessed >= 20_000 {
			t.Errorf("%s: %d sites counted as written", name, report.Assessed)
		}
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	r := request(t, 20_000, func(s *data.Schema) (data.FeatureWriter, error) {
		return export.Writer("geojson", io.Discard, s, export.Options{})
	})
	r.Progress = func(done, total int64) { cancel() }
	if _, err := assess.Run(ctx, r); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}
