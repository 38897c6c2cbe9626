package gpkg

import (
	"bytes"
	"errors"
	"io/fs"
	"strings"
	"syscall"
	"testing"

	"vigie/data"
	"vigie/data/export"
)

// A disk that fills while the file is built is told as such, with its place, and no byte
// of the file leaves.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	out := &bytes.Buffer{}
	schema := &data.Schema{Layer: data.LayerSites, Geometry: "Point", Columns: []data.Column{{Name: "name"}}}
	b := newBody(out, schema, []Option{WithTempDir(dir)})
	if err := b.open(); err != nil {
		t.Fatal(err)
	}
	if err := b.exec("PRAGMA max_page_count = 200"); err != nil { // as a disk of 800 kB
		t.Fatal(err)
	}
	w := export.NewDocument("gpkg", schema, b)
	f := &data.Feature{ID: "a", Values: []data.Value{data.String(strings.Repeat("x", 10_000))}}
	var err error
	for n := 0; n < 200 && err == nil; n++ {
		err = w.Write(f)
	}
	path, ok := errors.AsType[*fs.PathError](err)
	if !ok || !errors.Is(err, syscall.ENOSPC) || !strings.HasPrefix(path.Path, dir) || !strings.Contains(err.Error(), `feature "a"`) {
		t.Errorf("error %v", err)
	}
	if err := w.Close(); !errors.Is(err, syscall.ENOSPC) || out.Len() > 0 {
		t.Errorf("%d bytes are out, %v", out.Len(), err)
	}
}
