// Package delimited reads plain delimited text (CSV) with a header, format "csv":
// sites and places with longitude and latitude or projected coordinates, zones and
// areas with a column of well-known text. Column names are French or English, in
// any case, with or without accents; see source.Mapper. The separator is one of
// ; , tab and |, found from the header.
package delimited

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/paulmach/orb"

	"vigie/data"
	"vigie/data/source"
	"vigie/geo/crs"
)

// Format is the format "csv".
type Format struct{}

// ID is "csv".
func (Format) ID() string { return "csv" }

// Label names the format.
func (Format) Label() data.Text {
	return data.Text{FR: "Tableau CSV avec en-tête", EN: "CSV table with a header"}
}

// Layers are all the layers.
func (Format) Layers() []data.Layer {
	return []data.Layer{data.LayerSites, data.LayerZones, data.LayerPlaces, data.LayerAreas}
}

var extensions = []string{".csv", ".tsv", ".tab", ".txt"}

const headBytes = 64 << 10

// main is the member to read: the table by its extension, else the only member.
func main(in *source.Input) (source.Member, bool) {
	if m, ok := in.Main(extensions...); ok {
		return m, true
	}
	if members := in.Members(); len(members) == 1 {
		return members[0], true
	}
	return source.Member{}, false
}

// Detect recognises a text whose first line has columns that the format knows.
func (Format) Detect(in *source.Input) int {
	m, ok := main(in)
	if !ok {
		return 0
	}
	head, ok := source.TextHead(m, headBytes)
	if !ok || strings.HasPrefix(strings.TrimLeft(string(head[:min(len(head), 64)]), " \t\r\n\x1e"), "{") {
		return 0
	}
	table := slices.Contains(extensions, m.Ext())
	sep, ok := source.DetectSeparator(head)
	if !ok {
		if table {
			return 5 // so that the answer is about the separator
		}
		return 0
	}
	line, err := source.NewRecords(strings.NewReader(string(head)), sep, m.File()).Read()
	if err != nil {
		return 0
	}
	best := 0
	for _, layer := range (Format{}).Layers() {
		mapper, known := source.NewMapper(source.Options{Layer: layer}), 0
		for _, name := range line {
			if mapper.Slot(name).Known() {
				known++
			}
		}
		best = max(best, known)
	}
	switch {
	case best >= 2 && table:
		return 60
	case best >= 2:
		return 40
	case table:
		return 20 // so that the answer is about the columns
	}
	return 0
}

// header is what the first line tells.
type header struct {
	names []string
	slots []source.Slot
	has   [source.NumFields]bool
}

func (h *header) located() bool {
	return h.has[source.FieldLon] && h.has[source.FieldLat] || h.has[source.FieldX] && h.has[source.FieldY] || h.has[source.FieldWKT]
}

// reader is one read.
type reader struct {
	e        *source.Emitter
	opt      source.Options
	mapper   *source.Mapper
	locator  *source.Locator
	header   header
	issued   bool
	declared *crs.CRS // of the record
}

// Read gives the records in file order.
func (Format) Read(ctx context.Context, in *source.Input, opt source.Options, sink source.Sink) error {
	m, ok := main(in)
	if !ok {
		if m, ok = in.Main(); !ok {
			return source.Reject(source.Location{File: in.Name}, source.CodeEmptyFile, "le fichier est vide.", "the file is empty.")
		}
	}
	sep := byte(',')
	head, _ := source.TextHead(m, headBytes) // its failure is that of reading, below
	if found, ok := source.DetectSeparator(head); ok {
		sep = found
	}
	body, err := m.Open()
	if err != nil {
		return err
	}
	defer body.Close()
	e := source.NewEmitter(ctx, in, sink)
	if p, ok := in.IgnoredNote(m, extensions...); ok {
		e.Problem(p)
	}
	text := source.NewText(body, m.File())
	records := source.NewRecords(text, sep, m.File())
	records.Warn = e.Problem
	r := &reader{e: e, opt: opt, mapper: source.NewMapper(opt), locator: source.NewLocator(opt)}
	if err := r.readHeader(records, m.File(), sep); err != nil {
		return err
	}
	var a source.Attributes
	for {
		line, err := records.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		if err := e.Tick(); err != nil {
			return err
		}
		at := records.At(0)
		if line, ok = r.fit(line, at); !ok {
			continue
		}
		a.Reset()
		for i, s := range r.header.slots {
			if s.Known() {
				a.Set(s, string(line[i]))
			}
		}
		if err := r.record(&a, line, at); err != nil {
			return err
		}
	}
	if p, ok := text.Note(); ok {
		e.Problem(p)
	}
	e.Done()
	return nil
}

