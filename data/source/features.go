package source

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/paulmach/orb"

	"vigie/data"
	"vigie/geo/crs"
)

// Codes of the problems that Features gives.
const (
	CodeNoGeometry     = "no-geometry"     // a zone or area without an outline
	CodeGeometryType   = "geometry-type"   // points where polygons are expected, or the reverse
	CodeDuplicateLayer = "duplicate-layer" // records of a layer that an earlier layer gave already
	CodeDuplicateID    = "duplicate-id"    // an identifier that another record has
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
				FR: fmt.Sprintf("couche %s : %d enregistrements étaient déjà dans la couche %s et ne sont pas relus.", Quote(f.layer), f.copies, Quote(f.copyOf)),
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

// Skip drops the values given, for a record that turns out unusable.
func (f *Features) Skip() { f.values.Reset() }

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

// Refuse reports that a record is skipped, and why. Its identifier is told when
// the values given hold one.
func (f *Features) Refuse(at Location, code, value, fr, en string) {
	record := f.values.Get(FieldID)
	if record == "" {
		record = f.values.Get(FieldFINESS)
	}
	f.values.Reset()
	f.Error(at, data.Clip(record), code, "", value, fr, en)
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
			fmt.Sprintf("identifiant déjà vu à l’enregistrement %d de la couche %s : ce second enregistrement est écarté.", first.line, Quote(first.name)),
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

// point resolves the position of a site or place. ok is false when the record
// can't be kept because its geometry is of another type.
func (f *Features) point(at Location, record, department string, g orb.Geometry) (position *data.Position, problems []data.Problem, ok bool) {
	if g == nil {
		return nil, nil, true
	}
	p, single := SinglePoint(g)
	if !single {
		f.Refuse(at, CodeGeometryType, record,
			fmt.Sprintf("géométrie de type %s : un point est attendu. L’enregistrement est écarté.", geometryName(g)),
			fmt.Sprintf("geometry of type %s: a point is expected. The record is set aside.", geometryName(g)))
		return nil, nil, false
	}
	p, located, problems := f.locator.Locate(p[0], p[1], f.declared, department)
	if !located {
		return nil, problems, true
	}
	precision, from, score := f.mapper.Quality(&f.values)
	return &data.Position{Point: p, Precision: precision, Source: from, GeocodingScore: score}, problems, true
}

// outline resolves the polygons of a zone or area, nil when it can't be kept.
func (f *Features) outline(at Location, record, department string, g orb.Geometry) orb.MultiPolygon {
	polygons, ok := Polygons(g)
	switch {
	case g == nil:
		f.Refuse(at, CodeNoGeometry, record,
			"aucun contour : l’enregistrement est écarté.", "no outline: the record is set aside.")
		return nil
	case !ok:
		f.Refuse(at, CodeGeometryType, record,
			fmt.Sprintf("géométrie de type %s : un polygone est attendu. L’enregistrement est écarté.", geometryName(g)),
			fmt.Sprintf("geometry of type %s: a polygon is expected. The record is set aside.", geometryName(g)))
		return nil
	}
	located, problems := f.locator.LocateOutline(polygons, f.declared, department)
	if !located {
		// A site stays without its position; a zone is nothing without its outline.
		for i := range problems {
			problems[i].Severity = data.SeverityError
			problems[i].Message.FR = strings.TrimSuffix(problems[i].Message.FR, "L’enregistrement est gardé, non localisé.") + "L’enregistrement est écarté."
			problems[i].Message.EN = strings.TrimSuffix(problems[i].Message.EN, "The record is kept, not located.") + "The record is set aside."
		}
	}
	if !f.accept(problems, at, record) {
		return nil
	}
	return polygons
}

func (f *Features) zone(at Location, g orb.Geometry) error {
	z, problems := f.mapper.Zone(&f.values)
	var department string
	if len(z.DepartmentCodes) == 1 {
		department = z.DepartmentCodes[0]
	}
	if !f.accept(problems, at, z.Code) {
		return nil
	}
	if z.Geometry = f.outline(at, z.Code, department, g); z.Geometry == nil {
		return nil
	}
	centre := z.Geometry[0].Bound().Center()
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
	if !f.accept(problems, at, a.Code) {
		return nil
	}
	if a.Geometry = f.outline(at, a.Code, a.DepartmentCode, g); a.Geometry == nil {
		return nil
	}
	if f.repeated(at, a.Code, a.Level+"\x00"+a.Code, a.Geometry[0].Bound().Center()) {
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
	position, found, ok := f.point(at, s.ID, s.DepartmentCode, g)
	if !ok {
		return nil
	}
	s.Position = position
	if s.ID == "" {
		s.ID = f.issue(at, "site", s.Name, s.Address.Street, s.Address.PostalCode, s.CommuneCode, positionText(position))
	}
	if s.Name == "" {
		s.Name = s.ID
	}
	if !f.accept(slices.Concat(problems, found), at, s.ID) || f.repeated(at, s.ID, s.ID, centreOf(position)) {
		return nil
	}
	return f.Site(s, at)
}

func (f *Features) place(at Location, g orb.Geometry) error {
	p, problems := f.mapper.Place(&f.values)
	position, found, ok := f.point(at, p.ID, p.DepartmentCode, g)
	if !ok {
		return nil
	}
	p.Position = position
	if p.ID == "" {
		p.ID = f.issue(at, "place", p.Kind, p.Name, positionText(position))
	}
	if p.Name == "" {
		p.Name = p.ID
	}
	if !f.accept(slices.Concat(problems, found), at, p.ID) || f.repeated(at, p.ID, p.ID, centreOf(position)) {
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
