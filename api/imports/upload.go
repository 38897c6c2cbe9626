package imports

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"mime"
	"mime/multipart"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"vigie/api/web"
	"vigie/data"
	"vigie/data/ingest"
	"vigie/data/source"
	"vigie/geo/crs"
)

// Limits of a form.
const (
	maxFiles = 20
	maxField = 4 << 10 // bytes of one value
)

const fileField = "file"

// formSchema documents the form, and is what its values are checked against.
func formSchema(tr web.Tr) *openapi3.Schema {
	flag := func(fr, en string) *openapi3.Schema {
		s := openapi3.NewStringSchema().WithEnum("false", "true")
		s.Description = tr(fr, en)
		return s
	}
	text := func(fr, en string) *openapi3.Schema {
		s := openapi3.NewStringSchema().WithMaxLength(200)
		s.Description = tr(fr, en)
		return s
	}
	kinds := []any{}
	for _, k := range data.ZoneKinds {
		kinds = append(kinds, string(k))
	}
	kind := openapi3.NewStringSchema().WithEnum(kinds...)
	kind.Description = tr("Type des zones", "Kind of the zones")
	layer := openapi3.NewStringSchema().WithEnum(string(data.LayerSites), string(data.LayerZones), string(data.LayerPlaces), string(data.LayerAreas), string(data.LayerStatistics))
	file := openapi3.NewArraySchema().WithItems(openapi3.NewStringSchema().WithFormat("binary"))
	file.Description = tr("Le fichier, ou les fichiers qui vont ensemble (.shp, .dbf, .prj)", "The file, or the files that belong together (.shp, .dbf, .prj)")
	return web.Closed(map[string]*openapi3.Schema{
		fileField: file, "layer": layer, "kind": kind,
		"format":        text("Format, reconnu sinon", "Format, recognised otherwise"),
		"edition":       text("Édition des zones («\u00a02024\u00a0»)", "Edition of the zones (“2024”)"),
		"categories":    text("Codes des catégories FINESS à garder, séparés par des virgules", "Codes of the FINESS categories to keep, separated by commas"),
		"departments":   text("Départements des statistiques à garder, séparés par des virgules", "Départements of the statistics to keep, separated by commas"),
		"since":         text("Première année des statistiques à garder", "First year of the statistics to keep"),
		"crs":           text("Système de coordonnées («\u00a0EPSG:2154\u00a0»), reconnu sinon", "Coordinate reference system (“EPSG:2154”), recognised otherwise"),
		"id_field":      text("Nom du champ identifiant", "Name of the identifier field"),
		"name_field":    text("Nom du champ nom", "Name of the name field"),
		"services":      flag("Garder aussi les services", "Keep services as well"),
		"strict":        flag("Refuser tout le fichier à la première erreur", "Refuse the whole file when any record is in error"),
		"make_current":  flag("Mettre cette édition en vigueur ou non", "Make this edition the current one or not"),
		"close_missing": flag("Fermer les foyers absents du fichier", "Close the homes absent from the file"),
		"restricted":    flag("Couche réservée (police)", "Restricted layer (police)"),
		"dry_run":       flag("Voir l’effet sans rien écrire", "Preview without writing"),
	}, fileField, "layer")
}

// upload is a form whose files are on disk.
type upload struct {
	values map[string]string
	files  []source.NamedReaderAt
	open   []*os.File
	dir    string
}