// fit checks the number of fields; blank ones may be missing or in excess at the end.
func (r *reader) fit(line [][]byte, at source.Location) ([][]byte, bool) {
	want := len(r.header.names)
	for len(line) > want && len(strings.TrimSpace(string(line[len(line)-1]))) == 0 {
		line = line[:len(line)-1]
	}
	if len(line) == want {
		return line, true
	}
	r.e.Error(at, "", "wrong-columns", "", "",
		fmt.Sprintf("ligne de %d colonnes : l’en-tête en annonce %d ; la ligne est écartée. Une virgule ou un point-virgule de trop demande des guillemets.", len(line), want),
		fmt.Sprintf("line of %d columns: the header announces %d; the line is set aside. A separator within a value needs quotes.", len(line), want))
	return nil, false
}

func (r *reader) readHeader(records *source.Records, file string, sep byte) error {
	line, err := records.Read()
	if err == io.EOF {
		return source.Reject(source.Location{File: file}, source.CodeEmptyFile,
			"le fichier n’a aucune ligne.", "the file has no line.")
	}
	if err != nil {
		return err
	}
	h := &r.header
	for _, name := range line {
		s := r.mapper.Slot(name)
		h.names = append(h.names, s.Name)
		h.slots = append(h.slots, s)
		if s.Known() {
			h.has[s.Field] = true
		}
	}
	reject := func(fr, en string) error {
		found := strings.Join(h.names, ", ")
		return source.Reject(source.Location{File: file, Line: records.Line()}, "missing-columns",
			fr+" Colonnes trouvées (séparateur "+separatorName(sep, true)+") : "+source.Quote(found)+".",
			en+" Columns found (separator "+separatorName(sep, false)+"): "+source.QuoteEN(found)+".")
	}
	for _, named := range []string{r.opt.IDField, r.opt.NameField} {
		if named != "" && !slices.ContainsFunc(h.names, func(n string) bool { return strings.EqualFold(n, named) }) {
			return reject("la colonne "+source.Quote(named)+" demandée n’existe pas.", "the column "+source.QuoteEN(named)+" asked for does not exist.")
		}
	}
	switch r.opt.Layer {
	case data.LayerZones, data.LayerAreas:
		if !h.has[source.FieldWKT] {
			return reject("colonne de géométrie absente : « wkt », « geom » ou « geometry », en texte WKT, est attendue.",
				"missing geometry column: “wkt”, “geom” or “geometry”, as WKT text, is expected.")
		}
	default:
		named := (h.has[source.FieldID] || h.has[source.FieldFINESS]) && h.has[source.FieldName]
		half := h.has[source.FieldLon] != h.has[source.FieldLat] || h.has[source.FieldX] != h.has[source.FieldY]
		if !h.located() && (half || !named) {
			return reject("colonnes de position absentes : « lon » et « lat », ou « x », « y » et « epsg » sont attendues (ou, sans position, un identifiant et un nom).",
				"missing position columns: “lon” and “lat”, or “x”, “y” and “epsg” are expected (or, without position, an identifier and a name).")
		}
	}
	return nil
}

