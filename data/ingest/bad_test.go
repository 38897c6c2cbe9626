package ingest

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"vigie/data"
	"vigie/data/source"
	"vigie/data/source/all"
)

const goodSites = "id;name;category;insee;lon;lat\n" +
	"F1;Foyer d’Essai;177;01004;5.35;45.95\n" +
	"F2;Maison Fictive;175;01053;5.22;46.20\n"

func zoneFeature(code, ring string) string {
	return `{"type":"Feature","properties":{"code_qp":"` + code + `","lib_qp":"Quartier fictif","insee_com":"01004"},"geometry":{"type":"Polygon","coordinates":[` + ring + `]}}`
}

const square = `[[5.35,45.95],[5.36,45.95],[5.36,45.96],[5.35,45.96],[5.35,45.95]]`

func collection(features ...string) string {
	return `{"type":"FeatureCollection","features":[` + strings.Join(features, ",\n") + `]}`
}

// filled is a bench that holds something, for a refused file to leave alone.
func filled(t testing.TB) *bench {
	b := newBench(t)
	b.do(Request{Input: text(t, "sites.csv", goodSites), Layer: data.LayerSites})
	b.do(Request{Input: text(t, "zones.geojson", collection(zoneFeature("QN00101M", square))), Layer: data.LayerZones})
	return b
}

// Each file that is no good is refused with a located, bilingual reason, and the store is
// as before.
func TestBadFilesAreRefused(t *testing.T) {
	etalab := "finess;etalab;1;2026-05-12\n"
	for _, c := range []struct {
		name, file, content string
		layer               data.Layer
		code                string
		line                int // 0: the file as a whole
	}{
		{"empty", "sites.csv", "", data.LayerSites, "empty-file", 0},
		{"header only", "sites.csv", "id;name;lon;lat\n", data.LayerSites, CodeNoRecords, 0},
		{"no feature", "zones.geojson", collection(), data.LayerZones, CodeNoRecords, 0},
		{"binary", "sites.csv", string(noise(4096, 1)), data.LayerSites, "unrecognised-format", 0},
		{"binary as GeoJSON", "zones.geojson", string(noise(4096, 2)), data.LayerZones, "unrecognised-format", 0},
		{"truncated GeoJSON", "zones.geojson", collection(zoneFeature("QN00101M", square), zoneFeature("QN00102M", square))[:400], data.LayerZones, "truncated", 2},
		{"GeoJSON with a comma too many", "zones.geojson", collection(zoneFeature("QN00101M", square), ""), data.LayerZones, "syntax", 1},
		{"wrong separator", "sites.csv", strings.ReplaceAll(goodSites, ";", ":"), data.LayerSites, "missing-columns", 1},
		{"missing columns", "sites.csv", "a;b;c\n1;2;3\n", data.LayerSites, "missing-columns", 1},
		{"quote never closed", "sites.csv", "id;name;lon;lat\nF1;\"Foyer;5.3;45.9\nF2;B;5.3;45.9\n", data.LayerSites, "unclosed-quote", 2},
		{"all outside France", "zones.geojson", collection(zoneFeature("QN00101M", `[[-74,40],[-73.9,40],[-73.9,40.1],[-74,40]]`)), data.LayerZones, CodeNothingUsable, 1},
		{"only a zone without area", "zones.geojson", collection(zoneFeature("QN00101M", `[[5.35,45.95],[5.36,45.96],[5.35,45.95],[5.35,45.95]]`)), data.LayerZones, CodeNothingUsable, 1},
		{"points as zones", "zones.geojson", collection(`{"type":"Feature","properties":{"code_qp":"QN00101M"},"geometry":{"type":"Point","coordinates":[5.3,45.9]}}`), data.LayerZones, CodeNothingUsable, 1},
		{"zones as homes", "sites.geojson", collection(zoneFeature("QN00101M", square)), data.LayerSites, all.CodeWrongLayer, 1},
		{"homes as zones", "zones.csv", goodSites, data.LayerZones, "missing-columns", 1},
		{"FINESS as zones", "finess.csv", etalab + etalabLine("010000024", "177"), data.LayerZones, all.CodeWrongLayer, 0},
		{"two editions", "zones.geojson", collection(zoneFeature("QN00101M", square), zoneFeature("QP001001", square)), data.LayerZones, CodeMixedEditions, 2},
		{"FINESS lines of 3 columns", "finess.csv", etalab + "structureet;010000024;A\nstructureet;010000032;B\n", data.LayerSites, CodeNothingUsable, 2},
		{"no category asked for", "finess.csv", etalab + etalabLine("010000024", "355"), data.LayerSites, CodeNothingAskedFor, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := filled(t)
			before, refreshed := b.dump(true), b.refresh.Load()
			in, err := source.FromFiles([]source.NamedReaderAt{{Name: c.file, Size: int64(len(c.content)), ReaderAt: strings.NewReader(c.content)}}, source.Limits{})
			if err == nil {
				var im *data.Import
				im, err = b.service.Import(context.Background(), b.by, Request{Input: in, Layer: c.layer})
				if im != nil {
					checkCounts(t, im)
				}
			}
			checkRefusal(t, err, c.code, c.file, c.line)
			if b.dump(true) != before || b.refresh.Load() != refreshed {
				t.Error("a refused file changed the store")
			}
		})
	}
}

