package ingest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"vigie/data"
	"vigie/data/source/all"
)

// codeText is how a code of several words looks; those of one word are found by their name.
var codeText = regexp.MustCompile(`^[a-z]+(-[a-z0-9]+)+$`)

// notCodes look like codes and are none.
var notCodes = []string{"windows-1252"}

// TestEveryCodeHasATitle looks for the codes in the source of what reads and checks records.
func TestEveryCodeHasATitle(t *testing.T) {
	known := slices.Clone(notCodes)
	for _, f := range all.Formats() {
		known = append(known, f.ID())
	}
	found := 0
	look := func(path string, literal *ast.BasicLit, named bool) {
		code, err := strconv.Unquote(literal.Value)
		if err != nil || literal.Kind != token.STRING || !named && !codeText.MatchString(code) || code == "" || slices.Contains(known, code) {
			return
		}
		found++
		title, ok := data.ProblemTitles[code]
		if !ok || title.FR == "" || title.EN == "" {
			t.Errorf("%s: the code %q has no title in both languages in data.ProblemTitles", path, code)
		}
	}
	for _, root := range []string{"..", "../../geo/repair"} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			name := filepath.ToSlash(path)
			shared := filepath.Dir(name) == ".." || strings.HasPrefix(name, "../../geo/repair")
			importer := strings.HasPrefix(name, "../source") || filepath.Dir(name) == "." || strings.HasPrefix(name, "../ingest")
			if d.IsDir() || filepath.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") || !shared && !importer {
				return nil
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.ImportSpec:
					return false
				case *ast.ValueSpec:
					kind, _ := n.Type.(*ast.Ident)
					for i, v := range n.Values {
						literal, ok := v.(*ast.BasicLit)
						isCode := strings.HasPrefix(n.Names[i].Name, "Code") || strings.HasPrefix(n.Names[i].Name, "code")
						if ok && (isCode || kind != nil && kind.Name == "Kind" && strings.HasSuffix(name, "repair/kind.go")) {
							look(name, literal, true)
						}
					}
				case *ast.KeyValueExpr:
					key, _ := n.Key.(*ast.Ident)
					if literal, ok := n.Value.(*ast.BasicLit); ok && key != nil && key.Name == "Code" && codeText.MatchString(strings.Trim(literal.Value, `"`)) {
						look(name, literal, true)
					}
				case *ast.CallExpr:
					for _, a := range n.Args {
						if literal, ok := a.(*ast.BasicLit); ok && importer {
							look(name, literal, false)
						}
					}
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if found < 100 {
		t.Errorf("only %d codes found in the source: the search is broken", found)
	}
}
