package filter

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"

	"github.com/peterstace/simplefeatures/geom"

	"vigie/data"
)

// ParseJSON reads CQL2 JSON, with coordinates as ParseText. The error is an *Error.
func ParseJSON(s string) (*Expr, error) {
	if err := checkLength(s, where{}); err != nil {
		return nil, err
	}
	e, err := parseNode([]byte(s), where{}, 1)
	if err != nil {
		return nil, err
	}
	if err := e.check(); err != nil {
		return nil, err
	}
	return &e, nil
}

func (w where) child(name string) where { return where{pointer: w.pointer + "/" + name} }

func (w where) index(i int) where { return w.child(strconv.Itoa(i)) }

// members are those that an object of CQL2 JSON may have.
type members struct {
	Op        *string           `json:"op"`
	Args      []json.RawMessage `json:"args"`
	Property  *string           `json:"property"`
	Date      *string           `json:"date"`
	Timestamp *string           `json:"timestamp"`
	Interval  []json.RawMessage `json:"interval"`
	BBox      []float64         `json:"bbox"`
	Type      *string           `json:"type"`
}

func parseNode(raw []byte, at where, depth int) (Expr, error) {
	raw = bytes.TrimSpace(raw)
	if depth > maxDepth {
		return Expr{}, at.tooDeep()
	}
	if len(raw) == 0 {
		return Expr{}, at.notJSON()
	}
	switch raw[0] {
	case '{':
		return parseObject(raw, at, depth)
	case '[':
		var list []json.RawMessage
		if err := decode(raw, &list); err != nil {
			return Expr{}, at.notJSON()
		}
		args, err := parseNodes(list, at, depth)
		return Expr{where: at, kind: kindList, args: args}, err
	}
	var v any
	if err := decode(raw, &v); err != nil {
		return Expr{}, at.notJSON()
	}
	e := Expr{where: at, kind: kindLiteral}
	switch v := v.(type) {
	case string:
		e.value = data.String(v)
	case float64:
		e.value = data.Number(v)
	case bool:
		e.value = data.Boolean(v)
	}
	return e, nil
}

// decode reads one JSON value and nothing after it.
func decode(raw []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	if err := d.Decode(v); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("content after the value")
	}
	return nil
}

func (w where) notJSON() *Error {
	return w.fail("la condition n’est pas du CQL2 en JSON.", "the condition is not CQL2 JSON.")
}

func parseNodes(list []json.RawMessage, at where, depth int) ([]Expr, error) {
	out := make([]Expr, len(list))
	for i, raw := range list {
		var err error
		if out[i], err = parseNode(raw, at.index(i), depth+1); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func parseObject(raw []byte, at where, depth int) (Expr, error) {
	var m members
	if err := decode(raw, &m); err != nil {
		return Expr{}, at.notJSON()
	}
	switch {
	case m.Op != nil:
		args, err := parseNodes(m.Args, at.child("args"), depth)
		if err != nil {
			return Expr{}, err
		}
		return operation(at, *m.Op, args)
	case m.Property != nil:
		return Expr{where: at, kind: kindProperty, name: *m.Property}, nil
	case m.Date != nil:
		return temporalLiteral(at, "date", *m.Date)
	case m.Timestamp != nil:
		return temporalLiteral(at, "timestamp", *m.Timestamp)
	case m.Interval != nil:
		args, err := parseNodes(m.Interval, at.child("interval"), depth)
		if err != nil {
			return Expr{}, err
		}
		return interval(at, args)
	case m.BBox != nil && m.Type == nil:
		return box(at, m.BBox)
	case m.Type != nil:
		g, err := geom.UnmarshalGeoJSON(raw)
		if err != nil {
			return Expr{}, at.badShape()
		}
		return shape(at, g)
	}
	return Expr{}, at.notJSON()
}
