package source

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/paulmach/orb"

	"vigie/data"
	"vigie/geo/crs"
)

// Codes of the problems that a Locator gives. A point that is nowhere in France is
// no error: the record is kept, not located.
const (
	CodeBadCoordinates     = "bad-coordinates"     // not a number, or only one of the two
	CodeZeroCoordinates    = "zero-coordinates"    // (0, 0)
	CodeSwapped            = "swapped-coordinates" // exchanged, put right
	CodeOutsideFrance      = "outside-france"
	CodeWrongCRS           = "wrong-crs" // values that can't be of the declared CRS
	CodeUnknownCRS         = "unknown-crs"
	CodeCRSInferred        = "crs-inferred" // no CRS declared, told by the values
	CodeDepartmentMismatch = "position-department-mismatch"
)

// Locator turns the coordinates of a file's records into longitude and latitude,
// and names what is wrong with them. Use one for each read, from one goroutine: it
// remembers the CRS labels seen and says once what it infers for a whole file.
type Locator struct {
	override *crs.CRS
	labels   map[string]label
	inferred map[crs.CRS]bool
}

type label struct {
	crs crs.CRS
	err error
}

// NewLocator makes a Locator. opt.CRS, when not nil, takes the place of whatever
// the file declares.
func NewLocator(opt Options) *Locator {
	return &Locator{override: opt.CRS, labels: make(map[string]label), inferred: make(map[crs.CRS]bool)}
}

// Label recognises a CRS by the name a file gives it. An empty name gives nil: not
// declared. Problems have the code unknown-crs and the given severity.
func (l *Locator) Label(name string, sev data.Severity) (*crs.CRS, []data.Problem) {
	if l.override != nil {
		return l.override, nil
	}
	if name == "" {
		return nil, nil
	}
	known, ok := l.labels[name]
	if !ok {
		known.crs, known.err = crs.Parse(name)
		if len(l.labels) < maxSlots {
			l.labels[name] = known
		}
	}
	if known.err != nil {
		fr, en := known.err.Error(), known.err.Error()
		if e, ok := known.err.(*crs.Error); ok {
			fr, en = e.FR, e.EN
		}
		return nil, []data.Problem{{
			Severity: sev, Code: CodeUnknownCRS, Value: data.Clip(name), Message: data.Text{FR: fr + ".", EN: en + "."},
		}}
	}
	return &known.crs, nil
}

// LocateText is Locate for coordinates as text, with a decimal comma or point.
// Both empty: not located, without a problem.
func (l *Locator) LocateText(x, y string, declared *crs.CRS, department string) (p orb.Point, located bool, problems []data.Problem) {
	if x == "" && y == "" {
		return p, false, nil
	}
	fx, errX := ParseNumber(x)
	fy, errY := ParseNumber(y)
	if errX != nil || errY != nil {
		return p, false, []data.Problem{unlocated(CodeBadCoordinates, x+" "+y,
			"coordonnées illisibles : deux nombres sont attendus", "unreadable coordinates: two numbers are expected")}
	}
	return l.Locate(fx, fy, declared, department)
}

const (
	keptFR = "L’enregistrement est gardé, non localisé."
	keptEN = "The record is kept, not located."
)

func unlocated(code, value, fr, en string) data.Problem {
	return data.Problem{
		Severity: data.SeverityWarning, Code: code, Value: data.Clip(value),
		Message: data.Text{FR: fr + ". " + keptFR, EN: en + ". " + keptEN},
	}
}

func pair(x, y float64) string {
	return strconv.FormatFloat(x, 'f', -1, 64) + " " + strconv.FormatFloat(y, 'f', -1, 64)
}

// geographicRange tells whether both values can be degrees.
func geographicRange(x, y float64) bool {
	return math.Abs(x) <= 180 && math.Abs(y) <= 180
}