func checkRefusal(t *testing.T, err error, code, file string, line int) {
	t.Helper()
	rejected, ok := source.Rejected(err)
	if !ok {
		t.Fatalf("not a refusal: %v", err)
	}
	p := rejected.Problem
	if p.Code != code || p.Line != line || p.Severity != data.SeverityError || !strings.HasPrefix(p.File, file) {
		t.Errorf("%s at %s, want %s at %s:%d: %s", p.Code, p.Location(), code, file, line, p.Message.EN)
	}
	if p.Message.FR == "" || p.Message.EN == "" || p.Message.FR == p.Message.EN {
		t.Errorf("not said in both languages: %+v", p.Message)
	}
}

func etalabLine(number, category string) string {
	fields := make([]string, 32)
	fields[0], fields[1], fields[3], fields[12], fields[13], fields[15], fields[18] = "structureet", number, "FOYER FICTIF", "004", "01", "01500 ESSAI", category
	return strings.Join(fields, ";") + "\n"
}

// A file with a few bad records among good ones gives each a located problem, and keeps
// the good ones.
func TestBadRecordsAreTold(t *testing.T) {
	etalab := "finess;etalab;1;2026-05-12\n"
	for _, c := range []struct {
		name, file, content string
		layer               data.Layer
		want                data.Problem // severity, code, line, record
		counts              data.Counts
	}{
		{
			"self-crossing ring", "z.geojson",
			collection(zoneFeature("QN00101M", square), zoneFeature("QN00102M", `[[5.35,45.95],[5.36,45.96],[5.36,45.95],[5.35,45.96],[5.35,45.95]]`)), data.LayerZones,
			data.Problem{Severity: data.SeverityWarning, Code: "self-crossing", Line: 2, Record: "QN00102M"},
			data.Counts{Read: 2, Kept: 2, Created: 2, Repaired: 1},
		},
		{
			"zone without area", "z.geojson",
			collection(zoneFeature("QN00101M", square), zoneFeature("QN00102M", `[[5.35,45.95],[5.36,45.96],[5.35,45.95],[5.35,45.95]]`)), data.LayerZones,
			data.Problem{Severity: data.SeverityError, Code: "zero-area", Line: 2, Record: "QN00102M"},
			data.Counts{Read: 2, Kept: 1, Created: 1, Rejected: 1},
		},
		{
			"zone elsewhere", "z.geojson",
			collection(zoneFeature("QN00101M", square), zoneFeature("QN00102M", `[[-74,40],[-73.9,40],[-73.9,40.1],[-74,40]]`)), data.LayerZones,
			data.Problem{Severity: data.SeverityError, Code: source.CodeOutsideFrance, Line: 2, Record: "QN00102M"},
			data.Counts{Read: 2, Kept: 1, Created: 1, Rejected: 1},
		},
		{
			"same code, another outline", "z.geojson",
			collection(zoneFeature("QN00101M", square), zoneFeature("QN00101M", `[[5.4,45.95],[5.41,45.95],[5.41,45.96],[5.4,45.95]]`)), data.LayerZones,
			data.Problem{Severity: data.SeverityError, Code: source.CodeDuplicateID, Line: 2, Record: "QN00101M"},
			data.Counts{Read: 2, Kept: 1, Created: 1, Rejected: 1},
		},
		{
			"swapped axes", "z.geojson",
			collection(zoneFeature("QN00101M", `[[45.95,5.35],[45.95,5.36],[45.96,5.36],[45.96,5.35],[45.95,5.35]]`)), data.LayerZones,
			data.Problem{Severity: data.SeverityWarning, Code: source.CodeSwapped, Line: 1, Record: "QN00101M"},
			data.Counts{Read: 1, Kept: 1, Created: 1},
		},
		{
			"duplicate ids", "s.csv", goodSites + "F1;Autre;177;01004;5.3;45.9\n", data.LayerSites,
			data.Problem{Severity: data.SeverityError, Code: source.CodeDuplicateID, Line: 4, Record: "F1"},
			data.Counts{Read: 3, Kept: 2, Created: 2, Rejected: 1},
		},
		{
			"a line too short", "s.csv", goodSites + "F3;Autre\n", data.LayerSites,
			data.Problem{Severity: data.SeverityError, Code: "wrong-columns", Line: 4},
			data.Counts{Read: 3, Kept: 2, Created: 2, Rejected: 1},
		},
		{
			"NaN", "s.csv", goodSites + "F3;Autre;177;01004;NaN;NaN\n", data.LayerSites,
			data.Problem{}, // NaN is how some tools write "unknown"
			data.Counts{Read: 3, Kept: 3, Created: 3, Unlocated: 1},
		},
		{
			"infinite", "s.csv", goodSites + "F3;Autre;177;01004;Inf;45.9\n", data.LayerSites,
			data.Problem{Severity: data.SeverityWarning, Code: source.CodeBadCoordinates, Line: 4, Record: "F3"},
			data.Counts{Read: 3, Kept: 3, Created: 3, Unlocated: 1},
		},
		{
			"(0, 0)", "s.csv", goodSites + "F3;Autre;177;01004;0;0\n", data.LayerSites,
			data.Problem{Severity: data.SeverityWarning, Code: source.CodeZeroCoordinates, Line: 4, Record: "F3"},
			data.Counts{Read: 3, Kept: 3, Created: 3, Unlocated: 1},
		},
		{
			"swapped position", "s.csv", goodSites + "F3;Autre;177;01004;45.95;5.35\n", data.LayerSites,
			data.Problem{Severity: data.SeverityWarning, Code: source.CodeSwapped, Line: 4, Record: "F3"},
			data.Counts{Read: 3, Kept: 3, Created: 3},
		},
		{
			"outside France", "s.csv", goodSites + "F3;Autre;177;01004;-74;40.7\n", data.LayerSites,
			data.Problem{Severity: data.SeverityWarning, Code: source.CodeOutsideFrance, Line: 4, Record: "F3"},
			data.Counts{Read: 3, Kept: 3, Created: 3, Unlocated: 1},
		},
		{
			"capacity of a town", "s.csv", "id;name;category;insee;lon;lat;capacity\nF1;A;177;01004;5.35;45.95;5000\n", data.LayerSites,
			data.Problem{Severity: data.SeverityWarning, Code: data.CodeInvalidCapacity, Line: 2, Record: "F1"},
			data.Counts{Read: 1, Kept: 1, Created: 1},
		},
		{
			"FINESS line of 3 columns", "finess.csv", etalab + "structureet;010000024;A\n" + etalabLine("010000032", "177"), data.LayerSites,
			data.Problem{Severity: data.SeverityError, Code: "wrong-columns", Line: 2},
			data.Counts{Read: 2, Kept: 1, Created: 1, Rejected: 1, Unlocated: 1},
		},
		{
			"unknown CRS", "finess.csv", etalab + etalabLine("010000032", "177") + "geolocalisation;010000032;1;2;1,ATLASANTE,96,BAN,EPSG:9999 Nulle part;2026-01-01\n", data.LayerSites,
			data.Problem{Severity: data.SeverityError, Code: source.CodeUnknownCRS, Line: 3, Record: "010000032"},
			data.Counts{Read: 1, Kept: 1, Created: 1, Unlocated: 1},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t)
			im := b.do(Request{Input: text(t, c.file, c.content), Layer: c.layer})
			if im.Counts != c.counts {
				t.Errorf("counts %+v, want %+v", im.Counts, c.counts)
			}
			found := slices.ContainsFunc(im.Problems, func(p data.Problem) bool {
				return p.Severity == c.want.Severity && p.Code == c.want.Code && p.Line == c.want.Line && p.Record == c.want.Record
			})
			if !found && c.want.Code != "" {
				t.Errorf("%+v is not among %+v", c.want, im.Problems)
			}
			if c.want.Severity != data.SeverityError {
				return
			}
			before := b.dump(true)
			strict, err := b.service.Import(context.Background(), b.by, Request{Input: text(t, c.file, c.content), Layer: c.layer, Strict: true})
			checkRefusal(t, err, CodeStrict, c.file, c.want.Line)
			if strict == nil || strict.Counts.Rejected != c.counts.Rejected || b.dump(true) != before {
				t.Error("the strict import wrote, or does not report")
			}
		})
	}
}

