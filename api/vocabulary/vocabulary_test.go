package vocabulary

import (
	"bytes"
	"encoding/json"
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"vigie/api/auth"
	"vigie/data"
	export "vigie/data/export/all"
	"vigie/geo/exposure"
	"vigie/geo/score"
)

var update = flag.Bool("update", false, "write the golden file, which the front end's types are checked against")

// constants are the values of the constants of a string type of package data.
func constants(t *testing.T, typeName string) []string {
	t.Helper()
	files, err := filepath.Glob("../../data/*.go")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range file.Decls {
			group, ok := decl.(*ast.GenDecl)
			if !ok || group.Tok != token.CONST {
				continue
			}
			for _, spec := range group.Specs {
				value := spec.(*ast.ValueSpec)
				if named, ok := value.Type.(*ast.Ident); !ok || named.Name != typeName {
					continue
				}
				for _, v := range value.Values {
					word, err := strconv.Unquote(v.(*ast.BasicLit).Value)
					if err != nil {
						t.Fatal(err)
					}
					found = append(found, word)
				}
			}
		}
	}
	return found
}

func ids[T any](list []T, id func(T) string) []string {
	var out []string
	for _, x := range list {
		out = append(out, id(x))
	}
	return out
}

func term(x Term) string { return x.ID }

// Whatever a table of the server has, clients can name, in both languages.
func TestVocabularyCoversTheRegistries(t *testing.T) {
	v := Make()
	themes := exposure.Themes()
	for _, tt := range []struct {
		name      string
		got, want []string
	}{
		{"roles", ids(v.Roles, func(r Role) string { return r.ID }), constants(t, "Role")},
		{"rights", ids(v.Rights, term), auth.RightWords(^data.Right(0))},
		{"purposes", ids(v.Purposes, func(p auth.Purpose) string { return p.ID }), ids(auth.Purposes(), func(p auth.Purpose) string { return p.ID })},
		{"grant kinds", ids(v.GrantKinds, term), constants(t, "GrantKind")},
		{"layers", ids(v.Layers, term), constants(t, "Layer")},
		{"zone kinds", ids(v.ZoneKinds, func(k ZoneKind) string { return k.ID }), constants(t, "ZoneKind")},
		{"place kinds", ids(v.PlaceKinds, term), ids(data.PlaceKinds, func(k data.PlaceKind) string { return k.ID })},
		{"themes", ids(v.Themes, term), themes},
		{"categories", ids(v.Categories, func(c data.Category) string { return c.Code }), ids(data.Categories, func(c data.Category) string { return c.Code })},
		{"precisions", ids(v.Precisions, func(p Described) string { return p.ID }), constants(t, "Precision")},
		{"changes", ids(v.Changes, term), constants(t, "ChangeKind")},
		{"exports", ids(v.Exports, func(f Format) string { return f.ID }), ids(export.Formats(), func(f export.Format) string { return f.ID })},
	} {
		slices.Sort(tt.got)
		slices.Sort(tt.want)
		if len(tt.want) == 0 || !slices.Equal(tt.got, tt.want) {
			t.Errorf("%s: %v, the tables have %v", tt.name, tt.got, tt.want)
		}
	}
	if len(v.Classes) != len(score.Default().Classes.Labels) {
		t.Errorf("classes %+v", v.Classes)
	}
	styles := map[int]string{}
	for _, k := range v.ZoneKinds {
		if other, taken := styles[k.Style]; taken {
			t.Errorf("%s and %s have the same style", k.ID, other)
		}
		styles[k.Style] = k.ID
	}
}

func TestEveryLabelIsInBothLanguages(t *testing.T) {
	var tree any
	body, err := json.Marshal(Make())
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(body, &tree); err != nil {
		t.Fatal(err)
	}
	var walk func(path string, x any)
	walk = func(path string, x any) {
		switch x := x.(type) {
		case []any:
			if len(x) == 0 && !strings.HasSuffix(path, "/rights") {
				t.Errorf("%s is empty", path)
			}
			for i, item := range x {
				walk(path+"/"+strconv.Itoa(i), item)
			}
		case map[string]any:
			for key, item := range x {
				walk(path+"/"+key, item)
			}
		case string:
			if x == "" {
				t.Errorf("%s is empty", path)
			}
		case nil:
			t.Errorf("%s is null", path)
		}
	}
	walk("", tree)
}

// The front end's types are checked against this file.
func TestVocabularyIsTheGoldenFile(t *testing.T) {
	var body bytes.Buffer
	enc := json.NewEncoder(&body)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(Make()); err != nil {
		t.Fatal(err)
	}
	const name = "testdata/vocabulary.json"
	if *update {
		if err := os.WriteFile(name, body.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil || !bytes.Equal(body.Bytes(), want) {
		t.Errorf("%s is not current (%v): run go test ./api/vocabulary -update", name, err)
	}
}
