package filter

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"

	"vigie/data"
	"vigie/geo/crs"
)

// Geometry is the name under which conditions speak of a feature's geometry.
const Geometry = "geometry"

// Predicate tells whether a feature is kept. It is for one goroutine at a time. Its error, an
// *Error, is that going on would cost too much.
type Predicate func(*data.Feature) (bool, error)

// truth is of three values: what is unknown is neither true nor false.
type truth int8

const (
	no truth = iota
	unknown
	yes
)

func truthOf(b bool) truth {
	if b {
		return yes
	}
	return no
}

type condition func(*data.Feature) truth

// Compile binds a condition to the columns of a schema. dates are the names of its text
// columns that hold RFC 3339 dates or instants. The coordinates of geometries are in from,
// in the axis order of its authority. The error is an *Error.
func Compile(e *Expr, schema *data.Schema, dates []string, from crs.CRS) (Predicate, error) {
	work := &budget{maxWork}
	c := compiler{schema: schema, dates: dates, from: from, work: work}
	test, err := c.condition(e)
	if err != nil {
		return nil, err
	}
	return func(f *data.Feature) (bool, error) {
		kept := test(f) == yes
		if work.left < 0 {
			return false, e.fail("trop de sommets à comparer\u00a0: réduisez l’emprise ou simplifiez la géométrie.",
				"too many vertices to compare: narrow the bounds or simplify the geometry.")
		}
		return kept, nil
	}, nil
}

type compiler struct {
	schema *data.Schema
	dates  []string
	from   crs.CRS
	work   *budget
}

func (c *compiler) condition(e *Expr) (condition, error) {
	switch e.kind {
	case kindOperation:
	case kindLiteral:
		if b, ok := e.value.Bool(); ok {
			return func(*data.Feature) truth { return truthOf(b) }, nil
		}
		return nil, e.fail("une condition est attendue.", "a condition is expected.")
	case kindProperty:
		v, err := c.scalar(e)
		if err != nil {
			return nil, err
		}
		if v.of != typeBoolean {
			return nil, e.fail("«\u00a0"+e.name+"\u00a0» n’est pas une condition.", "“"+e.name+"” is not a condition.")
		}
		return func(f *data.Feature) truth {
			b, ok := v.get(f).Bool()
			if !ok {
				return unknown
			}
			return truthOf(b)
		}, nil
	default:
		return nil, e.fail("une condition est attendue.", "a condition is expected.")
	}
	switch e.op {
	case "and", "or":
		return c.junction(e)
	case "not":
		test, err := c.condition(&e.args[0])
		return func(f *data.Feature) truth { return yes - test(f) }, err
	case "isNull":
		return c.isNull(&e.args[0])
	case "like":
		return c.like(e)
	case "between":
		return c.between(e)
	case "in":
		return c.in(e)
	}
	if relation, ok := spatial[e.op]; ok {
		return c.spatial(e, relation)
	}
	if relation, ok := temporal[e.op]; ok {
		return c.temporal(e, relation)
	}
	if holds, ok := comparisons[e.op]; ok {
		return c.compare(e, holds)
	}
	return nil, e.fail("une condition est attendue.", "a condition is expected.")
}

// junction is the least (and) or greatest (or) of its parts.
func (c *compiler) junction(e *Expr) (condition, error) {
	parts := make([]condition, len(e.args))
	for i := range e.args {
		var err error
		if parts[i], err = c.condition(&e.args[i]); err != nil {
			return nil, err
		}
	}
	decided := no
	if e.op == "or" {
		decided = yes
	}
	return func(f *data.Feature) truth {
		result := yes - decided
		for _, part := range parts {
			t := part(f)
			if t == decided {
				return decided
			}
			if t == unknown {
				result = unknown
			}
		}
		return result
	}, nil
}

type valueType uint8

const (
	typeText valueType = iota
	typeNumber
	typeBoolean
	typeTime
)

