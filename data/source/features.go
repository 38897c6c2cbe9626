package source

import (
	"context"
	"fmt"
	"math"

	"github.com/paulmach/orb"

	"vigie/data"
	"vigie/geo/crs"
)

// Codes of the problems that Features gives.
const (
	CodeNoGeometry     = "missing-geometry" // a zone or area without an outline
	CodeGeometryType   = "wrong-geometry"   // points where polygons are expected, or the reverse
	CodeBadGeometry    = "bad-geometry"     // a geometry that can't be decoded
	CodeDuplicateLayer = "duplicate-layer"  // records of a layer that an earlier layer gave already
	CodeDuplicateID    = "duplicate-id"     // an identifier that another record has
)

// sameRecord is how far apart, in degrees, the copies of one record in two layers
// of one input may be: more than any two projections or simplifications differ,
// less than two records that share an identifier by chance.
const sameRecord = 0.02

// Features makes records of the features of layered files (shapefiles in one
// archive, tables of a GeoPackage): attributes by column, geometry in the layer's
// CRS. Official archives hold the same zones several times, by territory in its
// legal projection and all together in degrees. So an identifier that an earlier
// layer of the input gave, at the same place, is skipped: told to Sink.Filtered,
// and counted in one problem a layer. Any other repetition is an error of the
// second record. Use one for each read, from one goroutine.
type Features struct {
	*Emitter
	opt     Options
	mapper  *Mapper
	locator *Locator

	layer    string
	file     string
	declared *crs.CRS
	slots    []Slot
	values   Attributes
	said     map[string]bool
	// undecoded is why the geometry of the record at hand could not be decoded.
	undecoded *data.Problem

	number  int
	records map[string]seenRecord
	copies  int
	copyOf  string
}

// seenRecord is where an identifier was first met.
type seenRecord struct {
	layer  int
	name   string // of the layer
	line   int
	centre orb.Point
}

// NewFeatures prepares a read of opt.Layer.
func NewFeatures(ctx context.Context, in *Input, opt Options, sink Sink) *Features {
	return &Features{
		Emitter: NewEmitter(ctx, in, sink),
		opt:     opt, mapper: NewMapper(opt), locator: NewLocator(opt), records: make(map[string]seenRecord),
	}
}

// StartLayer begins a layer: its name and its file for messages, the names of its
// columns, and its CRS, nil when the file declares none.
func (f *Features) StartLayer(name, file string, columns []string, declared *crs.CRS) {
	f.endLayer()
	f.number++
	f.layer, f.file, f.declared = name, file, declared
	f.slots = f.slots[:0]
	for _, c := range columns {
		f.slots = append(f.slots, f.mapper.Slot([]byte(c)))
	}
	f.said = make(map[string]bool)
	f.values.Reset()
}

// Done ends the last layer. Call it after the last record.
func (f *Features) Done() {
	f.endLayer()
	f.Emitter.Done()
}

// endLayer reports what is told once for a layer.
func (f *Features) endLayer() {
	if f.copies > 0 {
		f.Problem(data.Problem{
			Severity: data.SeverityInfo, Code: CodeDuplicateLayer, File: f.file,
			Message: data.Text{
				FR: fmt.Sprintf("couche %s : %d enregistrements étaient déjà dans la couche %s et ne sont pas relus.", Quote(f.layer), f.copies, Quote(f.copyOf)),
				EN: fmt.Sprintf("layer %s: %d records were already in layer %s and are not read again.", QuoteEN(f.layer), f.copies, QuoteEN(f.copyOf)),
			},
		})
	}
	f.copies = 0
}

// Wanted tells whether a column is of use, so that others need not be decoded.
func (f *Features) Wanted(column int) bool { return f.slots[column].Known() }

// Set gives a value of the next record.
func (f *Features) Set(column int, value string) { f.values.Set(f.slots[column], value) }

// Emit hands the record over, with its geometry in the layer's CRS (nil for none),
// which it may change. It returns what the sink returns.
func (f *Features) Emit(at Location, g orb.Geometry) error {
	defer f.values.Reset()
	switch f.opt.Layer {
	case data.LayerZones:
		return f.zone(at, g)
	case data.LayerAreas:
		return f.area(at, g)
	case data.LayerPlaces:
		return f.place(at, g)
	default:
		return f.site(at, g)
	}
}