// receive spools the files of a multipart body, as they arrive, to files of mode
// 0600 in a folder of their own. The caller closes the upload.
func receive(r *http.Request, tempDir string) (_ *upload, err error) {
	_, parameters, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	boundary := parameters["boundary"]
	if err != nil || boundary == "" {
		return nil, badForm(http.ErrMissingBoundary)
	}
	ending := &tail{r: r.Body, keep: 16 << 10} // more than multipart reads ahead
	parts := multipart.NewReader(ending, boundary)
	up := &upload{values: map[string]string{}}
	defer func() {
		if err != nil {
			up.close()
		}
	}()
	if up.dir, err = os.MkdirTemp(tempDir, "vigie-import-"); err != nil {
		return nil, noRoom(err)
	}
	schema := formSchema(func(fr, _ string) string { return fr })
	for {
		part, err := parts.NextPart()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, badForm(err)
		}
		switch name := part.FormName(); {
		case name == fileField:
			err = up.addFile(part)
		case schema.Properties[name] == nil:
			err = unknownField(name, schema)
		default:
			err = up.addValue(name, part)
		}
		if err != nil {
			return nil, err
		}
	}
	// multipart takes a body cut within a part's header for a whole one; of a
	// shapefile, a part would then be missing.
	if !bytes.Contains(ending.last, []byte("--"+boundary+"--")) {
		return nil, badForm(io.ErrUnexpectedEOF)
	}
	return up, up.check(schema)
}

// tail remembers the last bytes read.
type tail struct {
	r    io.Reader
	keep int
	last []byte
}

func (t *tail) Read(p []byte) (int, error) {
	n, err := t.r.Read(p)
	if n >= t.keep {
		t.last = append(t.last[:0], p[n-t.keep:n]...)
	} else {
		t.last = append(t.last, p[:n]...)
		t.last = t.last[max(0, len(t.last)-t.keep):]
	}
	return n, err
}

func (up *upload) addFile(part *multipart.Part) error {
	if len(up.files) == maxFiles {
		return fieldProblem(fileField, "", "Vingt fichiers au plus.", "Twenty files at most.")
	}
	f, err := os.CreateTemp(up.dir, "part-")
	if err != nil {
		return noRoom(err)
	}
	up.open = append(up.open, f)
	// An open file needs no name: without one, nothing stays on disk whatever ends
	// the process. Where the system keeps the name, close removes it.
	_ = os.Remove(f.Name())
	size, err := io.Copy(f, part)
	var disk *fs.PathError
	switch {
	case errors.As(err, &disk):
		return noRoom(err)
	case err != nil:
		return badForm(err)
	}
	name := part.FileName()
	if name == "" {
		return fieldProblem(fileField, "", "Le fichier n’a pas de nom.", "The file has no name.")
	}
	up.files = append(up.files, source.NamedReaderAt{Name: name, Size: size, ReaderAt: f})
	return nil
}

func (up *upload) addValue(name string, part *multipart.Part) error {
	value, err := io.ReadAll(io.LimitReader(part, maxField+1))
	if err != nil {
		return badForm(err)
	}
	if len(value) > maxField {
		return fieldProblem(name, string(value), "Valeur trop longue.", "Value too long.")
	}
	up.values[name] = strings.TrimSpace(string(value))
	return nil
}

// check validates the values against the schema. An empty value is one not given:
// that is how browsers send a field left alone.
func (up *upload) check(schema *openapi3.Schema) error {
	var problems []data.Problem
	for name, value := range up.values {
		if value == "" {
			delete(up.values, name)
			continue
		}
		if p := web.ValidateValue(name, value, schema.Properties[name].Value); p != nil {
			problems = append(problems, *p)
		}
	}
	missing := func(name string) {
		problems = append(problems, data.Problem{
			Severity: data.SeverityError, Code: "missing-field", Field: name,
			Message: data.Text{FR: "Champ obligatoire.", EN: "Required field."},
		})
	}
	if len(up.files) == 0 {
		missing(fileField)
	}
	if up.values["layer"] == "" {
		missing("layer")
	}
	if up.values["layer"] == string(data.LayerZones) && up.values["kind"] == "" {
		missing("kind")
	}
	if problems == nil {
		return nil
	}
	slices.SortFunc(problems, func(a, b data.Problem) int { return strings.Compare(a.Field, b.Field) })
	return &web.Problem{
		Code: web.CodeInvalidRecord, Problems: problems,
		Detail: data.Text{
			FR: "Le fichier n’a pas été lu\u00a0: corrigez les champs signalés.",
			EN: "The file was not read: correct the fields shown.",
		},
	}
}

