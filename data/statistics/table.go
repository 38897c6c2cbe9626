package statistics

import (
	"encoding/csv"
	"io"
	"slices"
	"strconv"

	"vigie/data"
)

// column is a column of the CSV form of an edition.
type column struct {
	name, kind string // kind is a type of the Table Schema
	title      data.Text
	values     []string // of an enumeration; nil for any
	of         func(*Edition, *Cell) string
}

// columns lists them. No text comes from a user, so that nothing can be a formula.
func columns() []column {
	var ids, all []string
	for i := range measures {
		ids = append(ids, measures[i].ID)
	}
	for _, l := range levels {
		all = append(all, string(l))
	}
	return []column{
		{"edition", "string", data.Text{FR: "Édition", EN: "Edition"}, nil, func(e *Edition, _ *Cell) string { return e.ID }},
		{"quarter", "string", data.Text{FR: "Trimestre", EN: "Quarter"}, nil, func(e *Edition, _ *Cell) string { return e.Quarter }},
		{"year", "year", data.Text{FR: "Année, quand le chiffre de fin de trimestre est aussi celui de l’année", EN: "Year, when the figure at the quarter’s end is also the year’s"}, nil, func(e *Edition, _ *Cell) string {
			if e.Year == 0 {
				return ""
			}
			return strconv.Itoa(e.Year)
		}},
		{"level", "string", data.Text{FR: "Niveau géographique", EN: "Geographic level"}, all, func(_ *Edition, c *Cell) string { return string(c.Level) }},
		{"area", "string", data.Text{FR: "Code Insee (FR pour la France)", EN: "INSEE code (FR for France)"}, nil, func(_ *Edition, c *Cell) string { return c.Area }},
		{"area_name", "string", data.Text{FR: "Nom", EN: "Name"}, nil, func(e *Edition, c *Cell) string {
			i := slices.IndexFunc(e.Areas, func(a Area) bool { return a.Level == c.Level && a.Code == c.Area })
			return e.Areas[i].Name
		}},
		{"measure", "string", data.Text{FR: "Mesure", EN: "Measure"}, ids, func(_ *Edition, c *Cell) string { return c.Measure }},
		{"status", "string", data.Text{FR: "État\u00a0: publié, masqué ou non déclaré", EN: "Status: published, hidden or not reported"},
			[]string{string(StatusPublished), string(StatusHidden), string(StatusNoReport)}, func(_ *Edition, c *Cell) string { return string(c.Status) }},
		{"value", "integer", data.Text{FR: "Chiffre arrondi à 5 près\u00a0; vide quand il n’est pas publié", EN: "Figure rounded to base 5; empty when it is not published"}, nil, func(_ *Edition, c *Cell) string {
			if c.Value == nil {
				return ""
			}
			return strconv.Itoa(*c.Value)
		}},
		{"share", "number", data.Text{FR: "Part des foyers du territoire (0 à 1), d’après les chiffres arrondis", EN: "Share of the homes of the area (0–1), from rounded figures"}, nil, func(_ *Edition, c *Cell) string {
			if c.Share == nil {
				return ""
			}
			return strconv.FormatFloat(*c.Share, 'f', 3, 64)
		}},
	}
}

// WriteCSV writes the cells of an edition as CSV (RFC 4180, UTF-8), as TableSchema describes it.
func (e *Edition) WriteCSV(out io.Writer) error {
	w := csv.NewWriter(out)
	w.UseCRLF = true
	columns := columns()
	record := make([]string, len(columns))
	for i, c := range columns {
		record[i] = c.name
	}
	if err := w.Write(record); err != nil {
		return err
	}
	for i := range e.Cells {
		for j, c := range columns {
			record[j] = c.of(e, &e.Cells[i])
		}
		if err := w.Write(record); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}

// Schema is the Table Schema (Frictionless Data) of the CSV form.
type Schema struct {
	Schema        string   `json:"$schema"`
	Fields        []Field  `json:"fields"`
	PrimaryKey    []string `json:"primaryKey"`
	MissingValues []string `json:"missingValues"`
}

// Field is one column of a Schema.
type Field struct {
	Name        string       `json:"name"`
	Type        string       `json:"type"`
	Title       string       `json:"title"`
	Constraints *Constraints `json:"constraints,omitempty"`
}

// Constraints bound the values of a Field.
type Constraints struct {
	Enum []string `json:"enum"`
}

// TableSchema describes the CSV form, in "fr" or "en".
func TableSchema(lang string) Schema {
	s := Schema{
		Schema:     "https://specs.frictionlessdata.io/schemas/table-schema.json",
		PrimaryKey: []string{"edition", "level", "area", "measure"}, MissingValues: []string{""},
	}
	for _, c := range columns() {
		f := Field{Name: c.name, Type: c.kind, Title: c.title.In(lang)}
		if c.values != nil {
			f.Constraints = &Constraints{c.values}
		}
		s.Fields = append(s.Fields, f)
	}
	return s
}
