package siting_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"vigie/data"
	"vigie/data/siting"
	"vigie/geo/siting/allocation"
)

func TestReadORLibrary(t *testing.T) {
	// A path 1–2–3–4; the second length of 1–2 counts, and the long way 1–4 does not.
	need, medians, err := siting.ReadORLibrary(strings.NewReader(" 4 5 2\n 1 2 9\n 2 3 1\n 3 4 4 \n 1 2 2\n 1 4 30\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := []float64{0, 2, 3, 7, 2, 0, 1, 5, 3, 1, 0, 4, 7, 5, 4, 0}
	if medians != 2 || need.Candidates != 4 || !slices.Equal(need.Distances, want) || !slices.Equal(need.Weights, []float64{1, 1, 1, 1}) {
		t.Errorf("%d of %+v", medians, need)
	}
	got, err := allocation.Median(t.Context(), need, medians, allocation.DefaultEffort)
	if err != nil || got.Objective != 3 || !got.Proven {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestReadORLibraryRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		file         string
		line, column int
		value        string
	}{
		"nothing":         {"", 1, 1, ""},
		"a word":          {"3 1 x\n", 1, 5, "x"},
		"a vertex beyond": {"3 2 1\n1 2 1\n2 4 1\n", 3, 3, "4"},
		"cut":             {"3 2 1\n1 2 1\n2 3", 3, 4, ""},
		"too much":        {"2 1 1\n1 2 1\n7\n", 3, 1, "7"},
		"negative":        {"2 1 1\n1 2 -1\n", 2, 5, "-1"},
		"in two parts":    {"3 1 1\n1 2 1\n", 1, 1, ""},
		"huge":            {"9000 1 1\n", 1, 1, "9000"},
	} {
		_, _, err := siting.ReadORLibrary(strings.NewReader(c.file))
		var invalid *data.InvalidError
		if !errors.As(err, &invalid) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if p := invalid.Problems[0]; p.Line != c.line || p.Column != c.column || p.Value != c.value {
			t.Errorf("%s: %+v", name, p)
		}
	}
}

func FuzzReadORLibrary(f *testing.F) {
	f.Add("4 4 2\n1 2 9\n2 3 1\n3 4 4\n1 2 2\n")
	f.Fuzz(func(t *testing.T, file string) {
		if len(file) > 400 {
			return
		}
		if fields := strings.Fields(file); len(fields) > 0 && len(fields[0]) > 2 {
			return // a large graph takes its time
		}
		need, medians, err := siting.ReadORLibrary(strings.NewReader(file))
		if err != nil {
			return
		}
		if _, err := allocation.Median(t.Context(), need, medians, allocation.Effort{}); err != nil {
			t.Fatal(err)
		}
	})
}
