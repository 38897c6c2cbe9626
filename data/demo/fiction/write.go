package fiction

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/paulmach/orb"

	"vigie/geo/repair"
)

// property is a property of a feature: text, as in the official files.
type property struct{ name, value string }

// collection is a GeoJSON file being made, one feature a line (RFC 7946).
type collection struct {
	name string
	body bytes.Buffer
	err  error
	n    int
}

func (c *collection) add(g orb.MultiPolygon, properties ...property) {
	if valid, problem := repair.Valid(g); !valid && c.err == nil {
		c.err = fmt.Errorf("%s, feature %d: %s", c.name, c.n+1, problem)
	}
	if c.n++; c.n > 1 {
		c.body.WriteString(",\n")
	}
	c.body.WriteString(`{"type":"Feature","properties":{`)
	for i, p := range properties {
		if i > 0 {
			c.body.WriteByte(',')
		}
		fmt.Fprintf(&c.body, "%s:%s", text(p.name), text(p.value))
	}
	c.body.WriteString(`},"geometry":`)
	if len(g) == 1 {
		c.body.WriteString(`{"type":"Polygon","coordinates":`)
		c.polygon(g[0])
	} else {
		c.body.WriteString(`{"type":"MultiPolygon","coordinates":[`)
		for i, p := range g {
			if i > 0 {
				c.body.WriteByte(',')
			}
			c.polygon(p)
		}
		c.body.WriteByte(']')
	}
	c.body.WriteString(`}}`)
}

func (c *collection) polygon(p orb.Polygon) {
	c.body.WriteByte('[')
	for i, r := range p {
		if i > 0 {
			c.body.WriteByte(',')
		}
		c.body.WriteByte('[')
		for k, v := range r {
			if k > 0 {
				c.body.WriteByte(',')
			}
			c.body.WriteString("[" + degrees(v[0]) + "," + degrees(v[1]) + "]")
		}
		c.body.WriteByte(']')
	}
	c.body.WriteByte(']')
}

// file is the whole file; the error is that of the first invalid geometry.
func (c *collection) file() (File, error) {
	return File{c.name, []byte("{\"type\":\"FeatureCollection\",\"features\":[\n" + c.body.String() + "\n]}\n")}, c.err
}

// degrees writes a coordinate with the 6 decimals it was rounded to, or fewer.
func degrees(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

// text is a JSON string.
func text(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err) // a string can always be written
	}
	return string(b)
}

// table is a CSV file, semicolons between fields as French spreadsheets write.
func table(name string, header []string, lines [][]string) File {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.Comma = ';'
	// Writing to memory can't fail.
	_ = w.Write(header)
	_ = w.WriteAll(lines)
	return File{name, b.Bytes()}
}

// document is a JSON file.
func document(name string, v any) (File, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	err := e.Encode(v)
	return File{name, b.Bytes()}, err
}