// EmitUndecoded is Emit for a record whose geometry can't be decoded, for the
// reason given: a site or place is kept without position, a zone is set aside.
func (f *Features) EmitUndecoded(at Location, fr, en string) error {
	f.undecoded = &data.Problem{
		Severity: data.SeverityError, Code: CodeBadGeometry,
		Message: data.Text{FR: "géométrie illisible : " + fr, EN: "unreadable geometry: " + en},
	}
	err := f.Emit(at, nil)
	f.undecoded = nil
	return err
}

// accept reports the problems of a record and tells whether it may be kept. What
// concerns the CRS is the same for every record of a layer, and said once.
func (f *Features) accept(problems []data.Problem, at Location, record string) bool {
	kept := true
	for _, p := range Locate(problems, at, record) {
		kept = kept && p.Severity != data.SeverityError
		if p.Code == CodeWrongCRS || p.Code == CodeSwapped || p.Code == CodeCRSInferred {
			if p.Severity != data.SeverityError {
				key := p.Code + p.Message.EN
				if f.said[key] {
					continue
				}
				f.said[key] = true
				p.Message.FR += " Dit une seule fois pour la couche."
				p.Message.EN += " Said only once for the layer."
			}
		}
		f.Problem(p)
	}
	return kept
}

// repeated tells whether a record was given before: by an earlier layer, of which
// it is a copy, or in error. key is the identifier with what makes it unique.
func (f *Features) repeated(at Location, id, key string, centre orb.Point) bool {
	first, ok := f.records[key]
	if !ok {
		f.records[key] = seenRecord{f.number, f.layer, at.Line, centre}
		return false
	}
	if first.layer == f.number || math.Abs(first.centre[0]-centre[0]) > sameRecord || math.Abs(first.centre[1]-centre[1]) > sameRecord {
		f.Error(at, id, CodeDuplicateID, "", id,
			fmt.Sprintf("identifiant déjà vu à l’enregistrement %d de la couche %s : ce second enregistrement est écarté.", first.line, Quote(first.name)),
			fmt.Sprintf("identifier already seen in record %d of layer %s: this second record is set aside.", first.line, QuoteEN(first.name)))
		return true
	}
	f.copies++
	f.copyOf = first.name
	f.Filtered(CodeDuplicateLayer)
	return true
}

func (f *Features) issue(at Location, prefix string, content ...string) string {
	if !f.said["id"] {
		f.said["id"] = true
		f.Problem(IssuedIDNote(Location{File: at.File}))
	}
	return IssuedID(prefix, content...)
}

// point resolves the position of a site or place, which is kept without one when
// its geometry can't be used.
func (f *Features) point(department string, g orb.Geometry) (*data.Position, []data.Problem) {
	if g == nil {
		if f.undecoded == nil {
			return nil, nil
		}
		p := *f.undecoded
		p.Severity = data.SeverityWarning
		p.Message.FR += " L’enregistrement est gardé, non localisé."
		p.Message.EN += " The record is kept, not located."
		return nil, []data.Problem{p}
	}
	p, single := singlePoint(g)
	if !single {
		return nil, []data.Problem{{
			Severity: data.SeverityWarning, Code: CodeGeometryType, Value: g.GeoJSONType(),
			Message: data.Text{
				FR: "un seul point est attendu (" + g.GeoJSONType() + " ici) : l’enregistrement est gardé, non localisé.",
				EN: "one point is expected (" + g.GeoJSONType() + " here): the record is kept, not located.",
			},
		}}
	}
	p, located, problems := f.locator.Locate(p[0], p[1], f.declared, department)
	if !located {
		return nil, problems
	}
	precision, from, score := f.mapper.Quality(&f.values)
	return &data.Position{Point: p, Precision: precision, Source: from, GeocodingScore: score}, problems
}

