package finess

import (
	"bytes"
	"context"
	"errors"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"vigie/data"
	"vigie/data/source"
)

// JSON reads the structures flow of FINESS+, format "finess-json".
type JSON struct{}

// ID is "finess-json".
func (JSON) ID() string { return "finess-json" }

// Label names the format.
func (JSON) Label() data.Text {
	return data.Text{FR: "FINESS+, flux des structures (JSON)", EN: "FINESS+, structures flow (JSON)"}
}

// Layers are the sites.
func (JSON) Layers() []data.Layer { return siteLayer }

func jsonMember(in *source.Input) (source.Member, bool) {
	return pick(in, func(head []byte) bool {
		head = bytes.ToLower(bytes.TrimLeft(head, " \t\r\n"))
		if !bytes.HasPrefix(head, []byte("{")) {
			return false
		}
		for _, mark := range []string{`"pmej"`, `"gco"`, `"gcc"`, `"schemaversion"`} {
			if bytes.Contains(head, []byte(mark)) {
				return true
			}
		}
		return false
	})
}

// Detect is sure when the first members are those of the flow.
func (JSON) Detect(in *source.Input) int {
	if _, ok := jsonMember(in); ok {
		return 100
	}
	return 0
}

// jsonRead is one read of a flow.
type jsonRead struct {
	e       *source.Emitter
	opt     source.Options
	locator *source.Locator
	stream  *source.JSON
	usual   int // coordinates in the usual orientation
	other   map[string]int
}

// Read gives the sites in file order; an establishment in error is skipped, its
// legal entity's others are not.
func (JSON) Read(ctx context.Context, in *source.Input, opt source.Options, sink source.Sink) error {
	m, ok := jsonMember(in)
	if !ok {
		if m, ok = in.Main(".json"); !ok {
			if m, ok = in.Main(); !ok {
				return source.Reject(source.Location{File: in.Name}, source.CodeEmptyFile, "le fichier est vide.", "the file is empty.")
			}
		}
	}
	body, err := m.Open()
	if err != nil {
		return err
	}
	defer body.Close()
	decoded := source.NewText(body, m.File())
	r := &jsonRead{
		e: source.NewEmitter(ctx, in, sink), opt: opt, locator: source.NewLocator(opt),
		stream: source.NewJSON(decoded, m.File()), other: make(map[string]int),
	}
	found := false
	err = r.stream.Object(func(name string) error {
		if !strings.EqualFold(name, "pmej") {
			return r.stream.Skip()
		}
		found = true
		return r.stream.Array(r.legalEntity)
	})
	if err == nil {
		err = r.stream.End()
	}
	if err != nil {
		return err
	}
	if !found {
		return source.Reject(source.Location{File: m.File(), Line: 1}, source.CodeUnrecognised,
			"ce n’est pas un flux FINESS+ des structures : le membre « pmej » est attendu.",
			"this is not a FINESS+ structures flow: the member “pmej” is expected.")
	}
	if p, ok := decoded.Note(); ok {
		r.e.Problem(p)
	}
	r.orientations(m.File())
	r.e.Done()
	return nil
}

// legalEntity reads one element of pmej: its number, wherever it stands, then its establishments.
func (r *jsonRead) legalEntity() error {
	// The number comes first in the flow, but nothing binds it to: establishments
	// met before it wait as text.
	type waiting struct {
		value jsontext.Value
		at    source.Location
	}
	var number string
	var known bool
	var wait []waiting
	err := r.stream.Object(func(name string) error {
		switch {
		case strings.EqualFold(name, "informationsGeneralesPMEJ"):
			v, at, err := r.stream.Value()
			if err != nil {
				return err
			}
			var g struct {
				Number text `json:"numFinessPm"`
			}
			if err := json.Unmarshal(v, &g, caseless); err != nil {
				r.mistyped(err, at)
			}
			number, known = string(g.Number), true
			return nil
		case strings.EqualFold(name, "ege"):
			if r.stream.Kind() == 'n' {
				return r.stream.Skip()
			}
			return r.stream.Array(func() error {
				v, at, err := r.stream.Value()
				if err != nil {
					return err
				}
				if !known {
					wait = append(wait, waiting{v.Clone(), at})
					return nil
				}
				return r.establishment(v, at, number)
			})
		}
		return r.stream.Skip()
	})
	if err != nil {
		return err
	}
	for _, w := range wait {
		if err := r.establishment(w.value, w.at, number); err != nil {
			return err
		}
	}
	return nil
}

// mistyped reports a value of another type than the schema's.
func (r *jsonRead) mistyped(err error, at source.Location) {
	where := ""
	var s *json.SemanticError
	if errors.As(err, &s) {
		where = string(s.JSONPointer)
	}
	r.e.Error(at, "", "bad-structure", where, "",
		"structure inattendue : l’enregistrement ne suit pas le schéma FINESS+ ; il est écarté.",
		"unexpected structure: the record does not follow the FINESS+ schema; it is set aside.")
}

func (r *jsonRead) establishment(v jsontext.Value, at source.Location, legalEntity string) error {
	if err := r.e.Tick(); err != nil {
		return err
	}
	var ege establishment
	if err := json.Unmarshal(v, &ege, caseless); err != nil {
		r.mistyped(err, at)
		return nil
	}
	if !r.opt.KeepsCategory(string(ege.Category)) {
		r.e.Filtered("category " + string(ege.Category))
		return nil
	}
	s, a, problems, ok := ege.site(legalEntity)
	if ok && a != nil {
		problems = append(problems, r.locate(&s, a.Coordinates)...)
	}
	r.e.Problems(problems, at, s.ID)
	if !ok || r.e.Duplicate(s.ID, at) {
		return nil
	}
	return r.e.Site(s, at)
}
