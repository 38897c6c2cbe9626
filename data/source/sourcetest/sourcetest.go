// Package sourcetest helps the tests of the input formats: it gathers what a read
// gives and finds the real files.
package sourcetest

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vigie/data"
	"vigie/data/source"
)

// Result is all that a read gave.
type Result struct {
	Sites  []data.Site
	Zones  []data.Zone
	Places []data.Place
	Areas  []data.Area
	// Statistics are copies, numbers included.
	Statistics []data.Statistic

	Locations []source.Location // of every record, in order
	Problems  []data.Problem
	Filtered  map[string]int
	Progress  []int64
	Err       error
}

// Read reads an input to its end.
func Read(f source.Format, in *source.Input, opt source.Options) *Result {
	r := &Result{Filtered: make(map[string]int)}
	at := func(l source.Location) error { r.Locations = append(r.Locations, l); return nil }
	r.Err = f.Read(context.Background(), in, opt, source.Sink{
		Site:  func(s data.Site, l source.Location) error { r.Sites = append(r.Sites, s); return at(l) },
		Zone:  func(z data.Zone, l source.Location) error { r.Zones = append(r.Zones, z); return at(l) },
		Place: func(p data.Place, l source.Location) error { r.Places = append(r.Places, p); return at(l) },
		Area:  func(a data.Area, l source.Location) error { r.Areas = append(r.Areas, a); return at(l) },
		Statistic: func(s *data.Statistic, l source.Location) error {
			c := *s
			c.Value, c.Count, c.Denominator = clone(s.Value), clone(s.Count), clone(s.Denominator)
			r.Statistics = append(r.Statistics, c)
			return at(l)
		},
		Problem:  func(p data.Problem) { r.Problems = append(r.Problems, p) },
		Filtered: func(reason string) { r.Filtered[reason]++ },
		Progress: func(n int64) { r.Progress = append(r.Progress, n) },
	})
	return r
}

func clone(f *float64) *float64 {
	if f == nil {
		return nil
	}
	c := *f
	return &c
}

// Text reads content given as a file named name.
func Text(t testing.TB, f source.Format, name, content string, opt source.Options) *Result {
	t.Helper()
	in, err := source.FromFiles([]source.NamedReaderAt{{
		Name: name, Size: int64(len(content)), ReaderAt: strings.NewReader(content),
	}}, source.Limits{})
	if err != nil {
		return &Result{Err: err}
	}
	return Read(f, in, opt)
}

// File reads a file.
func File(t testing.TB, f source.Format, path string, opt source.Options) *Result {
	t.Helper()
	in, err := source.Open(path, source.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	return Read(f, in, opt)
}

// Codes counts the problems by code.
func (r *Result) Codes() map[string]int {
	codes := make(map[string]int)
	for _, p := range r.Problems {
		codes[p.Code]++
	}
	return codes
}

// Find gives the first problem with this code.
func (r *Result) Find(code string) (data.Problem, bool) {
	for _, p := range r.Problems {
		if p.Code == code {
			return p, true
		}
	}
	return data.Problem{}, false
}

// Rejected gives the problem that rejected the file, and fails the test when none did.
func (r *Result) Rejected(t testing.TB) data.Problem {
	t.Helper()
	p, ok := rejected(r.Err)
	if !ok {
		t.Fatalf("error %v, want a *data.RejectedError", r.Err)
	}
	return p
}

func rejected(err error) (data.Problem, bool) {
	if e, ok := source.Rejected(err); ok {
		return e.Problem, true
	}
	return data.Problem{}, false
}

// Real gives the path of one of the real files, and skips the test where they are absent.
func Real(t testing.TB, name string) string {
	t.Helper()
	dir := os.Getenv("VIGIE_TEST_DATA")
	if dir == "" {
		root, err := os.Getwd()
		if err != nil {
			t.Fatal(err)
		}
		for {
			if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil {
				break
			}
			parent := filepath.Dir(root)
			if parent == root {
				t.Fatal("go.mod not found above the working directory")
			}
			root = parent
		}
		dir = filepath.Join(root, "..", "shared", "data")
	}
	path := filepath.Join(dir, name)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("real file %s is absent: set VIGIE_TEST_DATA to the folder of real files", name)
	}
	return path
}

// Nonsense is a file of size bytes that repeats a pattern, held nowhere.
func Nonsense(name, pattern string, size int64) source.NamedReaderAt {
	return source.NamedReaderAt{Name: name, Size: size, ReaderAt: repeated(pattern)}
}

type repeated string

func (s repeated) ReadAt(p []byte, off int64) (int, error) {
	for i := range p {
		p[i] = s[(off+int64(i))%int64(len(s))]
	}
	return len(p), nil
}

// RejectsNonsense fails the test when a format takes 200 MB of nonsense, or reads
// much of it before it says no.
func RejectsNonsense(t *testing.T, f source.Format, name string, opt source.Options) {
	t.Helper()
	for _, pattern := range []string{"a", "xyz ", "\x89\x00\x17", "{", "[", `{"`, "\"", "é\xff\x01;", "1,2\n"} {
		in, err := source.FromFiles([]source.NamedReaderAt{Nonsense(name, pattern, 200<<20)}, source.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if score := f.Detect(in); score > 30 {
			t.Errorf("%q: %s detects it with %d", pattern, f.ID(), score)
		}
		r := Read(f, in, opt)
		r.Rejected(t)
		r.Sound(t)
		if n := in.Consumed(); n > 130<<20 {
			t.Errorf("%q: rejected after %d MB only", pattern, n>>20)
		}
	}
}
