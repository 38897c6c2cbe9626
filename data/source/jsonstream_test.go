package source_test

import (
	"io"
	"strings"
	"testing"

	"vigie/data/source"
)

func values(text string) (at []source.Location, err error) {
	j := source.NewJSON(strings.NewReader(text), "f.json")
	err = j.Object(func(string) error {
		return j.Array(func() error {
			_, l, err := j.Value()
			at = append(at, l)
			return err
		})
	})
	if err == nil {
		err = j.End()
	}
	return at, err
}

func TestJSONKnowsLinesAndColumns(t *testing.T) {
	at, err := values("{ \"a\":\n [1,\n  {\"x\":\n 2}, 3],\n\"b\": [ 4 ] }\n")
	if err != nil {
		t.Fatal(err)
	}
	want := [][2]int{{2, 3}, {3, 3}, {4, 6}, {5, 8}}
	for i, w := range want {
		if at[i].Line != w[0] || at[i].Column != w[1] {
			t.Errorf("value %d is at %d:%d, want %d:%d", i, at[i].Line, at[i].Column, w[0], w[1])
		}
	}
}

func TestJSONLocatesMistakes(t *testing.T) {
	for _, c := range []struct {
		text, code string
		line       int
		says       string
	}{
		{"{\"a\": [1, 2\n,", source.CodeTruncated, 2, "] }"},
		{"{\"a\": [1, {\"b\": \"cut", source.CodeTruncated, 1, "] }"},
		{"", source.CodeTruncated, 1, ""},
		{"{\"a\":\n [1,\n x]}", source.CodeSyntax, 3, "'x'"},
		{"{\"a\": [1} }", source.CodeSyntax, 1, "'}'"},
		{"{\"a\": {} }", source.CodeSyntax, 1, "[ … ]"},
		{"[]", source.CodeSyntax, 1, "{ … }"},
		{"{\"a\": []}\n\n{}", source.CodeSyntax, 3, ""},
		{"{a: []}", source.CodeSyntax, 1, "'a'"},
	} {
		_, err := values(c.text)
		r, ok := source.Rejected(err)
		if !ok {
			t.Errorf("%q: %v, want a rejection", c.text, err)
			continue
		}
		p := r.Problem
		if p.Code != c.code || p.Line != c.line || p.File != "f.json" || !strings.Contains(p.Message.EN, c.says) || p.Message.FR == "" {
			t.Errorf("%q: %+v, want %s on line %d", c.text, p, c.code, c.line)
		}
	}
}

func TestJSONStopsEarlyAtNonsense(t *testing.T) {
	for _, c := range []struct {
		start string
		with  byte
	}{{`{"a": ["`, 'x'}, {"{", ' '}, {"", '['}, {`{"a": [{"b":`, '1'}} {
		endless := &countingReader{c: c.with}
		j := source.NewJSON(io.MultiReader(strings.NewReader(c.start), endless), "f.json")
		err := j.Object(func(string) error {
			return j.Array(func() error { _, _, err := j.Value(); return err })
		})
		if code(err) == "" || endless.n > 160<<20 {
			t.Errorf("%q then %q: %v after %d MB", c.start, c.with, err, endless.n>>20)
		}
	}
}

func TestJSONSkipsWithoutLimit(t *testing.T) {
	long := `{"other": [` + strings.Repeat(`{"x": [1, 2, 3]}, `, 5000) + `0], "a": [1]}`
	j := source.NewJSON(strings.NewReader(long), "f.json")
	found := 0
	err := j.Object(func(name string) error {
		if name != "a" {
			return j.Skip()
		}
		return j.Array(func() error { found++; return j.Skip() })
	})
	if err != nil || found != 1 {
		t.Errorf("found %d, %v", found, err)
	}
}
