package score

import (
	"bytes"
	"cmp"
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"
)

// maxProfileBytes bounds a profile document; the largest sensible one has a few dozen kilobytes.
const maxProfileBytes = 1 << 20

// ParseProfile reads and validates a profile. Members that are left out have the
// defaults of the built-in profile for everything but name, version, elicitation,
// pillars and entries, which are required. A document that is not a valid profile
// gives an *[InvalidProfileError] with all its problems.
func ParseProfile(src []byte) (*Profile, error) {
	src = bytes.TrimPrefix(src, []byte("\xef\xbb\xbf"))
	if len(src) > maxProfileBytes {
		return nil, &InvalidProfileError{Problems: []Problem{{Line: 1, Column: 1, Message: Text{
			FR: "un profil a au plus 1 Mio\u00a0; ce document en a davantage.",
			EN: "a profile has at most 1 MiB; this document has more.",
		}}}}
	}
	tree, err := parseTree(src)
	if err != nil {
		p := Problem{Message: Text{FR: "JSON illisible.", EN: "unreadable JSON: " + err.Error()}}
		var syntax *syntaxError
		if errors.As(err, &syntax) {
			p.Message = syntax.message
			p.Line, p.Column = position(src, syntax.offset)
		}
		return nil, &InvalidProfileError{Problems: []Problem{p}}
	}
	r := reader{offsets: map[string]int{}}
	profile := r.profile(tree)
	problems := r.problems
	for _, p := range profile.Validate() {
		// What could not be read was reported; its default's consequences would only confuse.
		if !slices.ContainsFunc(r.problems, func(q Problem) bool { return related(p.Path, q.Path) }) {
			problems = append(problems, p)
		}
	}
	if len(problems) == 0 {
		return profile, nil
	}
	for i := range problems {
		problems[i].Line, problems[i].Column = position(src, r.offsetOf(problems[i].Path))
	}
	slices.SortStableFunc(problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return nil, &InvalidProfileError{Problems: problems}
}

// related tells whether one path is the other or lies above it.
func related(a, b string) bool {
	return a == b || strings.HasPrefix(a, b+"/") || strings.HasPrefix(b, a+"/")
}

// defaults are the members that a profile may leave out.
func defaults() *Profile {
	return &Profile{
		Format:      Format,
		Aggregation: Geometric,
		Cap:         0.99,
		Classes: Classes{
			Bounds: []float64{20, 40, 60, 80},
			Labels: []Text{
				{FR: "très faible", EN: "very low"},
				{FR: "faible", EN: "low"},
				{FR: "moyenne", EN: "medium"},
				{FR: "forte", EN: "high"},
				{FR: "très forte", EN: "very high"},
			},
		},
		ClassProbability: 0.8,
		Interval:         0.9,
		Draws:            2000,
		Seed:             1,
		Unknown:          Prior{Low: 0, High: 1},
	}
}

// reader turns a tree into a profile and collects what does not fit.
type reader struct {
	problems []Problem
	offsets  map[string]int // of each value by path
}

func (r *reader) report(path string, value *node, fr, en string) {
	p := Problem{Path: path, Message: Text{FR: fr, EN: en}}
	if value != nil && value.kind <= kindString {
		p.Value = clip(value.text)
	}
	r.problems = append(r.problems, p)
}

// offsetOf finds where a path stands, or the nearest container that exists.
func (r *reader) offsetOf(path string) int {
	for {
		if offset, ok := r.offsets[path]; ok || path == "" {
			return offset
		}
		path = path[:strings.LastIndexByte(path, '/')]
	}
}

// field reads one member of an object.
type field struct {
	name     string
	required bool
	read     func(n *node, path string)
}

func (r *reader) object(n *node, path string, fields ...field) {
	r.offsets[path] = n.offset
	if n.kind != kindObject {
		r.report(path, n, "un objet JSON est attendu.", "a JSON object is expected.")
		return
	}
	seen := map[string]bool{}
	for _, m := range n.members {
		at := path + "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(m.name)
		i := slices.IndexFunc(fields, func(f field) bool { return f.name == m.name })
		switch {
		case i < 0:
			r.offsets[at] = m.offset
			names := make([]string, len(fields))
			for i, f := range fields {
				names[i] = f.name
			}
			list := strings.Join(names, ", ")
			r.report(at, nil, "membre inconnu\u00a0; membres admis\u00a0: "+list+".", "unknown member; those known are "+list+".")
		case seen[m.name]:
			r.offsets[at] = m.offset
			r.report(at, nil, "ce membre est donné deux fois.", "this member is given twice.")
		default:
			seen[m.name] = true
			r.offsets[at] = m.value.offset
			fields[i].read(m.value, at)
		}
	}
	for _, f := range fields {
		if f.required && !seen[f.name] {
			r.report(path+"/"+f.name, nil, "le membre «\u00a0"+f.name+"\u00a0» manque.", "the member “"+f.name+"” is missing.")
		}
	}
}

func (r *reader) array(n *node, path string, read func(i int, n *node, path string)) {
	r.offsets[path] = n.offset
	if n.kind != kindArray {
		r.report(path, n, "une liste JSON est attendue.", "a JSON array is expected.")
		return
	}
	for i, item := range n.items {
		at := path + "/" + strconv.Itoa(i)
		r.offsets[at] = item.offset
		read(i, item, at)
	}
}

func (r *reader) string(to *string) func(*node, string) {
	return func(n *node, path string) {
		if n.kind != kindString {
			r.report(path, n, "un texte est attendu.", "a string is expected.")
			return
		}
		*to = n.text
	}
}

func (r *reader) number(to *float64) func(*node, string) {
	return func(n *node, path string) {
		f, err := strconv.ParseFloat(n.text, 64)
		if n.kind != kindNumber || err != nil || math.IsInf(f, 0) {
			r.report(path, n, "un nombre est attendu.", "a number is expected.")
			return
		}
		*to = f
	}
}

func (r *reader) integer(to *int) func(*node, string) {
	return func(n *node, path string) {
		i, err := strconv.Atoi(n.text)
		if n.kind != kindNumber || err != nil {
			r.report(path, n, "un nombre entier est attendu.", "an integer is expected.")
			return
		}
		*to = i
	}
}

func (r *reader) unsigned(to *uint64) func(*node, string) {
	return func(n *node, path string) {
		i, err := strconv.ParseUint(n.text, 10, 64)
		if n.kind != kindNumber || err != nil {
			r.report(path, n, "un nombre entier de 0 à 2^64−1 est attendu.", "an integer from 0 to 2^64−1 is expected.")
			return
		}
		*to = i
	}
}

func (r *reader) text(to *Text) func(*node, string) {
	return func(n *node, path string) {
		r.object(n, path, field{"fr", true, r.string(&to.FR)}, field{"en", true, r.string(&to.EN)})
	}
}

func (r *reader) prior(to *Prior) func(*node, string) {
	return func(n *node, path string) {
		r.object(n, path, field{"low", true, r.number(&to.Low)}, field{"high", true, r.number(&to.High)})
	}
}

func (r *reader) profile(n *node) *Profile {
	p := defaults()
	r.object(n, "",
		field{"format", true, r.string(&p.Format)},
		field{"name", true, r.string(&p.Name)},
		field{"version", true, r.string(&p.Version)},
		field{"description", false, r.text(&p.Description)},
		field{"elicitation", true, func(n *node, path string) {
			r.object(n, path,
				field{"by", true, r.string(&p.Elicitation.By)},
				field{"on", true, r.string(&p.Elicitation.On)},
				field{"method", false, r.text(&p.Elicitation.Method)})
		}},
		field{"pillars", true, func(n *node, path string) {
			r.array(n, path, func(_ int, n *node, path string) {
				var pillar Pillar
				r.object(n, path,
					field{"id", true, r.string(&pillar.ID)},
					field{"label", true, r.text(&pillar.Label)},
					field{"weight", true, r.number(&pillar.Weight)})
				p.Pillars = append(p.Pillars, pillar)
			})
		}},
		field{"entries", true, func(n *node, path string) {
			r.array(n, path, func(_ int, n *node, path string) {
				p.Entries = append(p.Entries, r.entry(n, path))
			})
		}},
		field{"aggregation", false, func(n *node, path string) {
			r.string((*string)(&p.Aggregation))(n, path)
		}},
		field{"cap", false, r.number(&p.Cap)},
		field{"classes", false, func(n *node, path string) {
			p.Classes = Classes{}
			r.object(n, path,
				field{"bounds", true, func(n *node, path string) {
					r.array(n, path, func(_ int, n *node, path string) {
						var bound float64
						r.number(&bound)(n, path)
						p.Classes.Bounds = append(p.Classes.Bounds, bound)
					})
				}},
				field{"labels", true, func(n *node, path string) {
					r.array(n, path, func(_ int, n *node, path string) {
						var label Text
						r.text(&label)(n, path)
						p.Classes.Labels = append(p.Classes.Labels, label)
					})
				}})
		}},
		field{"class_probability", false, r.number(&p.ClassProbability)},
		field{"interval", false, r.number(&p.Interval)},
		field{"draws", false, r.integer(&p.Draws)},
		field{"seed", false, r.unsigned(&p.Seed)},
		field{"unknown", false, r.prior(&p.Unknown)},
	)
	return p
}

func (r *reader) entry(n *node, path string) Entry {
	e := Entry{Transform: Linear}
	r.object(n, path,
		field{"indicator", true, r.string(&e.Indicator)},
		field{"pillar", true, r.string(&e.Pillar)},
		field{"weight", true, r.number(&e.Weight)},
		field{"goalposts", true, func(n *node, path string) {
			if n.kind != kindArray || len(n.items) != 2 {
				r.report(path, n,
					"deux nombres sont attendus\u00a0: la valeur qui veut dire 0, puis celle qui veut dire 1.",
					"two numbers are expected: the value that means 0, then the one that means 1.")
				return
			}
			r.array(n, path, func(i int, n *node, path string) { r.number(&e.Goalposts[i])(n, path) })
		}},
		field{"transform", false, func(n *node, path string) {
			r.string((*string)(&e.Transform))(n, path)
		}},
		field{"reason", true, r.text(&e.Reason)},
		field{"unknown", false, func(n *node, path string) {
			e.Unknown = &Prior{}
			r.prior(e.Unknown)(n, path)
		}})
	return e
}