func separatorName(sep byte, french bool) string {
	switch {
	case sep == '\t' && french:
		return "tabulation"
	case sep == '\t':
		return "tab"
	case french:
		return "« " + string(sep) + " »"
	}
	return "“" + string(sep) + "”"
}

// record makes one record of the layer.
func (r *reader) record(a *source.Attributes, line [][]byte, at source.Location) error {
	switch r.opt.Layer {
	case data.LayerZones:
		return r.zone(a, line, at)
	case data.LayerAreas:
		return r.area(a, at)
	case data.LayerPlaces:
		return r.place(a, line, at)
	default:
		return r.site(a, line, at)
	}
}

// report gives problems the place of their record, and of their field when they name one.
func (r *reader) report(problems []data.Problem, at source.Location, record string) {
	for i := range problems {
		if field := problems[i].Field; field != "" {
			problems[i].Column = slices.Index(r.header.names, field) + 1
		}
	}
	r.e.Problems(problems, at, record)
}

// id issues an identifier to a record that has none.
func (r *reader) id(id, prefix string, line [][]byte, at source.Location) string {
	if id != "" {
		return id
	}
	if !r.issued {
		r.issued = true
		r.e.Problem(source.IssuedIDNote(at))
	}
	content := make([]string, len(line))
	for i, f := range line {
		content[i] = string(f)
	}
	return source.IssuedID(prefix, content...)
}

func (r *reader) site(a *source.Attributes, line [][]byte, at source.Location) error {
	s, problems := r.mapper.Site(a)
	if reason, ok := r.mapper.Wanted(&s); !ok {
		r.e.Filtered(reason)
		return nil
	}
	s.ID = r.id(s.ID, "site", line, at)
	if s.Name == "" {
		s.Name = s.ID
	}
	r.report(problems, at, s.ID)
	if r.e.Duplicate(s.ID, at) {
		return nil
	}
	s.Position = r.position(a, s.DepartmentCode, at, s.ID)
	return r.e.Site(s, at)
}

func (r *reader) place(a *source.Attributes, line [][]byte, at source.Location) error {
	p, problems := r.mapper.Place(a)
	p.ID = r.id(p.ID, "place", line, at)
	if p.Name == "" {
		p.Name = p.ID
	}
	r.report(problems, at, p.ID)
	if r.e.Duplicate(p.ID, at) {
		return nil
	}
	p.Position = r.position(a, p.DepartmentCode, at, p.ID)
	return r.e.Place(p, at)
}

// position locates a record by its longitude and latitude, else by its projected
// coordinates, else by its well-known text.
func (r *reader) position(a *source.Attributes, department string, at source.Location, record string) *data.Position {
	var point orb.Point
	var located bool
	var problems []data.Problem
	x, y := a.Get(source.FieldX), a.Get(source.FieldY)
	switch {
	case a.Get(source.FieldLon) != "" && a.Get(source.FieldLat) != "":
		point, located, problems = r.locator.LocateText(a.Get(source.FieldLon), a.Get(source.FieldLat), &geographic, department)
	case x != "" || y != "":
		declared, unknown := r.locator.Label(a.Get(source.FieldCRS), data.SeverityError)
		if problems = unknown; len(unknown) == 0 {
			point, located, problems = r.locator.LocateText(x, y, declared, department)
		} else {
			refuse(problems)
		}
	case a.Get(source.FieldWKT) != "":
		geometry, declared, found := r.wkt(a)
		if problems = found; len(found) > 0 {
			refuse(problems)
		}
		if p, ok := geometry.(orb.Point); ok {
			point, located, problems = r.locator.Locate(p[0], p[1], declared, department)
		} else if geometry != nil {
			problems = append(problems, data.Problem{
				Severity: data.SeverityWarning, Code: "wrong-geometry", Field: a.Name(source.FieldWKT),
				Message: data.Text{
					FR: "un point est attendu : l’enregistrement est gardé, non localisé.",
					EN: "a point is expected: the record is kept, not located.",
				},
			})
		}
	default:
		point, located, problems = r.locator.LocateText(a.Get(source.FieldLon), a.Get(source.FieldLat), &geographic, department)
	}
	r.report(problems, at, record)
	if !located {
		return nil
	}
	precision, source, score := r.mapper.Quality(a)
	return &data.Position{Point: point, Precision: precision, Source: source, GeocodingScore: score}
}