// Axes swapped in a whole file are told once for the file.
func TestSwappedFile(t *testing.T) {
	content := "id;name;category;insee;lon;lat\n"
	for i := range 20 {
		content += fmt.Sprintf("F%d;Foyer;177;01004;45.9%d;5.35\n", i, i)
	}
	rep, err := EachSite(context.Background(), text(t, "s.csv", content), source.Options{}, "", func(s data.Site) error {
		if s.Position == nil || s.Position.Point[0] != 5.35 {
			return fmt.Errorf("%s is at %v", s.ID, s.Position)
		}
		return nil
	})
	if err != nil || rep.ProblemCounts[CodeFileSwapped] != 1 || rep.Counts.Kept != 20 {
		t.Errorf("%+v, %v", rep, err)
	}
}

// noise is reproducible rubbish that is neither text nor a known archive.
func noise(n int, seed byte) []byte {
	b := make([]byte, n)
	rand.NewChaCha8([32]byte{seed}).Read(b)
	b[0], b[1] = 0x00, 0xff
	return b
}

// 200 MB of nonsense, of the kinds that could make a reader gather it all, are refused in
// little memory and time.
func TestHugeNonsense(t *testing.T) {
	if testing.Short() {
		t.Skip("writes files of 200 MB")
	}
	const size = 200 << 20
	for _, c := range []struct {
		name, file  string
		layer       data.Layer
		head, chunk string
	}{
		{"binary", "sites.csv", data.LayerSites, "", string(noise(1<<16, 3))},
		{"one endless line", "sites.csv", data.LayerSites, "", strings.Repeat("a", 1<<16)},
		{"a field without end", "sites.csv", data.LayerSites, "id;name;lon;lat\nF1;", strings.Repeat("a", 1<<16)},
		{"a quote never closed", "sites.csv", data.LayerSites, "id;name;lon;lat\nF1;\"", strings.Repeat("text\n", 1<<13)},
		{"lines that are no record", "sites.csv", data.LayerSites, "id;name;lon;lat\n", strings.Repeat("nonsense\n", 1<<13)},
		{"FINESS lines that are none", "finess.csv", data.LayerSites, "finess;etalab;1;2026-05-12\n", strings.Repeat("structureet;nonsense;x\n", 1<<12)},
		{"features that are none", "zones.geojson", data.LayerZones, `{"type":"FeatureCollection","features":[{}`, strings.Repeat(",{}", 1<<14)},
		{"a string without end", "zones.geojson", data.LayerZones, `{"type":"FeatureCollection","features":[{"type":"`, strings.Repeat("a", 1<<16)},
		{"arrays without end", "zones.geojson", data.LayerZones, `{"type":"FeatureCollection","features":[`, strings.Repeat("[", 1<<16)},
		{"one feature without end", "zones.geojson", data.LayerZones, `{"type":"FeatureCollection","features":[{"type":"Feature","properties":{`, strings.Repeat(`"a":"b",`, 1<<13)},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), c.file)
			f, err := os.Create(path)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := f.WriteString(c.head); err != nil {
				t.Fatal(err)
			}
			for n := 0; n < size; n += len(c.chunk) {
				if _, err := f.WriteString(c.chunk); err != nil {
					t.Fatal(err)
				}
			}
			if err := f.Close(); err != nil {
				t.Fatal(err)
			}
			b := newBench(t)
			before := b.dump(true)
			in, err := source.Open(path, source.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			defer in.Close()
			peak := watchHeap(func() { _, err = b.service.Import(context.Background(), b.by, Request{Input: in, Layer: c.layer}) })
			rejected, ok := source.Rejected(err)
			if !ok {
				t.Fatalf("not refused: %v", err)
			}
			t.Logf("%s, peak heap +%d MiB, %d MiB read: %s", rejected.Problem.Code, peak>>20, in.Consumed()>>20, rejected)
			if peak > 128<<20 { // a JSON value may take up to 16 MiB, and its buffer doubles
				t.Errorf("the heap grew by %d MiB", peak>>20)
			}
			if in.Consumed() > size*3/4 {
				t.Errorf("%d MiB were read before it was refused", in.Consumed()>>20)
			}
			if b.dump(true) != before {
				t.Error("the store changed")
			}
		})
	}
}

