package source

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/paulmach/orb"
)

// WKTError says where well-known text is malformed.
type WKTError struct {
	Offset int    // bytes from the start
	FR, EN string // what was expected
}

// Error gives the English message.
func (e *WKTError) Error() string { return fmt.Sprintf("WKT at character %d: %s", e.Offset+1, e.EN) }

// ParseWKT reads the well-known text (OGC 06-103r4) of a Point, Polygon,
// MultiPolygon or collection of polygons, with or without Z and M, which are
// dropped, and the "SRID=2154;" of PostGIS before it. The geometry is an orb.Point
// or an orb.MultiPolygon, in the axis order of the text; nil for EMPTY. srid is 0
// when not given. The error is a *WKTError. Rings are as written: closed or not.
func ParseWKT(s string) (g orb.Geometry, srid int, err error) {
	p := wktParser{s: s}
	if rest, ok := cutPrefixFold(s, "SRID="); ok {
		number, _, found := strings.Cut(rest, ";")
		srid, err = strconv.Atoi(number)
		if !found || err != nil {
			return nil, 0, &WKTError{5, "un code EPSG puis « ; » sont attendus", "an EPSG code then “;” are expected"}
		}
		p.i = len("SRID=") + len(number) + 1
	}
	g, err = p.geometry(0)
	if err == nil {
		p.space()
		if p.i < len(p.s) {
			err = p.fail("la fin du texte est attendue", "the end of the text is expected")
		}
	}
	if err != nil {
		return nil, 0, err
	}
	return g, srid, nil
}

func cutPrefixFold(s, prefix string) (string, bool) {
	if len(s) < len(prefix) || !strings.EqualFold(s[:len(prefix)], prefix) {
		return s, false
	}
	return s[len(prefix):], true
}

// maxWKTDepth bounds nested collections.
const maxWKTDepth = 8

type wktParser struct {
	s string
	i int
}

func (p *wktParser) fail(fr, en string) error { return &WKTError{p.i, fr, en} }

func (p *wktParser) space() {
	for p.i < len(p.s) && (p.s[p.i] == ' ' || p.s[p.i] == '\t' || p.s[p.i] == '\n' || p.s[p.i] == '\r') {
		p.i++
	}
}

func (p *wktParser) word() string {
	p.space()
	start := p.i
	for p.i < len(p.s) && (p.s[p.i]|0x20 >= 'a' && p.s[p.i]|0x20 <= 'z') {
		p.i++
	}
	return strings.ToUpper(p.s[start:p.i])
}

func (p *wktParser) accept(c byte) bool {
	p.space()
	if p.i < len(p.s) && p.s[p.i] == c {
		p.i++
		return true
	}
	return false
}

func (p *wktParser) expect(c byte) error {
	if !p.accept(c) {
		return p.fail("« "+string(c)+" » est attendu", "“"+string(c)+"” is expected")
	}
	return nil
}

func (p *wktParser) geometry(depth int) (orb.Geometry, error) {
	p.space()
	start := p.i
	kind := p.word()
	for _, dimension := range []string{"ZM", "Z", "M"} {
		if t, ok := strings.CutSuffix(kind, dimension); ok && (t == "POINT" || strings.HasSuffix(t, "POLYGON") || t == "GEOMETRYCOLLECTION") {
			kind = t
			break
		}
	}
	mark := p.i
	switch next := p.word(); next {
	case "Z", "M", "ZM":
		mark = p.i
		if next = p.word(); next != "EMPTY" {
			p.i = mark
			break
		}
		return nil, nil
	case "EMPTY":
		return nil, nil
	default:
		p.i = mark
	}
	switch kind {
	case "POINT":
		if err := p.expect('('); err != nil {
			return nil, err
		}
		v, err := p.vertex()
		if err != nil {
			return nil, err
		}
		return v, p.expect(')')
	case "POLYGON":
		polygon, err := p.polygon()
		return orb.MultiPolygon{polygon}, err
	case "MULTIPOLYGON":
		var all orb.MultiPolygon
		err := p.list(func() error {
			polygon, err := p.polygon()
			all = append(all, polygon)
			return err
		})
		return all, err
	case "GEOMETRYCOLLECTION":
		if depth >= maxWKTDepth {
			return nil, p.fail("collections trop imbriquées", "collections nested too deeply")
		}
		var all orb.MultiPolygon
		err := p.list(func() error {
			g, err := p.geometry(depth + 1)
			if err != nil || g == nil {
				return err
			}
			polygons, ok := g.(orb.MultiPolygon)
			if !ok {
				return p.fail("des polygones seuls sont attendus dans une collection", "only polygons are expected in a collection")
			}
			all = append(all, polygons...)
			return nil
		})
		if err != nil || all == nil {
			return nil, err
		}
		return all, nil
	}
	p.i = start
	return nil, p.fail("POINT, POLYGON ou MULTIPOLYGON est attendu", "POINT, POLYGON or MULTIPOLYGON is expected")
}

// list reads "(item, item, …)".
func (p *wktParser) list(item func() error) error {
	if err := p.expect('('); err != nil {
		return err
	}
	for {
		if err := item(); err != nil {
			return err
		}
		if p.accept(',') {
			continue
		}
		return p.expect(')')
	}
}

func (p *wktParser) polygon() (orb.Polygon, error) {
	var polygon orb.Polygon
	err := p.list(func() error {
		var ring orb.Ring
		err := p.list(func() error {
			v, err := p.vertex()
			ring = append(ring, v)
			return err
		})
		polygon = append(polygon, ring)
		return err
	})
	return polygon, err
}

// vertex reads two to four numbers and keeps two.
func (p *wktParser) vertex() (orb.Point, error) {
	var v orb.Point
	for n := 0; n < 4; n++ {
		p.space()
		start := p.i
		for p.i < len(p.s) && strings.IndexByte("+-.0123456789eE", p.s[p.i]) >= 0 {
			p.i++
		}
		if p.i == start {
			if n >= 2 {
				return v, nil
			}
			return v, p.fail("un nombre est attendu", "a number is expected")
		}
		f, err := strconv.ParseFloat(p.s[start:p.i], 64)
		if err != nil {
			p.i = start
			return v, p.fail("un nombre est attendu", "a number is expected")
		}
		if n < 2 {
			v[n] = f
		}
	}
	return v, nil
}
