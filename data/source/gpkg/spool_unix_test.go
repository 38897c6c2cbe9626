//go:build unix

package gpkg

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/klauspost/compress/gzip"

	"vigie/data"
	"vigie/data/source"
)

// The copy that SQLite reads has no name any more while it is read: whatever ends
// the process, no homes stay on the disk.
func TestSpooledCopyHasNoName(t *testing.T) {
	plain, err := os.ReadFile(build(t, layer("zones", "POLYGON", "4326"), row("zones", blob(square(5, 46, 0.01)), "Z1")))
	if err != nil {
		t.Fatal(err)
	}
	packed := filepath.Join(t.TempDir(), "a.gpkg.gz")
	f, err := os.Create(packed)
	if err != nil {
		t.Fatal(err)
	}
	w := gzip.NewWriter(f)
	if _, err := w.Write(plain); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	dir, zones := t.TempDir(), 0
	err = Format{TempDir: dir}.Read(t.Context(), open(t, packed), source.Options{Layer: data.LayerZones, Kind: data.ZoneCustom}, source.Sink{
		Zone: func(data.Zone, source.Location) error {
			zones++
			if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
				t.Errorf("on the disk while it is read: %v (%v)", left, err)
			}
			return nil
		},
		Problem: func(p data.Problem) { t.Logf("%+v", p) }, Filtered: func(string) {},
	})
	if err != nil || zones != 1 {
		t.Errorf("%d zones, %v", zones, err)
	}
}