// Locate resolves the coordinates x, y (easting, northing or longitude, latitude)
// in the declared CRS, nil when the file declares none, to longitude and latitude
// in degrees. department is the INSEE code of the record's département, or empty;
// it helps to infer a CRS and to notice a point that is far away. When located is
// false a problem says why.
func (l *Locator) Locate(x, y float64, declared *crs.CRS, department string) (p orb.Point, located bool, problems []data.Problem) {
	if l.override != nil {
		declared = l.override
	}
	r, problems, ok := l.resolve(x, y, declared, department)
	if !ok {
		return p, false, problems
	}
	p = r.point(x, y)
	if !nearDepartment(p, department) {
		problems = append(problems, farFromDepartment(p, department))
	}
	return p, true, problems
}

func farFromDepartment(p orb.Point, department string) data.Problem {
	return data.Problem{
		Severity: data.SeverityWarning, Code: CodeDepartmentMismatch, Value: fmt.Sprintf("%.5f %.5f", p[0], p[1]),
		Message: data.Text{
			FR: fmt.Sprintf("la position est loin du département %s de l’enregistrement. Elle est gardée : vérifiez-la.", department),
			EN: fmt.Sprintf("the position is far from the record’s département %s. It is kept: check it.", department),
		},
	}
}

// LocatePolygons is Locate for polygons, whose vertices it changes in place. One CRS
// and one axis order hold for the whole record, told by its first vertex. When
// located is false the record can't be used.
func (l *Locator) LocatePolygons(polygons orb.MultiPolygon, declared *crs.CRS, department string) (located bool, problems []data.Problem) {
	if l.override != nil {
		declared = l.override
	}
	r, decided := resolution{}, false
	for _, polygon := range polygons {
		for _, ring := range polygon {
			for i, v := range ring {
				if !decided {
					var ok bool
					if r, problems, ok = l.resolve(v[0], v[1], declared, department); !ok {
						return false, rejected(problems)
					}
					decided = true
					if p := r.point(v[0], v[1]); !nearDepartment(p, department) {
						problems = append(problems, farFromDepartment(p, department))
					}
				}
				ring[i] = r.point(v[0], v[1])
				if !(math.Abs(ring[i][0]) <= 180 && math.Abs(ring[i][1]) <= 90) {
					return false, rejected(append(problems, unlocated(CodeBadCoordinates, pair(v[0], v[1]),
						"un sommet a des coordonnées impossibles", "a vertex has impossible coordinates")))
				}
			}
		}
	}
	return decided, problems
}

// rejected makes errors of the warnings of a geometry that can't be placed: without it
// a zone is nothing.
func rejected(problems []data.Problem) []data.Problem {
	last := &problems[len(problems)-1]
	last.Severity = data.SeverityError
	last.Message.FR = strings.Replace(last.Message.FR, keptFR, "L’enregistrement est écarté.", 1)
	last.Message.EN = strings.Replace(last.Message.EN, keptEN, "The record is set aside.", 1)
	return problems
}

// resolution is how to turn a record's coordinates into longitude and latitude.
type resolution struct {
	crs  crs.CRS
	swap bool
}

func (r resolution) point(x, y float64) orb.Point {
	if r.swap {
		x, y = y, x
	}
	if r.crs == crs.CRS84 {
		return orb.Point{x, y}
	}
	lon, lat := r.crs.ToWGS84(x, y)
	return orb.Point{lon, lat}
}

func (l *Locator) resolve(x, y float64, declared *crs.CRS, department string) (r resolution, problems []data.Problem, ok bool) {
	switch {
	case math.IsNaN(x) || math.IsNaN(y) || math.IsInf(x, 0) || math.IsInf(y, 0):
		return r, []data.Problem{unlocated(CodeBadCoordinates, pair(x, y),
			"coordonnées non finies", "coordinates that are not finite")}, false
	case x == 0 && y == 0:
		return r, []data.Problem{unlocated(CodeZeroCoordinates, "0 0",
			"coordonnées (0, 0), qui tiennent lieu de valeur absente", "coordinates (0, 0), which stand for a missing value")}, false
	}
	degrees := geographicRange(x, y)
	switch {
	case degrees && (declared == nil || declared.Geographic()):
		return geographic(x, y, declared)
	case degrees && !declared.Plausible(x, y):
		r, problems, ok = geographic(x, y, nil)
		if ok {
			problems = append(problems, data.Problem{
				Severity: data.SeverityWarning, Code: CodeWrongCRS, Value: pair(x, y),
				Message: data.Text{
					FR: fmt.Sprintf("le fichier déclare %s mais ces valeurs sont des degrés : elles sont lues comme longitude et latitude.", declared.Name()),
					EN: fmt.Sprintf("the file declares %s but these values are degrees: they are read as longitude and latitude.", declared.Name()),
				},
			})
		}
		return r, problems, ok
	case declared != nil && !declared.Geographic():
		return l.projected(x, y, *declared, department)
	}
	return l.undeclared(x, y, declared, department)
}

