package filter

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/alecthomas/participle/v2"
	"github.com/alecthomas/participle/v2/lexer"
	"github.com/peterstace/simplefeatures/geom"

	"vigie/data"
)

// The grammar of CQL2 text. An operand may turn out to be of the wrong type: that is for
// the compilation to say, which knows the properties.
type (
	textOr struct {
		Terms []*textAnd `parser:"@@ ( 'OR' @@ )*"`
	}
	textAnd struct {
		Factors []*textFactor `parser:"@@ ( 'AND' @@ )*"`
	}
	textFactor struct {
		Pos   lexer.Position
		Not   bool      `parser:"@'NOT'?"`
		Group *textOr   `parser:"( '(' @@ ')'"`
		Test  *textTest `parser:"| @@ )"`
	}
	textTest struct {
		Left *textOperand `parser:"@@"`
		Tail *textTail    `parser:"@@?"`
	}
	textTail struct {
		Pos     lexer.Position
		Compare string         `parser:"( @Compare"`
		Right   *textOperand   `parser:"  @@"`
		Null    *textNull      `parser:"| @@"`
		Not     bool           `parser:"| @'NOT'?"`
		Like    *textOperand   `parser:"  ( 'LIKE' @@"`
		Between []*textOperand `parser:"  | 'BETWEEN' @@ 'AND' @@"`
		In      []*textOperand `parser:"  | 'IN' '(' @@ ( ',' @@ )* ')' ) )"`
	}
	textNull struct {
		Not bool `parser:"'IS' @'NOT'? 'NULL'"`
	}
	textOperand struct {
		Pos     lexer.Position
		Shape   string    `parser:"  @Geometry"`
		Text    *string   `parser:"| @String"`
		Number  string    `parser:"| @Number"`
		Boolean string    `parser:"| @( 'TRUE' | 'FALSE' )"`
		Name    *textName `parser:"| @@"`
	}
	// textName is a property, or a function with its arguments.
	textName struct {
		Name string    `parser:"@( Ident | Quoted )"`
		Call *textCall `parser:"@@?"`
	}
	textCall struct {
		Args []*textOperand `parser:"'(' ( @@ ( ',' @@ )* )? ')'"`
	}
)

// wktPattern recognises well-known text, whose parentheses are nested to a known depth.
var wktPattern = func() string {
	list := func(of string) string { return `\(\s*` + of + `(?:\s*,\s*` + of + `)*\s*\)` }
	points := `\([^()]*\)`
	lines := list(points)
	one := strings.Join([]string{
		`(?:POINT|LINESTRING)\s*Z?\s*` + points, `MULTIPOINT\s*Z?\s*(?:` + points + `|` + lines + `)`,
		`(?:POLYGON|MULTILINESTRING)\s*Z?\s*` + lines, `MULTIPOLYGON\s*Z?\s*` + list(lines),
	}, "|")
	return `(?i)(?:` + one + `|GEOMETRYCOLLECTION\s*Z?\s*` + list(`(?:`+one+`)`) + `)`
}()

var textParser = participle.MustBuild[textOr](
	participle.Lexer(lexer.MustSimple([]lexer.SimpleRule{
		{Name: "Space", Pattern: `\s+`},
		{Name: "Geometry", Pattern: wktPattern},
		{Name: "Keyword", Pattern: `(?i)(?:AND|OR|NOT|LIKE|BETWEEN|IN|IS|NULL|TRUE|FALSE)\b`},
		{Name: "Ident", Pattern: `[\p{L}_:][\p{L}\p{N}_:.]*`},
		{Name: "Quoted", Pattern: `"(?:[^"]|"")*"`},
		{Name: "String", Pattern: `'(?:''|\\'|[^'])*'`},
		{Name: "Number", Pattern: `[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?`},
		{Name: "Compare", Pattern: `<>|<=|>=|=|<|>`},
		{Name: "Punctuation", Pattern: `[(),]`},
	})),
	participle.Elide("Space"),
	participle.CaseInsensitive("Keyword"),
)

// ParseText reads CQL2 text. Coordinates of geometries are in the order longitude (or
// easting), latitude (or northing), unless the CRS given to Compile says otherwise. The
// error is an *Error.
func ParseText(s string) (*Expr, error) {
	if err := checkLength(s, where{column: 1}); err != nil {
		return nil, err
	}
	tokens, err := textParser.Lex("", strings.NewReader(s))
	if err != nil {
		return nil, syntaxError(err)
	}
	// Before the parser, whose stack would be as deep.
	depth := 0
	for _, t := range tokens {
		switch {
		case t.Value == "(":
			depth++
		case t.Value == ")":
			depth--
		}
		if depth > maxDepth {
			return nil, where{column: t.Pos.Column}.tooDeep()
		}
	}
	tree, err := textParser.ParseString("", s)
	if err != nil {
		return nil, syntaxError(err)
	}
	e, err := tree.expr()
	if err != nil {
		return nil, err
	}
	if err := e.check(); err != nil {
		return nil, err
	}
	return &e, nil
}

func syntaxError(err error) error {
	var unexpected *participle.UnexpectedTokenError
	if errors.As(err, &unexpected) {
		at := at(unexpected.Unexpected.Pos)
		if unexpected.Unexpected.EOF() {
			return at.fail("la condition s’arrête trop tôt.", "the condition ends too soon.")
		}
		token := data.Clip(unexpected.Unexpected.Value)
		return at.fail("«\u00a0"+token+"\u00a0» n’est pas attendu ici.", "“"+token+"” is not expected here.")
	}
	var located participle.Error
	if errors.As(err, &located) {
		return at(located.Position()).fail("la condition n’est pas du CQL2.", "the condition is not CQL2.")
	}
	return where{column: 1}.fail("la condition n’est pas du CQL2.", "the condition is not CQL2.")
}

