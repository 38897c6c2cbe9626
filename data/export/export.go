// Package export holds what the formats share; each format is a package below it.
package export

import (
	"fmt"
	"math"
	"strings"
	"unicode/utf8"

	"github.com/paulmach/orb"

	"vigie/data"
	"vigie/data/export/decimal"
)

// Names of the columns that hold a position in formats without geometry, in CRS84 degrees.
const (
	ColumnLongitude = "lon"
	ColumnLatitude  = "lat"
)

// MemberProvenance names the provenance where a format holds it by name: a member of
// GeoJSON, a key of GeoParquet.
const MemberProvenance = "provenance"

// CheckColumns refuses a schema in which two columns have one name, or a column has
// one that the format reserves.
func CheckColumns(schema *data.Schema, reserved ...string) error {
	seen := make(map[string]bool, len(schema.Columns)+len(reserved))
	for _, name := range reserved {
		seen[name] = true
	}
	for _, c := range schema.Columns {
		if seen[c.Name] {
			return fmt.Errorf("column %q would appear twice in the export of %s", c.Name, schema.Layer)
		}
		seen[c.Name] = true
	}
	return nil
}

// CheckFeature refuses a feature whose values are not aligned with the columns, that
// has a text which half of the readers would cut or reject, or whose geometry, if any,
// can't be written as one.
func CheckFeature(schema *data.Schema, f *data.Feature) error {
	if len(f.Values) != len(schema.Columns) {
		return fmt.Errorf("feature %q has %d values, its schema %d columns", f.ID, len(f.Values), len(schema.Columns))
	}
	for i := range f.Values {
		if s, ok := f.Values[i].Text(); ok && (!utf8.ValidString(s) || strings.IndexByte(s, 0) >= 0) {
			return fmt.Errorf("feature %q, column %q: the text %q is not UTF-8, or holds a NUL character", f.ID, schema.Columns[i].Name, s)
		}
	}
	if f.Geometry != nil && !finite(f.Geometry) {
		return fmt.Errorf("feature %q: the geometry has a coordinate that is not a finite number, or a type that is not of OGC Simple Features", f.ID)
	}
	return nil
}

// Typed gives a value as a string, int64, bool or float64 rounded to decimals; nil for
// one that is unknown or not finite.
func Typed(v *data.Value, decimals int) any {
	if s, ok := v.Text(); ok {
		return s
	}
	if n, ok := v.Int(); ok {
		return int64(n)
	}
	if f, ok := Number(v); ok {
		return decimal.Round(f, decimals)
	}
	if b, ok := v.Bool(); ok {
		return b
	}
	return nil
}

// Number gives a number that is known and finite.
func Number(v *data.Value) (float64, bool) {
	f, ok := v.Float()
	return f, ok && !math.IsNaN(f) && !math.IsInf(f, 0)
}

// finite looks at every vertex: the bounds of a geometry can hide one that is not a number.
func finite(g orb.Geometry) bool {
	switch g := g.(type) {
	case orb.Point:
		return finitePoint(g)
	case orb.MultiPoint:
		return finitePoints(g)
	case orb.LineString:
		return finitePoints(g)
	case orb.MultiLineString:
		return finiteLines(g)
	case orb.Polygon:
		return finiteLines(g)
	case orb.MultiPolygon:
		for _, p := range g {
			if !finiteLines(p) {
				return false
			}
		}
		return true
	case orb.Collection:
		for _, part := range g {
			if !finite(part) {
				return false
			}
		}
		return true
	}
	return false
}

func finiteLines[L ~[]orb.Point](lines []L) bool {
	for _, l := range lines {
		if !finitePoints(l) {
			return false
		}
	}
	return true
}

func finitePoints(points []orb.Point) bool {
	for _, p := range points {
		if !finitePoint(p) {
			return false
		}
	}
	return true
}

// finitePoint: 0·x is 0 unless x is NaN or infinite.
func finitePoint(p orb.Point) bool { return !math.IsNaN(0*p[0] + 0*p[1]) }