// geographic takes degrees, exchanged or not.
func geographic(lon, lat float64, declared *crs.CRS) (resolution, []data.Problem, bool) {
	var r resolution
	if declared != nil && declared.Geographic() {
		r.crs = *declared
	}
	if _, ok := crs.Legal(lon, lat); ok {
		return r, nil, true
	}
	if _, ok := crs.Legal(lat, lon); ok {
		r.swap = true
		return r, []data.Problem{{
			Severity: data.SeverityWarning, Code: CodeSwapped, Value: pair(lon, lat),
			Message: data.Text{
				FR: "latitude et longitude interverties : le point n’est en France qu’une fois échangées. Elles sont remises dans l’ordre.",
				EN: "latitude and longitude exchanged: the point is in France only once swapped. They are put in order.",
			},
		}}, true
	}
	return r, []data.Problem{unlocated(CodeOutsideFrance, pair(lon, lat),
		"point hors de tous les territoires français", "point outside every French territory")}, false
}

// inFrance converts projected coordinates and tells whether they fall on French land
// where that projection is in use.
func inFrance(c crs.CRS, x, y float64) (orb.Point, bool) {
	lon, lat := c.ToWGS84(x, y)
	legal, ok := crs.Legal(lon, lat)
	if !ok || legal != c && !c.Plausible(x, y) {
		return orb.Point{}, false
	}
	// Far from its area a projection may send two points to one place.
	backX, backY := c.FromWGS84(lon, lat)
	if !(math.Abs(backX-x) < 1 && math.Abs(backY-y) < 1) {
		return orb.Point{}, false
	}
	return orb.Point{lon, lat}, true
}

// projected takes metres in a declared CRS.
func (l *Locator) projected(x, y float64, c crs.CRS, department string) (resolution, []data.Problem, bool) {
	p, asIs := inFrance(c, x, y)
	if asIs && nearDepartment(p, department) {
		return resolution{crs: c}, nil, true
	}
	// In Guyane and New Caledonia eastings and northings have the same range: there
	// the département decides.
	if q, swapped := inFrance(c, y, x); swapped && (!asIs || nearDepartment(q, department)) {
		return resolution{crs: c, swap: true}, []data.Problem{swappedMetres(x, y)}, true
	}
	if asIs {
		return resolution{crs: c}, nil, true
	}
	if found, ok := guess(x, y, department); ok {
		return resolution{crs: found}, []data.Problem{{
			Severity: data.SeverityWarning, Code: CodeWrongCRS, Value: pair(x, y),
			Message: data.Text{
				FR: fmt.Sprintf("ces valeurs ne sont pas en %s, que le fichier déclare, mais en %s : elles sont lues ainsi.", c.Name(), found.Name()),
				EN: fmt.Sprintf("these values are not in %s, which the file declares, but in %s: they are read so.", c.Name(), found.Name()),
			},
		}}, true
	}
	if c.Plausible(x, y) {
		return resolution{}, []data.Problem{unlocated(CodeOutsideFrance, pair(x, y),
			"point hors de tous les territoires français", "point outside every French territory")}, false
	}
	return resolution{}, []data.Problem{unlocated(CodeWrongCRS, pair(x, y),
		fmt.Sprintf("ces valeurs ne peuvent pas être en %s, que le fichier déclare", c.Name()),
		fmt.Sprintf("these values can’t be in %s, which the file declares", c.Name()))}, false
}

func swappedMetres(x, y float64) data.Problem {
	return data.Problem{
		Severity: data.SeverityWarning, Code: CodeSwapped, Value: pair(x, y),
		Message: data.Text{
			FR: "abscisse (est) et ordonnée (nord) interverties : le point n’est en France qu’une fois échangées. Elles sont remises dans l’ordre.",
			EN: "easting and northing exchanged: the point is in France only once swapped. They are put in order.",
		},
	}
}