// label is for messages: "a text".
func (t valueType) label() data.Text {
	return [...]data.Text{
		{FR: "un texte", EN: "a text"}, {FR: "un nombre", EN: "a number"}, {FR: "vrai ou faux", EN: "true or false"}, {FR: "une date", EN: "a date"},
	}[t]
}

// scalar is a value of a feature, or a constant. Times are numbers of microseconds.
type scalar struct {
	of       valueType
	constant bool
	get      func(*data.Feature) data.Value
}

func (c *compiler) scalar(e *Expr) (scalar, error) {
	switch e.kind {
	case kindProperty:
		return c.property(e)
	case kindLiteral:
		v, of := e.value, typeText
		if _, ok := v.Float(); ok {
			of = typeNumber
		} else if _, ok := v.Bool(); ok {
			of = typeBoolean
		} else if v.IsNull() {
			return scalar{}, e.fail("rien n’est égal à null\u00a0: utilisez isNull.", "nothing equals null: use isNull.")
		}
		return scalar{of, true, func(*data.Feature) data.Value { return v }}, nil
	case kindInstant:
		v := data.Number(float64(e.time))
		return scalar{typeTime, true, func(*data.Feature) data.Value { return v }}, nil
	case kindOperation:
		if fold, ok := folds[e.op]; ok {
			return c.folded(e, fold())
		}
	}
	return scalar{}, e.fail("une valeur est attendue.", "a value is expected.")
}

func (c *compiler) property(e *Expr) (scalar, error) {
	i := slices.IndexFunc(c.schema.Columns, func(column data.Column) bool { return column.Name == e.name })
	if i < 0 {
		return scalar{}, e.fail("la propriété «\u00a0"+data.Clip(e.name)+"\u00a0» n’existe pas dans cette collection.", "this collection has no property “"+data.Clip(e.name)+"”.")
	}
	get := func(f *data.Feature) data.Value { return f.Values[i] }
	switch c.schema.Columns[i].Type {
	case data.TypeInteger, data.TypeNumber:
		return scalar{typeNumber, false, get}, nil
	case data.TypeBoolean:
		return scalar{typeBoolean, false, get}, nil
	}
	if !slices.Contains(c.dates, e.name) {
		return scalar{typeText, false, get}, nil
	}
	return scalar{typeTime, false, func(f *data.Feature) data.Value {
		text, _ := f.Values[i].Text()
		t, ok := parseInstant(text)
		if !ok {
			return data.Null
		}
		return data.Number(float64(t))
	}}, nil
}

// folds make what forgets case or accents.
var folds = map[string]func() func(string) string{
	"casei": func() func(string) string { return cases.Fold().String },
	"accenti": func() func(string) string {
		strip := transform.Chain(norm.NFD, runes.Remove(runes.In(unicode.Mn)), norm.NFC)
		return func(s string) string {
			out, _, err := transform.String(strip, s)
			if err != nil {
				return s
			}
			return out
		}
	},
}

func (c *compiler) folded(e *Expr, fold func(string) string) (scalar, error) {
	inner, err := c.scalar(&e.args[0])
	if err != nil {
		return scalar{}, err
	}
	if inner.of != typeText {
		return scalar{}, e.args[0].fail("un texte est attendu.", "a text is expected.")
	}
	get := func(f *data.Feature) data.Value {
		v := inner.get(f)
		if text, ok := v.Text(); ok {
			return data.String(fold(text))
		}
		return v
	}
	if inner.constant {
		v := get(nil)
		get = func(*data.Feature) data.Value { return v }
	}
	return scalar{typeText, inner.constant, get}, nil
}

