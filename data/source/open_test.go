package source_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vigie/data/source"
)

func memory(name string, content []byte) source.NamedReaderAt {
	return source.NamedReaderAt{Name: name, Size: int64(len(content)), ReaderAt: bytes.NewReader(content)}
}

func gz(t testing.TB, content []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

type entry struct{ name, content string }

func zipped(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, e := range entries {
		f, err := w.Create(e.name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(f, e.content); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func content(t testing.TB, m source.Member) string {
	t.Helper()
	r, err := m.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func code(err error) string {
	if r, ok := source.Rejected(err); ok {
		return r.Problem.Code
	}
	return ""
}

func TestOpenGivesTheSameContentHoweverCompressed(t *testing.T) {
	const want = "id;nom\n1;Foyer des Ormes\n"
	dir := t.TempDir()
	for name, b := range map[string][]byte{
		"sites.csv":     []byte(want),
		"sites.csv.gz":  gz(t, []byte(want)),
		"sites.csv.zip": zipped(t, entry{"folder/", ""}, entry{"__MACOSX/._sites.csv", "x"}, entry{"folder/sites.csv", want}),
	} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		in, err := source.Open(path, source.Limits{})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		m, ok := in.Main(".CSV")
		if !ok {
			t.Fatalf("%s: no .csv member among %v", name, in.Members())
		}
		if got := content(t, m); got != want {
			t.Errorf("%s: content %q, want %q", name, got, want)
		}
		if in.Consumed() == 0 || in.Consumed() > in.Size {
			t.Errorf("%s: consumed %d of %d bytes", name, in.Consumed(), in.Size)
		}
		sum := sha256.Sum256(b)
		if got, err := in.SHA256(); err != nil || got != hex.EncodeToString(sum[:]) {
			t.Errorf("%s: SHA256 %s, %v", name, got, err)
		}
		if strings.HasSuffix(name, ".zip") && m.File() != name+"!folder/sites.csv" {
			t.Errorf("member of an archive is called %q", m.File())
		}
		spooled, cleanup, err := m.Spool(dir)
		if err != nil {
			t.Fatalf("%s: Spool: %v", name, err)
		}
		if b, err := os.ReadFile(spooled); err != nil || string(b) != want {
			t.Errorf("%s: spooled %q, %v", name, b, err)
		}
		st, err := os.Stat(spooled)
		if err != nil || st.Mode().Perm() != 0o600 {
			t.Errorf("%s: spooled file has mode %v, want 0600", name, st.Mode())
		}
		cleanup()
		_, err = os.Stat(spooled)
		if plain := name == "sites.csv"; plain != (err == nil) {
			t.Errorf("%s: after cleanup the file exists: %v", name, err == nil)
		}
		if err := in.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestOpenShapefileBringsItsParts(t *testing.T) {
	dir := t.TempDir()
	for _, n := range []string{"zones.shp", "zones.DBF", "zones.prj", "zones.txt", "other.dbf"} {
		if err := os.WriteFile(filepath.Join(dir, n), []byte(n), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	in, err := source.Open(filepath.Join(dir, "zones.shp"), source.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	var names []string
	for _, m := range in.Members() {
		names = append(names, m.Name)
	}
	slices.Sort(names)
	if want := []string{"zones.DBF", "zones.prj", "zones.shp"}; !slices.Equal(names, want) {
		t.Errorf("members %v, want %v", names, want)
	}
	if m, ok := in.Main(".dbf"); !ok || content(t, m) != "zones.DBF" {
		t.Errorf("the .dbf in capitals is not found")
	}
	alone, err := in.SHA256()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "zones.prj"), []byte("another"), 0o600); err != nil {
		t.Fatal(err)
	}
	again, err := source.Open(filepath.Join(dir, "zones.shp"), source.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if other, _ := again.SHA256(); other == alone {
		t.Error("the hash does not depend on the .prj")
	}
}

func TestFromFilesNamesTheShapefile(t *testing.T) {
	in, err := source.FromFiles([]source.NamedReaderAt{memory(`C:\tmp\z.dbf`, []byte("d")), memory("z.cpg", nil), memory("z.shp", []byte("s"))}, source.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if in.Name != "z.shp" || len(in.Members()) != 2 {
		t.Errorf("name %q, members %v", in.Name, in.Members())
	}
}

func TestRefusals(t *testing.T) {
	zeros := make([]byte, 64<<20)
	encrypted := zipped(t, entry{"a.csv", "x"})
	// Bit 0 of the flags, in the local and the central header.
	encrypted[6] |= 1
	encrypted[bytes.Index(encrypted, []byte("PK\x01\x02"))+8] |= 1
	many := make([]entry, 30)
	for i := range many {
		many[i] = entry{strings.Repeat("a", i+1) + ".csv", "x"}
	}
	whole := gz(t, []byte(strings.Repeat("nom;commune\n", 5000)))
	for _, c := range []struct {
		name    string
		content []byte
		limits  source.Limits
		want    string
	}{
		{"empty.csv", nil, source.Limits{}, source.CodeEmptyFile},
		{"empty.csv.gz", gz(t, nil), source.Limits{}, source.CodeEmptyFile},
		{"empty.zip", zipped(t), source.Limits{}, source.CodeEmptyFile},
		{"emptymember.zip", zipped(t, entry{"a.csv", ""}), source.Limits{}, source.CodeEmptyFile},
		{"bomb.gz", gz(t, zeros), source.Limits{}, source.CodeDecompressionBomb},
		{"bomb.zip", zipped(t, entry{"a.csv", string(zeros)}), source.Limits{}, source.CodeDecompressionBomb},
		{"large.gz", gz(t, zeros[:2<<20]), source.Limits{MaxBytes: 1 << 20}, source.CodeTooLarge},
		{"large.csv", zeros[:2<<20], source.Limits{MaxBytes: 1 << 20}, source.CodeTooLarge},
		{"slip.zip", zipped(t, entry{"../../etc/passwd", "x"}), source.Limits{}, source.CodeUnsafeMember},
		{"absolute.zip", zipped(t, entry{"/etc/passwd", "x"}), source.Limits{}, source.CodeUnsafeMember},
		{"drive.zip", zipped(t, entry{`C:\x.csv`, "x"}), source.Limits{}, source.CodeUnsafeMember},
		{"many.zip", zipped(t, many...), source.Limits{MaxMembers: 10}, source.CodeTooManyMembers},
		{"encrypted.zip", encrypted, source.Limits{}, source.CodeEncrypted},
		{"cut.zip", zipped(t, entry{"a.csv", "x;y"})[:40], source.Limits{}, source.CodeCorruptArchive},
		{"cut.csv.gz", whole[:len(whole)/2], source.Limits{}, source.CodeTruncated},
		{"x.7z", []byte("7z\xbc\xaf\x27\x1c rest"), source.Limits{}, source.CodeUnrecognised},
	} {
		in, err := source.FromFiles([]source.NamedReaderAt{memory(c.name, c.content)}, c.limits)
		if err == nil {
			_, err = io.Copy(io.Discard, must(t, in))
		}
		if got := code(err); got != c.want {
			t.Errorf("%s: code %q (%v), want %q", c.name, got, err, c.want)
			continue
		}
		r, _ := source.Rejected(err)
		if !strings.HasPrefix(r.Problem.File, c.name) || r.Problem.Message.FR == "" || r.Problem.Message.EN == "" {
			t.Errorf("%s: problem is not located or not said: %+v", c.name, r.Problem)
		}
	}
	if _, err := source.Open(filepath.Join(t.TempDir(), "absent.csv"), source.Limits{}); code(err) != source.CodeUnreadable {
		t.Errorf("absent file: %v", err)
	}
	if _, err := source.Open(t.TempDir(), source.Limits{}); code(err) != source.CodeUnreadable {
		t.Errorf("folder: %v", err)
	}
}

func must(t testing.TB, in *source.Input) io.Reader {
	t.Helper()
	m, ok := in.Main()
	if !ok {
		t.Fatal("no member")
	}
	r, err := m.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

func TestReadingTwiceCountsOnce(t *testing.T) {
	b := []byte(strings.Repeat("0123456789", 1000))
	in, err := source.FromFiles([]source.NamedReaderAt{memory("a.txt", b)}, source.Limits{MaxBytes: int64(len(b))})
	if err != nil {
		t.Fatal(err)
	}
	m, _ := in.Main()
	for range 3 {
		if got := content(t, m); got != string(b) {
			t.Fatal("content differs")
		}
	}
	if in.Consumed() != in.Size {
		t.Errorf("consumed %d of %d", in.Consumed(), in.Size)
	}
	if head, err := m.Head(1 << 20); err != nil || len(head) != len(b) {
		t.Errorf("head of a short member: %d bytes, %v", len(head), err)
	}
}

func TestArchivesWithinAndChoicesAreTold(t *testing.T) {
	in, err := source.FromFiles([]source.NamedReaderAt{memory("a.zip", zipped(t,
		entry{"small.csv", "x"}, entry{"large.csv", "xxxx"}, entry{"old.zip", "x"}))}, source.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if notes := in.Notes(); len(notes) != 1 || notes[0].Code != source.CodeNestedArchive || notes[0].File != "a.zip!old.zip" {
		t.Errorf("notes %+v", notes)
	}
	m, _ := in.Main(".csv")
	p, ok := in.IgnoredNote(m, ".csv")
	if m.Name != "large.csv" || !ok || !strings.Contains(p.Value, "small.csv") {
		t.Errorf("main %q, note %+v", m.Name, p)
	}
}

func FuzzOpen(f *testing.F) {
	f.Add("a.zip", zipped(f, entry{"a.csv", "id;nom"}, entry{"b/c.csv", "x"}))
	f.Add("a.gz", gz(f, []byte("id;nom")))
	f.Add("a.csv", []byte("id;nom"))
	f.Fuzz(func(t *testing.T, name string, b []byte) {
		in, err := source.FromFiles([]source.NamedReaderAt{memory(name, b)}, source.Limits{MaxBytes: 1 << 20})
		if err != nil {
			if code(err) == "" {
				t.Fatalf("error without a problem: %v", err)
			}
			return
		}
		for _, m := range in.Members() {
			r, err := m.Open()
			if err == nil {
				_, err = io.Copy(io.Discard, r)
				r.Close()
			}
			if err != nil && code(err) == "" {
				t.Fatalf("error without a problem: %v", err)
			}
		}
	})
}