// outline resolves the polygons of a zone or area; an error among the problems says
// why it can't be kept.
func (f *Features) outline(department string, g orb.Geometry) (orb.MultiPolygon, []data.Problem) {
	if g == nil && f.undecoded != nil {
		p := *f.undecoded
		p.Message.FR += " L’enregistrement est écarté."
		p.Message.EN += " The record is set aside."
		return nil, []data.Problem{p}
	}
	if g == nil {
		return nil, []data.Problem{{
			Severity: data.SeverityError, Code: CodeNoGeometry,
			Message: data.Text{
				FR: "géométrie absente ou vide : un polygone est attendu ; l’enregistrement est écarté.",
				EN: "missing or empty geometry: a polygon is expected; the record is set aside.",
			},
		}}
	}
	var polygons orb.MultiPolygon
	switch g := g.(type) {
	case orb.Polygon:
		polygons = orb.MultiPolygon{g}
	case orb.MultiPolygon:
		polygons = g
	default:
		return nil, []data.Problem{{
			Severity: data.SeverityError, Code: CodeGeometryType, Value: g.GeoJSONType(),
			Message: data.Text{
				FR: "un polygone est attendu (" + g.GeoJSONType() + " ici) ; l’enregistrement est écarté.",
				EN: "a polygon is expected (" + g.GeoJSONType() + " here); the record is set aside.",
			},
		}}
	}
	_, problems := f.locator.LocatePolygons(polygons, f.declared, department)
	return polygons, problems
}

func singlePoint(g orb.Geometry) (orb.Point, bool) {
	switch g := g.(type) {
	case orb.Point:
		return g, true
	case orb.MultiPoint:
		if len(g) == 1 {
			return g[0], true
		}
	}
	return orb.Point{}, false
}

func (f *Features) zone(at Location, g orb.Geometry) error {
	z, problems := f.mapper.Zone(&f.values)
	department := ""
	if len(z.DepartmentCodes) == 1 {
		department = z.DepartmentCodes[0]
	}
	outline, found := f.outline(department, g)
	if !f.accept(append(problems, found...), at, z.Code) {
		return nil
	}
	z.Geometry = outline
	centre := outline[0].Bound().Center()
	if z.Code == "" {
		z.Code = f.issue(at, "zone", z.Name, fmt.Sprintf("%.5f %.5f", centre[0], centre[1]))
	}
	if z.Name == "" {
		z.Name = z.Code
	}
	if f.repeated(at, z.Code, string(z.Kind)+"\x00"+z.Edition+"\x00"+z.Code, centre) {
		return nil
	}
	return f.Zone(z, at)
}

func (f *Features) area(at Location, g orb.Geometry) error {
	a, problems := f.mapper.Area(&f.values)
	outline, found := f.outline(a.DepartmentCode, g)
	if !f.accept(append(problems, found...), at, a.Code) {
		return nil
	}
	a.Geometry = outline
	if f.repeated(at, a.Code, a.Level+"\x00"+a.Code, outline[0].Bound().Center()) {
		return nil
	}
	return f.Area(a, at)
}

func (f *Features) site(at Location, g orb.Geometry) error {
	s, problems := f.mapper.Site(&f.values)
	if reason, ok := f.mapper.Wanted(&s); !ok {
		f.Filtered(reason)
		return nil
	}
	position, found := f.point(s.DepartmentCode, g)
	s.Position = position
	if s.ID == "" {
		s.ID = f.issue(at, "site", s.Name, s.Address.Street, s.Address.PostalCode, s.CommuneCode, positionText(position))
	}
	if s.Name == "" {
		s.Name = s.ID
	}
	if !f.accept(append(problems, found...), at, s.ID) || f.repeated(at, s.ID, s.ID, centreOf(position)) {
		return nil
	}
	return f.Site(s, at)
}

func (f *Features) place(at Location, g orb.Geometry) error {
	p, problems := f.mapper.Place(&f.values)
	position, found := f.point(p.DepartmentCode, g)
	p.Position = position
	if p.ID == "" {
		p.ID = f.issue(at, "place", p.Kind, p.Name, positionText(position))
	}
	if p.Name == "" {
		p.Name = p.ID
	}
	if !f.accept(append(problems, found...), at, p.ID) || f.repeated(at, p.ID, p.ID, centreOf(position)) {
		return nil
	}
	return f.Place(p, at)
}

func centreOf(p *data.Position) orb.Point {
	if p == nil {
		return orb.Point{}
	}
	return p.Point
}

func positionText(p *data.Position) string {
	if p == nil {
		return ""
	}
	return fmt.Sprintf("%.6f %.6f", p.Point[0], p.Point[1])
}