// scalars compiles values that are to be compared with the first one.
func (c *compiler) scalars(args []Expr) ([]scalar, error) {
	out := make([]scalar, len(args))
	for i := range args {
		var err error
		if out[i], err = c.scalar(&args[i]); err != nil {
			return nil, err
		}
	}
	// Dates between apostrophes are dates where a date is expected.
	for i := range out {
		if isTime := slices.ContainsFunc(out, func(s scalar) bool { return s.of == typeTime }); isTime && out[i].of == typeText && out[i].constant {
			if text, ok := out[i].get(nil).Text(); ok {
				if t, ok := parseInstant(text); ok {
					v := data.Number(float64(t))
					out[i] = scalar{typeTime, true, func(*data.Feature) data.Value { return v }}
				}
			}
		}
	}
	for i := range out {
		if out[i].of != out[0].of {
			want := out[0].of.label()
			return nil, args[i].fail(want.FR+" est attendu ici.", want.EN+" is expected here.")
		}
	}
	return out, nil
}

// comparisons tell by the order of two values (−1, 0, 1) whether they compare so.
var comparisons = map[string]func(order int) bool{
	"=":  func(o int) bool { return o == 0 },
	"<>": func(o int) bool { return o != 0 },
	"<":  func(o int) bool { return o < 0 },
	"<=": func(o int) bool { return o <= 0 },
	">":  func(o int) bool { return o > 0 },
	">=": func(o int) bool { return o >= 0 },
}

// order compares two values of one type; false when one is unknown.
func order(a, b data.Value) (int, bool) {
	if a.IsNull() || b.IsNull() {
		return 0, false
	}
	if x, ok := a.Float(); ok {
		y, _ := b.Float()
		return cmp.Compare(x, y), x == x && y == y
	}
	if x, ok := a.Text(); ok {
		y, _ := b.Text()
		return strings.Compare(x, y), true
	}
	x, _ := a.Bool()
	y, _ := b.Bool()
	switch {
	case x == y:
		return 0, true
	case y:
		return -1, true
	}
	return 1, true
}

func (c *compiler) compare(e *Expr, holds func(int) bool) (condition, error) {
	sides, err := c.scalars(e.args)
	if err != nil {
		return nil, err
	}
	left, right := sides[0].get, sides[1].get
	return func(f *data.Feature) truth {
		o, ok := order(left(f), right(f))
		if !ok {
			return unknown
		}
		return truthOf(holds(o))
	}, nil
}

func (c *compiler) between(e *Expr) (condition, error) {
	v, err := c.scalars(e.args)
	if err != nil {
		return nil, err
	}
	if v[0].of != typeNumber && v[0].of != typeTime {
		return nil, e.args[0].fail("un nombre ou une date est attendu.", "a number or a date is expected.")
	}
	return func(f *data.Feature) truth {
		x := v[0].get(f)
		low, ok1 := order(v[1].get(f), x)
		high, ok2 := order(x, v[2].get(f))
		switch {
		case ok1 && low > 0 || ok2 && high > 0:
			return no
		case !ok1 || !ok2:
			return unknown
		}
		return yes
	}, nil
}

func (c *compiler) in(e *Expr) (condition, error) {
	list := &e.args[1]
	if list.kind != kindList || len(list.args) == 0 {
		return nil, list.fail("une liste de valeurs est attendue.", "a list of values is expected.")
	}
	v, err := c.scalars(append([]Expr{e.args[0]}, list.args...))
	if err != nil {
		return nil, err
	}
	return func(f *data.Feature) truth {
		result, x := no, v[0].get(f)
		for _, one := range v[1:] {
			o, ok := order(x, one.get(f))
			if !ok {
				result = unknown
			} else if o == 0 {
				return yes
			}
		}
		return result
	}, nil
}

func (c *compiler) isNull(e *Expr) (condition, error) {
	if e.kind == kindProperty && e.name == Geometry {
		return func(f *data.Feature) truth { return truthOf(f.Geometry == nil) }, nil
	}
	v, err := c.scalar(e)
	if err != nil {
		return nil, err
	}
	return func(f *data.Feature) truth { return truthOf(v.get(f).IsNull()) }, nil
}