// request turns the form's values into an import request, its input left out.
func (up *upload) request() (ingest.Request, error) {
	flag := func(name string) bool { return up.values[name] == "true" }
	r := ingest.Request{
		Layer: data.Layer(up.values["layer"]), Format: up.values["format"],
		Strict: flag("strict"), DryRun: flag("dry_run"), CloseMissing: flag("close_missing"), Restricted: flag("restricted"),
		Options: source.Options{
			Layer: data.Layer(up.values["layer"]), Kind: data.ZoneKind(up.values["kind"]), Edition: up.values["edition"],
			IDField: up.values["id_field"], NameField: up.values["name_field"], Services: flag("services"),
		},
	}
	if up.values["make_current"] != "" {
		current := flag("make_current")
		r.MakeCurrent = &current
	}
	if list := up.values["categories"]; list != "" {
		for code := range strings.SplitSeq(list, ",") {
			code = strings.TrimSpace(code)
			if _, ok := data.CategoryByCode(code); !ok {
				return r, fieldProblem("categories", code, "Catégorie FINESS inconnue.", "Unknown FINESS category.")
			}
			r.Options.Categories = append(r.Options.Categories, code)
		}
	}
	if list := up.values["departments"]; list != "" {
		for code := range strings.SplitSeq(list, ",") {
			code = strings.TrimSpace(code)
			if !data.ValidDepartmentCode(code) {
				return r, fieldProblem("departments", code, "Code de département inconnu.", "Unknown département code.")
			}
			r.Options.Departments = append(r.Options.Departments, code)
		}
	}
	if year := up.values["since"]; year != "" {
		n, err := strconv.Atoi(year)
		if err != nil || n < 1900 || n > 2200 {
			return r, fieldProblem("since", year, "Année attendue\u00a0: 2021 par exemple.", "A year is expected: 2021 for instance.")
		}
		r.Options.Since = n
	}
	if label := up.values["crs"]; label != "" {
		system, err := crs.Parse(label)
		if err != nil {
			return r, fieldProblem("crs", label,
				"Système de coordonnées inconnu\u00a0; exemple attendu\u00a0: EPSG:2154.",
				"Unknown coordinate reference system; expected for instance EPSG:2154.")
		}
		r.Options.CRS = &system
	}
	return r, nil
}

// close removes the temporary files. They hold no data that is not elsewhere, so
// an error of the system leaves nothing to report but the folder itself.
func (up *upload) close() {
	for _, f := range up.open {
		_ = f.Close()
	}
	if up.dir != "" {
		_ = os.RemoveAll(up.dir)
	}
}

// noRoom is the problem of a file that the server can't put on its disk.
func noRoom(cause error) error {
	p := web.NewProblem(web.CodeUnavailable,
		"Le serveur n’a pas pu enregistrer le fichier reçu : disque plein, ou dossier temporaire inaccessible. Rien n’a été importé.",
		"The server could not store the file received: its disk is full, or its temporary folder out of reach. Nothing was imported.")
	p.Cause = cause
	return p
}

func fieldProblem(field, value, fr, en string) error {
	message := data.Text{FR: fr, EN: en}
	return &web.Problem{Code: web.CodeInvalidRecord, Detail: message, Problems: []data.Problem{{
		Severity: data.SeverityError, Code: web.CodeInvalidRecord, Field: field, Value: data.Clip(value), Message: message,
	}}}
}

func unknownField(name string, schema *openapi3.Schema) error {
	var known []string
	for k := range schema.Properties {
		known = append(known, k)
	}
	slices.Sort(known)
	list := strings.Join(known, ", ")
	return fieldProblem(data.Clip(name), "", "Champ inconnu. Champs acceptés\u00a0: "+list+".", "Unknown field. Accepted fields: "+list+".")
}

// badForm is a body that is not the form it says it is, or that never ended.
func badForm(err error) error {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) || errors.Is(err, os.ErrClosed) {
		return err
	}
	return &web.Problem{Code: web.CodeInvalidBody, Cause: err, Detail: data.Text{
		FR: "Le formulaire envoyé est incomplet ou mal formé\u00a0; rien n’a été importé.",
		EN: "The form sent is incomplete or malformed; nothing was imported.",
	}}
}