// undeclared takes metres where degrees or nothing were declared.
func (l *Locator) undeclared(x, y float64, declared *crs.CRS, department string) (resolution, []data.Problem, bool) {
	c, ok := guess(x, y, department)
	if !ok {
		if c, ok := guess(y, x, department); ok {
			return resolution{crs: c, swap: true}, []data.Problem{swappedMetres(x, y)}, true
		}
	}
	if legal, known := crs.LegalForDepartment(department); known && legal.Code() == 2154 && c != legal && lambert2(x, y) {
		ok = false // the same numbers would be in the Antilles
	}
	r := resolution{crs: c}
	switch {
	case !ok && lambert2(x, y):
		return r, []data.Problem{unlocated(CodeWrongCRS, pair(x, y),
			"ces valeurs ressemblent à du Lambert II étendu (EPSG:27572), qui n’est pas converti : convertissez d’abord le fichier en Lambert-93 (EPSG:2154)",
			"these values look like extended Lambert II (EPSG:27572), which is not converted: convert the file to Lambert-93 (EPSG:2154) first")}, false
	case !ok:
		return r, []data.Problem{unlocated(CodeWrongCRS, pair(x, y),
			"ces valeurs ne sont ni des degrés, ni des mètres d’une seule projection légale : indiquez le système de coordonnées (EPSG)",
			"these values are neither degrees nor metres of one legal projection: give the coordinate system (EPSG)")}, false
	case l.inferred[c]:
		return r, nil, true
	}
	l.inferred[c] = true
	if declared != nil {
		return r, []data.Problem{{
			Severity: data.SeverityWarning, Code: CodeWrongCRS, Value: pair(x, y),
			Message: data.Text{
				FR: fmt.Sprintf("des degrés sont attendus, mais ces valeurs sont des mètres en %s : elles sont lues ainsi (dit une fois pour tout le fichier).", c.Name()),
				EN: fmt.Sprintf("degrees are expected, but these values are metres in %s: they are read so (said once for the whole file).", c.Name()),
			},
		}}, true
	}
	return r, []data.Problem{{
		Severity: data.SeverityInfo, Code: CodeCRSInferred, Value: c.String(),
		Message: data.Text{
			FR: fmt.Sprintf("aucun système de coordonnées n’est déclaré : d’après les valeurs, c’est %s (dit une fois pour tout le fichier).", c.Name()),
			EN: fmt.Sprintf("no coordinate system is declared: the values tell that it is %s (said once for the whole file).", c.Name()),
		},
	}}, true
}

// guess finds the projection of metres without a usable declaration: the legal one
// of the département when the point falls there, else the only legal one (or
// nine-zone conformal conic) by which it falls in its own territory.
func guess(x, y float64, department string) (crs.CRS, bool) {
	if legal, ok := crs.LegalForDepartment(department); ok {
		if p, ok := inFrance(legal, x, y); ok && nearDepartment(p, department) {
			return legal, true
		}
	}
	var found crs.CRS
	n := 0
	try := func(c crs.CRS) {
		// The same numbers may be on land in one projection and at sea in others.
		p, ok := inFrance(c, x, y)
		if !ok || !onLand(p) {
			return
		}
		// Only the projection that is the legal one where it puts the point counts.
		legal, _ := crs.Legal(p[0], p[1])
		if c != legal && (legal.Code() != 2154 || !conicZone(c)) {
			return
		}
		found = c
		n++
	}
	for _, c := range crs.Frames() {
		try(c)
	}
	for code := 3942; code <= 3950; code++ {
		if c, ok := crs.ByCode(code); ok {
			try(c)
		}
	}
	return found, n == 1
}

func conicZone(c crs.CRS) bool { return c.Code() >= 3942 && c.Code() <= 3950 }

// lambert2 tells whether metres are in the range of extended Lambert II over France.
func lambert2(x, y float64) bool {
	return x > 40_000 && x < 1_210_000 && y > 1_610_000 && y < 2_690_000
}
