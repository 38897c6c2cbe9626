package source_test

import (
	"bytes"
	"encoding/csv"
	"io"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"vigie/data"
	"vigie/data/source"
)

func records(t testing.TB, text string, sep byte) (all [][]string, lines []int, warnings []data.Problem, err error) {
	t.Helper()
	r := source.NewRecords(strings.NewReader(text), sep, "f.csv")
	r.Warn = func(p data.Problem) { warnings = append(warnings, p) }
	for {
		fields, err := r.Read()
		if err == io.EOF {
			return all, lines, warnings, nil
		}
		if err != nil {
			return all, lines, warnings, err
		}
		var row []string
		for _, f := range fields {
			row = append(row, string(f))
		}
		all, lines = append(all, row), append(lines, r.Line())
	}
}

func TestRecords(t *testing.T) {
	got, lines, warnings, err := records(t, "a;b;c\r\n\r\n1;\"x;\"\"y\"\"\nz\";3\n;;\n12\" pipe;b;\n\"last\"", ';')
	want := [][]string{{"a", "b", "c"}, {"1", "x;\"y\"\nz", "3"}, {"", "", ""}, {`12" pipe`, "b", ""}, {"last"}}
	if err != nil || len(warnings) > 0 || !slices.EqualFunc(got, want, slices.Equal[[]string]) {
		t.Errorf("records %q, warnings %v, %v; want %q", got, warnings, err, want)
	}
	if want := []int{1, 3, 5, 6, 7}; !slices.Equal(lines, want) {
		t.Errorf("lines %v, want %v", lines, want)
	}
}

func TestRecordsLocatesQuotesOutOfPlace(t *testing.T) {
	got, _, warnings, err := records(t, "id;nom\n1;\"LES ORMES\" MECS\n2;suite\n", ';')
	if err != nil || len(got) != 3 || got[1][1] != `LES ORMES" MECS` {
		t.Fatalf("records %q, %v", got, err)
	}
	if len(warnings) != 1 || warnings[0].Line != 2 || warnings[0].Column != 2 || warnings[0].Code != "stray-quote" {
		t.Errorf("warnings %+v", warnings)
	}
	_, _, _, err = records(t, "id;nom\n1;ok\n2;\"LES ORMES\n3;suite\n", ';')
	r, ok := source.Rejected(err)
	if !ok || r.Problem.Code != "unclosed-quote" || r.Problem.Line != 3 || r.Problem.Column != 2 {
		t.Errorf("unclosed quote: %v", err)
	}
}

// countingReader gives the same byte for ever.
type countingReader struct {
	c byte
	n int64
}

func (r *countingReader) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = r.c
	}
	r.n += int64(len(p))
	return len(p), nil
}

func TestRecordsStopsEarlyAtNonsense(t *testing.T) {
	for _, start := range []string{"", "id;nom\n1;\""} {
		endless := &countingReader{c: 'a'}
		r := source.NewRecords(io.MultiReader(strings.NewReader(start), endless), ';', "f.csv")
		var err error
		for err == nil {
			_, err = r.Read()
		}
		if code(err) != source.CodeTooLarge || endless.n > 4<<20 {
			t.Errorf("after %q: %v, having read %d bytes", start, err, endless.n)
		}
	}
}

// What encoding/csv writes is read back the same.
func TestRecordsReadsRFC4180(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		width := rapid.IntRange(2, 5).Draw(t, "width")
		sep := rapid.SampledFrom([]byte{';', ',', '\t', '|'}).Draw(t, "sep")
		row := rapid.SliceOfN(rapid.StringMatching(`[ab;,"|\n\t]{0,6}`), width, width)
		want := rapid.SliceOfN(row, 1, 5).Draw(t, "rows")
		var b bytes.Buffer
		w := csv.NewWriter(&b)
		w.Comma = rune(sep)
		if err := w.WriteAll(want); err != nil {
			t.Fatal(err)
		}
		r := source.NewRecords(&b, sep, "f.csv")
		r.Warn = func(p data.Problem) { t.Fatalf("warning %+v", p) }
		for _, row := range want {
			got, err := r.Read()
			if err != nil {
				t.Fatal(err)
			}
			if !slices.EqualFunc(got, row, func(a []byte, b string) bool { return string(a) == b }) {
				t.Fatalf("%q, want %q", got, row)
			}
		}
		if _, err := r.Read(); err != io.EOF {
			t.Fatalf("after the last record: %v", err)
		}
	})
}

func TestDetectSeparator(t *testing.T) {
	for head, want := range map[string]byte{
		"id;nom;lon,lat\n":            ';',
		"\n\nid,nom\n1;2;3;4\n":       ',',
		"id\tnom\n":                   '\t',
		"\"a;b;c\",\"d\",e\n1,2,3":    ',',
		"structureet;010000024;;;;;;": ';',
	} {
		if got, ok := source.DetectSeparator([]byte(head)); !ok || got != want {
			t.Errorf("%q: separator %q, want %q", head, got, want)
		}
	}
	if _, ok := source.DetectSeparator([]byte("only one column\n")); ok {
		t.Error("a separator is found in a line without one")
	}
}

func FuzzRecords(f *testing.F) {
	f.Add("a;b\n\"c\"\"d\";e\n", byte(';'))
	f.Add("\"a\"b;c\n\"", byte(';'))
	f.Fuzz(func(t *testing.T, text string, sep byte) {
		r := source.NewRecords(strings.NewReader(text), sep, "f")
		size := 0
		for {
			fields, err := r.Read()
			if err != nil {
				if err != io.EOF && code(err) == "" {
					t.Fatalf("error without a problem: %v", err)
				}
				break
			}
			for _, f := range fields {
				size += len(f)
			}
		}
		if size > len(text) {
			t.Fatalf("%d bytes of fields out of %d", size, len(text))
		}
	})
}