// watchHeap runs f and returns by how many bytes the heap in use grew at most, as sampled.
func watchHeap(f func()) uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	base, peak := m.HeapInuse, m.HeapInuse
	done, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		var m runtime.MemStats
		for {
			select {
			case <-done:
				return
			case <-time.After(50 * time.Millisecond):
				runtime.GC() // what counts is what is held, not what waits to be collected
				runtime.ReadMemStats(&m)
				peak = max(peak, m.HeapInuse)
			}
		}
	}()
	f()
	close(done)
	<-stopped
	return peak - base
}

// Archives that decompress without end are refused before they fill memory or disk.
func TestDecompressionBombs(t *testing.T) {
	zeros := func(w io.Writer) {
		block := bytes.Repeat([]byte("0;"), 1<<19)
		for range 100 {
			if _, err := w.Write(block); err != nil {
				t.Fatal(err)
			}
		}
	}
	var gz bytes.Buffer
	g := gzip.NewWriter(&gz)
	io.WriteString(g, "id;name;lon;lat\n")
	zeros(g)
	g.Close()
	var zipped bytes.Buffer
	z := zip.NewWriter(&zipped)
	w, err := z.Create("sites.csv")
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(w, "id;name;lon;lat\n")
	zeros(w)
	z.Close()
	for name, content := range map[string][]byte{"sites.csv.gz": gz.Bytes(), "sites.zip": zipped.Bytes()} {
		t.Run(name, func(t *testing.T) {
			b := filled(t)
			before := b.dump(true)
			var err error
			peak := watchHeap(func() {
				var in *source.Input
				in, err = source.FromFiles([]source.NamedReaderAt{{Name: name, Size: int64(len(content)), ReaderAt: bytes.NewReader(content)}}, source.Limits{})
				if err == nil {
					_, err = b.service.Import(context.Background(), b.by, Request{Input: in, Layer: data.LayerSites})
				}
			})
			rejected, ok := source.Rejected(err)
			if !ok || !slices.Contains([]string{source.CodeDecompressionBomb, source.CodeTooLarge}, rejected.Problem.Code) || !strings.HasPrefix(rejected.Problem.File, name) {
				t.Errorf("%v", err)
			}
			if peak > 100<<20 || b.dump(true) != before {
				t.Errorf("the heap grew by %d MiB", peak>>20)
			}
		})
	}
}

// A reader's error, a cancelled context, and an error of the receiver end the import with
// nothing written.
func TestInterruptedImport(t *testing.T) {
	b := filled(t)
	before := b.dump(true)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := b.service.Import(ctx, b.by, Request{Input: text(t, "s.csv", goodSites), Layer: data.LayerSites}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	stop := errors.New("stop")
	if _, err := EachSite(context.Background(), text(t, "s.csv", goodSites), source.Options{}, "", func(data.Site) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("stopped by the receiver: %v", err)
	}
	if b.dump(true) != before {
		t.Error("the store changed")
	}
}