func (c *compiler) like(e *Expr) (condition, error) {
	v, err := c.scalars(e.args)
	if err != nil {
		return nil, err
	}
	if v[0].of != typeText {
		return nil, e.args[0].fail("un texte est attendu.", "a text is expected.")
	}
	if !v[1].constant {
		return nil, e.args[1].fail("un modèle entre apostrophes est attendu.", "a pattern between apostrophes is expected.")
	}
	text, _ := v[1].get(nil).Text()
	pattern, err := regexp.Compile(likePattern(text))
	if err != nil {
		return nil, e.args[1].fail("le modèle est trop long.", "the pattern is too long.")
	}
	return func(f *data.Feature) truth {
		text, ok := v[0].get(f).Text()
		if !ok {
			return unknown
		}
		return truthOf(pattern.MatchString(text))
	}, nil
}

// likePattern is the regular expression of a LIKE pattern: "%" any text, "_" one
// character, "\" before one that stands for itself.
func likePattern(s string) string {
	var b strings.Builder
	b.WriteString("(?s)^")
	escaped := false
	for _, r := range s {
		switch {
		case escaped:
			b.WriteString(regexp.QuoteMeta(string(r)))
			escaped = false
		case r == '\\':
			escaped = true
		case r == '%':
			b.WriteString(".*")
		case r == '_':
			b.WriteString(".")
		default:
			b.WriteString(regexp.QuoteMeta(string(r)))
		}
	}
	b.WriteString("$")
	return b.String()
}

// spatial compares the feature's geometry with another, on either side.
func (c *compiler) spatial(e *Expr, relation relation) (condition, error) {
	own, other := 0, 1
	if e.args[0].kind == kindShape {
		own, other = 1, 0
	}
	switch property := &e.args[own]; {
	case property.kind != kindProperty || property.name != Geometry:
		return nil, property.fail("«\u00a0"+Geometry+"\u00a0» est attendu.", "“"+Geometry+"” is expected.")
	case e.args[other].kind != kindShape:
		return nil, e.args[other].fail("une géométrie ou une emprise est attendue.", "a geometry or a box is expected.")
	}
	shape, ok := toWGS84(e.args[other].shape, c.from)
	if !ok {
		return nil, e.args[other].fail("des coordonnées sont hors du système "+c.from.String()+".", "coordinates are outside "+c.from.String()+".")
	}
	if verticesOf(shape) > maxCut {
		return nil, e.args[other].fail("la géométrie a trop de longs côtés pour le système "+c.from.String()+".", "the geometry has too many long edges for "+c.from.String()+".")
	}
	return relate(relation, shape, own == 0, truthOf(e.op == "s_disjoint"), c.work), nil
}

func (c *compiler) temporal(e *Expr, relation func(a, b span) bool) (condition, error) {
	a, err := c.span(&e.args[0])
	if err != nil {
		return nil, err
	}
	b, err := c.span(&e.args[1])
	if err != nil {
		return nil, err
	}
	return func(f *data.Feature) truth {
		x, ok := a(f)
		y, ok2 := b(f)
		if !ok || !ok2 {
			return unknown
		}
		return truthOf(relation(x, y))
	}, nil
}

// span compiles an instant or an interval; false of a feature without.
func (c *compiler) span(e *Expr) (func(*data.Feature) (span, bool), error) {
	from, to := e, e
	if e.kind == kindInterval {
		from, to = &e.args[0], &e.args[1]
	}
	start, err := c.instant(from)
	if err != nil {
		return nil, err
	}
	stop, err := c.instant(to)
	if err != nil {
		return nil, err
	}
	return func(f *data.Feature) (span, bool) {
		a, ok := start(f)
		b, ok2 := stop(f)
		return span{a, b}, ok && ok2
	}, nil
}

func (c *compiler) instant(e *Expr) (func(*data.Feature) (instant, bool), error) {
	if e.kind == kindInstant {
		return func(*data.Feature) (instant, bool) { return e.time, true }, nil
	}
	v, err := c.scalar(e)
	if err != nil {
		return nil, err
	}
	if v.of != typeTime {
		return nil, e.fail("une date est attendue.", "a date is expected.")
	}
	return func(f *data.Feature) (instant, bool) {
		t, ok := v.get(f).Float()
		return instant(t), ok
	}, nil
}
