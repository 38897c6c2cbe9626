// Package filter reads conditions on features written in CQL2 (OGC 21-065r2), as text or
// as JSON, and compiles them for the columns of one schema; a condition can only speak of
// those.
//
// Implemented: basic CQL2, property-property, advanced comparison operators (LIKE,
// BETWEEN, IN), casei and accenti, all spatial functions on the feature's geometry, all
// temporal functions. Not implemented: arithmetic, arrays and functions of the server.
//
// Comparisons with what is unknown are neither true nor false: neither a condition nor
// its contrary keeps the feature.
package filter

import (
	"strconv"
	"strings"

	"github.com/peterstace/simplefeatures/geom"

	"vigie/data"
)

// Limits of a filter: they bound what a request may cost.
const (
	maxLength   = 16 << 10 // bytes
	maxDepth    = 32       // of nested conditions
	maxNodes    = 1000
	maxVertices = 200  // of all geometries together
	maxCut      = 1000 // of one, after its edges are cut for the way to longitude and latitude
	// maxWork is of comparisons of geometries: the vertices of one times those of the other,
	// over all features. The costliest relations take ten seconds for as many.
	maxWork = 50_000_000
)

// Error is what is wrong with a filter, and where.
type Error struct {
	// Column is where in a text, counted in characters from 1; 0 when it is JSON.
	Column int
	// Pointer is where in JSON (RFC 6901).
	Pointer string
	Message data.Text
}

// Error gives the English message.
func (e *Error) Error() string { return e.Message.EN }

// where locates a node.
type where struct {
	column  int
	pointer string
}

// fail makes the Error of a place; the sentences go on after "column 12: ".
func (w where) fail(fr, en string) *Error {
	at := data.Text{FR: "colonne " + strconv.Itoa(w.column), EN: "column " + strconv.Itoa(w.column)}
	if w.column == 0 {
		pointer := w.pointer
		if pointer == "" {
			pointer = "/"
		}
		at = data.Text{FR: pointer, EN: pointer}
	}
	return &Error{Column: w.column, Pointer: w.pointer, Message: data.Text{FR: at.FR + "\u00a0: " + fr, EN: at.EN + ": " + en}}
}

type kind uint8

const (
	kindOperation kind = iota
	kindProperty
	kindLiteral
	kindInstant
	kindInterval
	kindShape
	kindList
)

// Expr is a condition, not yet bound to a schema.
type Expr struct {
	where
	kind kind
	// op is the operation, in the spelling of CQL2 JSON ("and", "<=", "s_intersects").
	op   string
	args []Expr // of an operation, a list or an interval
	name string // of a property
	// value is a literal's.
	value data.Value
	time  instant
	shape geom.Geometry
}

func (e *Expr) walk(depth int, visit func(*Expr, int)) {
	visit(e, depth)
	for i := range e.args {
		e.args[i].walk(depth+1, visit)
	}
}

// check refuses what is too large to be answered at little cost.
func (e *Expr) check() error {
	nodes, deepest, vertices := 0, 0, 0
	var shapes []*Expr
	e.walk(1, func(n *Expr, depth int) {
		nodes++
		deepest = max(deepest, depth)
		if n.kind == kindShape {
			vertices += verticesOf(n.shape)
			shapes = append(shapes, n)
		}
	})
	switch {
	case nodes > maxNodes:
		return e.fail("plus de "+strconv.Itoa(maxNodes)+" termes.", "more than "+strconv.Itoa(maxNodes)+" terms.")
	case deepest > maxDepth:
		return e.tooDeep()
	case vertices > maxVertices:
		return e.tooManyVertices()
	}
	for _, n := range shapes {
		if crossesItself(n.shape) {
			return n.fail("une ligne se croise, ou en croise une autre.", "a line crosses itself, or another one.")
		}
	}
	return nil
}

func (w where) tooManyVertices() *Error {
	return w.fail("plus de "+strconv.Itoa(maxVertices)+" sommets.", "more than "+strconv.Itoa(maxVertices)+" vertices.")
}

func (w where) tooDeep() *Error {
	return w.fail("plus de "+strconv.Itoa(maxDepth)+" niveaux.", "more than "+strconv.Itoa(maxDepth)+" levels.")
}

func checkLength(s string, at where) error {
	if len(s) > maxLength {
		return at.fail("plus de "+strconv.Itoa(maxLength)+" octets.", "more than "+strconv.Itoa(maxLength)+" bytes.")
	}
	return nil
}

// arity is how many arguments an operation takes; the most is −1 when there is no bound.
type arity struct{ least, most int }

// operations are those that are known, by their name in CQL2 JSON.
var operations = func() map[string]arity {
	known := map[string]arity{
		"and": {1, -1}, "or": {1, -1}, "not": {1, 1}, "like": {2, 2}, "between": {3, 3}, "in": {2, 2}, "isNull": {1, 1},
		"casei": {1, 1}, "accenti": {1, 1},
	}
	for _, op := range []string{"=", "<>", "<", "<=", ">", ">="} {
		known[op] = arity{2, 2}
	}
	for op := range spatial {
		known[op] = arity{2, 2}
	}
	for op := range temporal {
		known[op] = arity{2, 2}
	}
	return known
}()

// operation makes the node of an operation, known by that name and with as many arguments.
func operation(at where, name string, args []Expr) (Expr, error) {
	op, ok := operations[name]
	switch {
	case !ok:
		return Expr{}, at.fail("l’opération «\u00a0"+data.Clip(name)+"\u00a0» n’existe pas.", "there is no operation “"+data.Clip(name)+"”.")
	case len(args) < op.least || op.most >= 0 && len(args) > op.most:
		n := strconv.Itoa(op.least)
		return Expr{}, at.fail("«\u00a0"+name+"\u00a0» attend "+n+" termes.", "“"+name+"” takes "+n+" terms.")
	}
	return Expr{where: at, op: name, args: args}, nil
}

// temporalLiteral makes a date, timestamp or bound of an interval from its text.
func temporalLiteral(at where, name, text string) (Expr, error) {
	t, ok := parseInstant(text)
	if ok && name == "date" {
		ok = len(text) == len("2006-01-02")
	} else if ok && name == "timestamp" {
		ok = strings.ContainsRune(text, 'T')
	}
	if !ok {
		return Expr{}, at.fail("«\u00a0"+data.Clip(text)+"\u00a0» n’est pas une date ou un instant RFC 3339.", "“"+data.Clip(text)+"” is not an RFC 3339 date or instant.")
	}
	return Expr{where: at, kind: kindInstant, time: t}, nil
}

// bound is an end of an interval: a date, an instant or "..".
func bound(at where, text string, last bool) (Expr, error) {
	if text == ".." {
		open := farPast
		if last {
			open = farFuture
		}
		return Expr{where: at, kind: kindInstant, time: open}, nil
	}
	return temporalLiteral(at, "interval", text)
}
