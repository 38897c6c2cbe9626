package all_test

import (
	"bytes"
	"strings"
	"testing"

	"vigie/data"
	"vigie/data/export/all"
)

// Each listed format can be written, and begins as its kind of file does.
func TestEveryFormatWrites(t *testing.T) {
	schema := &data.Schema{Layer: data.LayerSites, Geometry: "Point", Columns: []data.Column{{Name: "site_id"}}}
	begins := map[string]string{"geojson": `{"type":"FeatureCollection"`, "csv": "site_id,lon,lat", "gpkg": "SQLite format 3"}
	for _, f := range all.Formats() {
		var b bytes.Buffer
		w, err := all.Writer(strings.ToUpper(f.ID), &b, schema, all.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if want := begins[f.ID]; want == "" || !strings.HasPrefix(b.String(), want) {
			t.Errorf("%s begins with %.30q, want %q", f.ID, b.String(), want)
		}
		if got, ok := all.ByID(f.ID); !ok || got != f {
			t.Errorf("ByID(%s) = %v, %v", f.ID, got, ok)
		}
	}
}

func TestUnknownFormatListsTheKnown(t *testing.T) {
	_, err := all.Writer("kml", &bytes.Buffer{}, &data.Schema{}, all.Options{})
	if err == nil || !strings.Contains(err.Error(), "geojson, csv, gpkg") {
		t.Errorf("error %v", err)
	}
}