var geographic = crs.CRS84

// refuse says what becomes of a record whose position can't be read.
func refuse(problems []data.Problem) {
	for i := range problems {
		problems[i].Message.FR += " La position est refusée ; l’enregistrement est gardé, non localisé."
		problems[i].Message.EN += " The position is refused; the record is kept, not located."
	}
}

// wkt reads the geometry column; nil for an empty one or in case of a problem.
func (r *reader) wkt(a *source.Attributes) (orb.Geometry, *crs.CRS, []data.Problem) {
	text := a.Get(source.FieldWKT)
	g, srid, err := source.ParseWKT(text)
	var bad *source.WKTError
	if errors.As(err, &bad) {
		from := max(0, bad.Offset-20)
		return nil, nil, []data.Problem{{
			Severity: data.SeverityError, Code: "bad-wkt", Field: a.Name(source.FieldWKT), Value: data.Clip(text[from:min(len(text), bad.Offset+20)]),
			Message: data.Text{
				FR: fmt.Sprintf("géométrie WKT mal formée au caractère %d : %s.", bad.Offset+1, bad.FR),
				EN: fmt.Sprintf("malformed WKT geometry at character %d: %s.", bad.Offset+1, bad.EN),
			},
		}}
	}
	label := a.Get(source.FieldCRS)
	if srid != 0 {
		label = strconv.Itoa(srid)
	}
	declared, problems := r.locator.Label(label, data.SeverityError)
	if len(problems) > 0 {
		return nil, nil, problems
	}
	return g, declared, nil
}

// polygons reads the polygons of a record; ok is false when it has none, with an error among the problems.
func (r *reader) polygons(a *source.Attributes, department string) (orb.MultiPolygon, []data.Problem, bool) {
	g, declared, problems := r.wkt(a)
	if len(problems) > 0 {
		return nil, problems, false
	}
	polygons, ok := g.(orb.MultiPolygon)
	if !ok {
		return nil, []data.Problem{{
			Severity: data.SeverityError, Code: "wrong-geometry", Field: a.Name(source.FieldWKT), Value: data.Clip(a.Get(source.FieldWKT)),
			Message: data.Text{
				FR: "un polygone est attendu dans la colonne de géométrie ; l’enregistrement est écarté.",
				EN: "a polygon is expected in the geometry column; the record is set aside.",
			},
		}}, false
	}
	located, problems := r.locator.LocatePolygons(polygons, declared, department)
	return polygons, problems, located
}

func (r *reader) zone(a *source.Attributes, line [][]byte, at source.Location) error {
	z, problems := r.mapper.Zone(a)
	z.Code = r.id(z.Code, "zone", line, at)
	if z.Name == "" {
		z.Name = z.Code
	}
	department := ""
	if len(z.DepartmentCodes) == 1 {
		department = z.DepartmentCodes[0]
	}
	polygons, found, ok := r.polygons(a, department)
	r.report(append(problems, found...), at, z.Code)
	if !ok || r.e.Duplicate(z.Code, at) {
		return nil
	}
	z.Geometry = polygons
	return r.e.Zone(z, at)
}

func (r *reader) area(a *source.Attributes, at source.Location) error {
	area, problems := r.mapper.Area(a)
	if area.Code == "" {
		r.report(problems, at, "")
		return nil
	}
	polygons, found, ok := r.polygons(a, area.DepartmentCode)
	r.report(append(problems, found...), at, area.Code)
	if !ok || r.e.Duplicate(area.Level+" "+area.Code, at) {
		return nil
	}
	area.Geometry = polygons
	return r.e.Area(area, at)
}
