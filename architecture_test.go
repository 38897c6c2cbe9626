package vigie_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const module = "vigie"

// sourceFile is one Go file of the product, tests left out.
type sourceFile struct {
	name    string // slash-separated, from the repository's root
	folder  string // "" for the root
	imports []string
	syntax  *ast.File
}

// sources parses every Go file of the product. Test files are free: a contract
// test may open a store, a referee may use a C library.
func sources(t *testing.T) []sourceFile {
	t.Helper()
	var files []sourceFile
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if base := d.Name(); name != "." && (strings.HasPrefix(base, ".") || base == "node_modules" || base == "testdata" || base == "bin") {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		syntax, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		f := sourceFile{name: filepath.ToSlash(name), syntax: syntax}
		if f.folder = path.Dir(f.name); f.folder == "." {
			f.folder = ""
		}
		for _, spec := range syntax.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			f.imports = append(f.imports, imported)
		}
		files = append(files, f)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// within tells whether a folder is room or below it.
func within(folder, room string) bool { return folder == room || strings.HasPrefix(folder, room+"/") }

// local gives the folder of a package of this module.
func local(imported string) (string, bool) { return strings.CutPrefix(imported, module+"/") }

// TestDependenciesPointOneWay holds "cmd → api → data → geo, never back, never
// sideways but as named" (docs/architecture.md).
func TestDependenciesPointOneWay(t *testing.T) {
	// What each room may import of the module. The first room that fits a folder rules it.
	rooms := []struct {
		room    string
		allowed func(from, to string) bool
	}{
		{"geo", func(_, to string) bool { return within(to, "geo") }},
		// Stores, sources and exports know the records, not each other; the registries
		// (all) know every format, and what formats share lies beside or above them.
		{"data/sqlite", storeOnly},
		{"data/postgis", storeOnly},
		{"data/storetest", func(_, to string) bool { return to == "data" || within(to, "geo") }},
		{"data/source", func(from, to string) bool {
			return to == "data" || to == "data/source" || within(to, "geo") || within(to, from) ||
				within(from, "data/source/all") && within(to, "data/source")
		}},
		{"data/export", func(from, to string) bool {
			return to == "data" || to == "data/export" || to == "data/export/decimal" || within(to, "geo") || within(to, from) ||
				within(from, "data/export/all") && within(to, "data/export")
		}},
		{"data/snapshot", func(_, to string) bool { return to == "data" || to == "data/scoring" || within(to, "geo") }},
		{"data/release", func(_, to string) bool {
			return to == "data" || to == "data/snapshot" || to == "data/statistics" || within(to, "geo")
		}},
		{"data/demo", func(_, to string) bool { return within(to, "geo") || within(to, "data") && !isStore(to) }},
		{"data/assess", func(_, to string) bool { return within(to, "geo") || within(to, "data") && !isStore(to) }},
		{"data/ingest", func(_, to string) bool {
			return to == "data" || to == "data/territory" || within(to, "data/source") || within(to, "geo")
		}},
		{"data/siting", func(_, to string) bool { return within(to, "geo") || within(to, "data") && !isStore(to) }},
		{"data/statistics", func(_, to string) bool { return to == "data" || to == "data/snapshot" || within(to, "geo") }},
		{"data", func(from, to string) bool {
			return within(to, "geo") || within(to, from) || from != "data" && to == "data"
		}},
		// What siblings of api share is api/auth and api/web, and web knows nobody.
		{"api/web", func(_, to string) bool { return within(to, "data") && !isStore(to) || within(to, "geo") }},
		{"api/auth", func(_, to string) bool { return to == "api/web" || to == "data" || to == "data/freetext" }},
		{"api", func(from, to string) bool {
			if isStore(to) {
				return false
			}
			return within(to, "data") || within(to, "geo") || to == "api/auth" || to == "api/web" || within(to, from) && from != "api" ||
				from == "api" && within(to, "api")
		}},
		{"frontend", func(string, string) bool { return false }},
		{"cmd", func(from, to string) bool {
			return within(to, "api") || within(to, "data") || within(to, "geo") || to == "frontend" || within(to, from)
		}},
	}
	checked := map[string]bool{}
	for _, f := range sources(t) {
		for _, imported := range f.imports {
			to, ok := local(imported)
			if !ok {
				continue
			}
			for _, r := range rooms {
				if !within(f.folder, r.room) {
					continue
				}
				checked[r.room] = true
				if !r.allowed(f.folder, to) {
					t.Errorf("%s imports %s: not a way that docs/architecture.md names", f.name, imported)
				}
				break
			}
		}
	}
	for _, room := range []string{"geo", "data", "api"} {
		if !checked[room] {
			t.Errorf("no import of %s was checked", room)
		}
	}
}

func storeOnly(from, to string) bool { return to == "data" || within(to, "geo") || within(to, from) }

func isStore(folder string) bool {
	return within(folder, "data/sqlite") || within(folder, "data/postgis") || within(folder, "data/storetest")
}

// TestGeoIsPureComputation holds that geo does no I/O and has no clock.
func TestGeoIsPureComputation(t *testing.T) {
	forbidden := []string{"os", "net", "io/fs", "database", "time", "log", "syscall", "embed", "bufio", "path/filepath", "math/rand"}
	for _, f := range sources(t) {
		if !within(f.folder, "geo") {
			continue
		}
		for _, imported := range f.imports {
			for _, room := range forbidden {
				if within(imported, room) {
					t.Errorf("%s imports %s: geo is pure computation", f.name, imported)
				}
			}
		}
	}
}

// TestDatabasesAreOpenedInTheirRooms keeps SQL where it belongs.
func TestDatabasesAreOpenedInTheirRooms(t *testing.T) {
	rooms := []string{"data/sqlite", "data/postgis", "data/source/gpkg", "data/export/gpkg"}
	for _, f := range sources(t) {
		for _, imported := range f.imports {
			if !within(imported, "database/sql") && !strings.HasPrefix(imported, "github.com/mattn/go-sqlite3") && !strings.HasPrefix(imported, "github.com/jackc/pgx") {
				continue
			}
			allowed := false
			for _, room := range rooms {
				allowed = allowed || within(f.folder, room)
			}
			if !allowed {
				t.Errorf("%s imports %s: SQL lives in %s", f.name, imported, strings.Join(rooms, ", "))
			}
		}
	}
}

// TestViewersAreMadeInOnePlace holds rule 1: only api/auth and cmd make a Viewer,
// and api has no unfiltered read.
func TestViewersAreMadeInOnePlace(t *testing.T) {
	made := 0
	for _, f := range sources(t) {
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			selector, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			from, ok := selector.X.(*ast.Ident)
			if !ok || from.Name != "data" {
				return true
			}
			switch selector.Sel.Name {
			case "NewViewer":
				if made++; !within(f.folder, "api/auth") && !within(f.folder, "cmd") {
					t.Errorf("%s calls data.NewViewer: only api/auth and cmd may", f.name)
				}
			case "SnapshotSource", "Store":
				if within(f.folder, "api") {
					t.Errorf("%s names data.%s: api reads through a Viewer only", f.name, selector.Sel.Name)
				}
			}
			return true
		})
		// A renamed import would hide the calls above.
		for _, spec := range f.syntax.Imports {
			if spec.Path.Value == `"`+module+`/data"` && spec.Name != nil {
				t.Errorf("%s imports vigie/data under another name", f.name)
			}
		}
	}
	if made == 0 {
		t.Error("no call of data.NewViewer was seen: the test looks at the wrong files")
	}
}

// TestPackagesDoNotEndTheProcess keeps log.Fatal and os.Exit to cmd.
func TestPackagesDoNotEndTheProcess(t *testing.T) {
	for _, f := range sources(t) {
		if within(f.folder, "cmd") {
			continue
		}
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			selector, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if from, ok := selector.X.(*ast.Ident); ok {
				name := from.Name + "." + selector.Sel.Name
				if name == "os.Exit" || strings.HasPrefix(name, "log.Fatal") || strings.HasPrefix(name, "log.Panic") {
					t.Errorf("%s calls %s: only cmd may", f.name, name)
				}
			}
			return true
		})
	}
}
