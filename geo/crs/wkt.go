package crs

import (
	"fmt"
	"strconv"
	"strings"
)

// Limits of the WKT reader: real definitions have a few kilobytes and depth 6.
const (
	maxWKT   = 64 << 10 // bytes
	maxDepth = 16
)

// wktNode is KEYWORD[…]: its quoted strings and bare words, its numbers and its
// children, each in order.
type wktNode struct {
	keyword  string // in capitals
	texts    []string
	numbers  []float64
	children []wktNode
}

// child returns the first child with one of the keywords, or nil.
func (n *wktNode) child(keywords ...string) *wktNode {
	if n == nil {
		return nil
	}
	for i := range n.children {
		for _, k := range keywords {
			if n.children[i].keyword == k {
				return &n.children[i]
			}
		}
	}
	return nil
}

// text is the first string of the node, its name by convention.
func (n *wktNode) text() string {
	if n == nil || len(n.texts) == 0 {
		return ""
	}
	return n.texts[0]
}

// number is the i-th number of the node, or fallback.
func (n *wktNode) number(i int, fallback float64) float64 {
	if n == nil || i >= len(n.numbers) {
		return fallback
	}
	return n.numbers[i]
}

type wktReader struct {
	s   string
	pos int
}

func (r *wktReader) fail(fr, en string) error {
	around := r.s[min(r.pos, len(r.s)):]
	return &Error{
		Value: clip(around),
		FR:    fmt.Sprintf("définition WKT (.prj) illisible, octet %d : %s", r.pos+1, fr),
		EN:    fmt.Sprintf("unreadable WKT definition (.prj), byte %d: %s", r.pos+1, en),
	}
}

// readWKT reads one WKT 1 (OGC or ESRI) or WKT 2 definition.
func readWKT(s string) (wktNode, error) {
	r := &wktReader{s: s}
	if len(s) > maxWKT {
		return wktNode{}, r.fail("plus de 64 Kio", "more than 64 KiB")
	}
	r.s = strings.TrimPrefix(s, "\ufeff")
	r.space()
	if r.pos == len(r.s) {
		return wktNode{}, r.fail("vide ; attendu PROJCS[…] ou GEOGCS[…]", "empty; expected PROJCS[…] or GEOGCS[…]")
	}
	n, err := r.node(0)
	if err != nil {
		return n, err
	}
	r.space()
	if r.pos < len(r.s) {
		return n, r.fail("texte après la définition", "text after the definition")
	}
	return n, nil
}

// space skips white space and the NUL bytes some writers pad with.
func (r *wktReader) space() {
	for r.pos < len(r.s) && strings.IndexByte(" \t\r\n\x00", r.s[r.pos]) >= 0 {
		r.pos++
	}
}

func (r *wktReader) peek() byte {
	if r.pos < len(r.s) {
		return r.s[r.pos]
	}
	return 0
}

func wordByte(c byte) bool {
	return c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '_'
}

func (r *wktReader) word() string {
	start := r.pos
	for r.pos < len(r.s) && wordByte(r.s[r.pos]) {
		r.pos++
	}
	return r.s[start:r.pos]
}

// node reads KEYWORD[ … ] or KEYWORD( … ).
func (r *wktReader) node(depth int) (wktNode, error) {
	if depth > maxDepth {
		return wktNode{}, r.fail("imbrication trop profonde", "nested too deeply")
	}
	word := r.word()
	if word == "" || word[0] >= '0' && word[0] <= '9' {
		return wktNode{}, r.fail("mot-clé attendu, comme PROJCS", "expected a keyword such as PROJCS")
	}
	n := wktNode{keyword: strings.ToUpper(word)}
	r.space()
	if c := r.peek(); c != '[' && c != '(' {
		return n, r.fail("« [ » attendu après "+clip(word), "expected “[” after "+clip(word))
	}
	return n, r.arguments(&n, depth)
}

// arguments reads from the opening bracket to the closing one.
func (r *wktReader) arguments(n *wktNode, depth int) error {
	for {
		r.pos++ // the bracket or the comma
		r.space()
		if err := r.argument(n, depth); err != nil {
			return err
		}
		r.space()
		switch r.peek() {
		case ',':
		case ']', ')':
			r.pos++
			return nil
		default:
			return r.fail("« , » ou « ] » attendu", "expected “,” or “]”")
		}
	}
}

// argument reads a string, a number, a bare word or a child.
func (r *wktReader) argument(n *wktNode, depth int) error {
	c := r.peek()
	switch {
	case c == '"':
		return r.quoted(n)
	case c == '-' || c == '+' || c == '.' || c >= '0' && c <= '9':
		start := r.pos
		for r.pos < len(r.s) && (wordByte(r.s[r.pos]) || strings.IndexByte("+-.", r.s[r.pos]) >= 0) {
			r.pos++
		}
		v, err := strconv.ParseFloat(r.s[start:r.pos], 64)
		if err != nil {
			r.pos = start
			return r.fail("nombre illisible", "unreadable number")
		}
		n.numbers = append(n.numbers, v)
		return nil
	}
	start := r.pos
	word := r.word()
	r.space()
	if c := r.peek(); word != "" && (c == '[' || c == '(') {
		r.pos = start
		child, err := r.node(depth + 1)
		n.children = append(n.children, child)
		return err
	}
	if word == "" {
		return r.fail("valeur attendue", "expected a value")
	}
	n.texts = append(n.texts, word)
	return nil
}

// quoted reads a string in double quotes, themselves doubled within.
func (r *wktReader) quoted(n *wktNode) error {
	start := r.pos
	var b strings.Builder
	for r.pos++; r.pos < len(r.s); r.pos++ {
		if r.s[r.pos] != '"' {
			b.WriteByte(r.s[r.pos])
			continue
		}
		r.pos++
		if r.peek() != '"' {
			n.texts = append(n.texts, b.String())
			return nil
		}
		b.WriteByte('"')
	}
	r.pos = start
	return r.fail("guillemet non refermé", "unclosed quotation mark")
}

// allText joins the strings of the node.
func (n *wktNode) allText() string {
	if n == nil {
		return ""
	}
	return strings.Join(n.texts, " ")
}