func at(p lexer.Position) where { return where{column: max(p.Column, 1)} }

func (t *textOr) expr() (Expr, error)  { return joined("or", t.Terms) }
func (t *textAnd) expr() (Expr, error) { return joined("and", t.Factors) }

// joined makes one operation of several terms; one term stands for itself.
func joined[T interface{ expr() (Expr, error) }](op string, terms []T) (Expr, error) {
	args := make([]Expr, len(terms))
	for i, t := range terms {
		var err error
		if args[i], err = t.expr(); err != nil {
			return Expr{}, err
		}
	}
	if len(args) == 1 {
		return args[0], nil
	}
	return Expr{where: args[0].where, op: op, args: args}, nil
}

func (t *textFactor) expr() (e Expr, err error) {
	if t.Group != nil {
		e, err = t.Group.expr()
	} else {
		e, err = t.Test.expr()
	}
	if err == nil && t.Not {
		e = not(at(t.Pos), e)
	}
	return e, err
}

func not(at where, e Expr) Expr { return Expr{where: at, op: "not", args: []Expr{e}} }

func (t *textTest) expr() (Expr, error) {
	left, err := t.Left.expr()
	if err != nil || t.Tail == nil {
		return left, err
	}
	tail := t.Tail
	op, negated, operands := "", tail.Not, []*textOperand(nil)
	switch {
	case tail.Null != nil:
		op, negated = "isNull", tail.Null.Not
	case tail.Compare != "":
		op, operands = tail.Compare, []*textOperand{tail.Right}
	case tail.Like != nil:
		op, operands = "like", []*textOperand{tail.Like}
	case tail.Between != nil:
		op, operands = "between", tail.Between
	default:
		op, operands = "in", tail.In
	}
	rest, err := exprs(operands)
	if err != nil {
		return Expr{}, err
	}
	if op == "in" {
		rest = []Expr{{where: at(tail.Pos), kind: kindList, args: rest}}
	}
	e, err := operation(left.where, op, append([]Expr{left}, rest...))
	if err == nil && negated {
		e = not(at(tail.Pos), e)
	}
	return e, err
}

func exprs(operands []*textOperand) ([]Expr, error) {
	out := make([]Expr, len(operands))
	for i, o := range operands {
		var err error
		if out[i], err = o.expr(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (t *textOperand) expr() (Expr, error) {
	here := at(t.Pos)
	switch {
	case t.Shape != "":
		g, err := geom.UnmarshalWKT(t.Shape)
		if err != nil {
			return Expr{}, here.badShape()
		}
		return shape(here, g)
	case t.Text != nil:
		return Expr{where: here, kind: kindLiteral, value: data.String(unquote(*t.Text))}, nil
	case t.Number != "":
		f, err := strconv.ParseFloat(t.Number, 64)
		if err != nil {
			return Expr{}, here.fail("nombre trop grand.", "number too large.")
		}
		return Expr{where: here, kind: kindLiteral, value: data.Number(f)}, nil
	case t.Boolean != "":
		return Expr{where: here, kind: kindLiteral, value: data.Boolean(strings.EqualFold(t.Boolean, "true"))}, nil
	}
	name := t.Name.Name
	if name[0] == '"' {
		name = strings.ReplaceAll(name[1:len(name)-1], `""`, `"`)
	}
	if t.Name.Call == nil {
		return Expr{where: here, kind: kindProperty, name: name}, nil
	}
	args, err := exprs(t.Name.Call.Args)
	if err != nil {
		return Expr{}, err
	}
	return call(here, name, args)
}

func unquote(s string) string {
	return strings.NewReplacer(`''`, `'`, `\'`, `'`).Replace(s[1 : len(s)-1])
}

// call makes what looks like a function: a temporal literal, a box, an operation.
func call(at where, name string, args []Expr) (Expr, error) {
	switch lower := strings.ToLower(name); lower {
	case "date", "timestamp":
		if len(args) == 1 {
			if text, ok := args[0].value.Text(); ok {
				return temporalLiteral(args[0].where, lower, text)
			}
		}
		return Expr{}, at.fail("une date entre apostrophes est attendue.", "a date between apostrophes is expected.")
	case "interval":
		return interval(at, args)
	case "bbox":
		numbers := make([]float64, len(args))
		for i := range args {
			f, ok := args[i].value.Float()
			if !ok {
				return Expr{}, args[i].fail("un nombre est attendu.", "a number is expected.")
			}
			numbers[i] = f
		}
		return box(at, numbers)
	default:
		i := slices.IndexFunc(functions, func(known string) bool { return strings.EqualFold(known, name) })
		if i < 0 {
			return operation(at, name, args)
		}
		return operation(at, functions[i], args)
	}
}

// functions are the operations that text writes as functions, in any case.
var functions = func() []string {
	names := []string{"casei", "accenti"}
	for op := range spatial {
		names = append(names, op)
	}
	for op := range temporal {
		names = append(names, op)
	}
	return names
}()

// interval makes an interval of two ends: dates, instants, "..", or properties.
func interval(at where, args []Expr) (Expr, error) {
	if len(args) != 2 {
		return Expr{}, at.fail("un intervalle a deux bornes.", "an interval has two ends.")
	}
	out := Expr{where: at, kind: kindInterval, args: make([]Expr, 2)}
	for i := range args {
		out.args[i] = args[i]
		if text, ok := args[i].value.Text(); ok {
			var err error
			if out.args[i], err = bound(args[i].where, text, i == 1); err != nil {
				return Expr{}, err
			}
		}
	}
	return out, nil
}
