package main

import (
	"io/fs"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	formats "vigie/data/export"
	export "vigie/data/export/all"
)

func TestOutputFormat(t *testing.T) {
	for _, c := range []struct{ name, path, want string }{
		{"", "", "geojson"}, {"", "-", "geojson"}, {"", "a.json", "geojson"}, {"", "a.GeoJSON", "geojson"},
		{"", "a.csv", "csv"}, {"csv-excel", "a.csv", "csv-excel"}, {"CSV", "-", "csv"}, {"", "a.parquet", "parquet"}, {"xlsx", "a.csv", "xlsx"},
		{"", "a", ""}, {"", "a.kml", ""}, {"kml", "a.csv", ""},
	} {
		got, err := outputFormat(c.name, c.path)
		if got.ID != c.want || (err == nil) != (c.want != "") {
			t.Errorf("--format %q --out %q: %q, %v", c.name, c.path, got.ID, err)
		}
		if err != nil && !strings.Contains(err.Error(), "csv-excel") {
			t.Errorf("%v does not list the formats", err)
		}
	}
}

func TestExportErrors(t *testing.T) {
	full, code := explanation(exportError(&fs.PathError{Op: "write", Path: "/tmp/x/vigie-export-1", Err: syscall.ENOSPC}))
	if code != exitFailure || !strings.Contains(full.FR, "/tmp/x\u00a0: le disque est plein") || strings.Contains(full.EN, "vigie-export") {
		t.Errorf("%d %v", code, full)
	}
	if err := exportError(&formats.FullError{Most: 3}); !strings.Contains(usageErrorOf(t, err).FR, "au plus 3 objets") {
		t.Errorf("%v", err)
	}
}

func usageErrorOf(t *testing.T, err error) usageError {
	t.Helper()
	usage, ok := err.(usageError)
	if !ok {
		t.Fatalf("%T %v", err, err)
	}
	return usage
}

// A file of indicators says in every format by what profile and program it was made, and
// is the same bytes for the same files.
func TestAssessBearsItsProvenance(t *testing.T) {
	dir := t.TempDir()
	sites := write(t, filepath.Join(dir, "sites.csv"), sitesCSV)
	zones := write(t, filepath.Join(dir, "zones.geojson"), `{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"code":"Z1"},
"geometry":{"type":"Polygon","coordinates":[[[1.91,46.49],[1.93,46.49],[1.93,46.51],[1.91,46.51],[1.91,46.49]]]}}]}`)
	_, text, _ := vigie(t, "profile")
	profile := write(t, filepath.Join(dir, "quick.json"), regexp.MustCompile(`"draws":\s*\d+`).ReplaceAllString(text, `"draws": 200`))
	for _, f := range export.Formats() {
		out := filepath.Join(dir, f.ID+f.Extension)
		args := []string{"--lang", "en", "assess", "--sites", sites, "--zones", "qpv=" + zones, "--score", "--profile", profile, "--format", f.ID, "--out", out}
		code, _, stderr := vigie(t, args...)
		method := regexp.MustCompile(`[0-9a-f]{12}`).FindString(stderr)
		if code != 0 || method == "" {
			t.Fatalf("%s: exit %d, %s", f.ID, code, stderr)
		}
		for _, want := range []string{generator(), method, "exact"} {
			if !strings.Contains(textOf(t, out), want) {
				t.Errorf("%s does not bear %s", f.ID, want)
			}
		}
		if f.ID == "gpkg" {
			continue // dates its layer
		}
		first := textOf(t, out)
		if code, _, stderr := vigie(t, args...); code != 0 || textOf(t, out) != first {
			t.Errorf("%s: another run gives another file: %s", f.ID, stderr)
		}
	}
}
