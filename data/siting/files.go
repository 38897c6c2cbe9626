package siting

import (
	"cmp"
	"context"
	"slices"
	"strconv"

	"github.com/go-json-experiment/json"

	"vigie/data"
	"vigie/data/ingest"
	"vigie/data/source"
	"vigie/data/source/all"
)

// Codes of the problems of files of candidates.
const (
	CodeNotLocated = "not-located"
	CodeBadCost    = "bad-cost"
)

// FileReport is what was found in a file of candidates or of excluded areas.
type FileReport struct {
	Counts data.Counts `json:"counts"`
	// Problems are the first data.MaxProblems, in file order.
	Problems []data.Problem `json:"problems"`
}

func (r *FileReport) problem(p data.Problem) {
	if len(r.Problems) < data.MaxProblems {
		r.Problems = append(r.Problems, p)
	}
}

// costColumns are the names of the cost of a candidate.
var costColumns = []string{"cost_eur", "cost", "cout", "cout_eur", "prix"}

// ReadCandidates reads candidates from a file of points: a table with longitude and
// latitude or projected coordinates, GeoJSON, or any other layout of homes. A record
// without a usable position, or that repeats an identifier, is left out with a located
// problem. The error is a *data.RejectedError when the file can't be read, or holds more
// than MaxCandidates, else that of ctx.
func ReadCandidates(ctx context.Context, in *source.Input) ([]Candidate, *FileReport, error) {
	format, err := all.Detect(in, data.LayerSites)
	if err != nil {
		return nil, nil, err
	}
	report := &FileReport{Problems: []data.Problem{}}
	costs, err := readCosts(ctx, in, report)
	if err != nil {
		return nil, nil, err
	}
	var out []Candidate
	rejected := map[source.Location]bool{}
	place := func(l source.Location) source.Location { return source.Location{File: l.File, Line: l.Line} }
	sink := source.Sink{
		Problem: func(p data.Problem) {
			report.problem(p)
			if at := (source.Location{File: p.File, Line: p.Line}); p.Severity == data.SeverityError && p.Line > 0 && !rejected[at] {
				rejected[at] = true
				report.Counts.Read++
				report.Counts.Rejected++
			}
		},
		Filtered: func(string) {
			report.Counts.Read++
			report.Counts.Filtered++
		},
		Site: func(s data.Site, at source.Location) error {
			if rejected[place(at)] {
				return nil // its position was refused: told already
			}
			report.Counts.Read++
			reject := func(code, fr, en string) {
				report.Counts.Rejected++
				report.problem(data.Problem{
					Severity: data.SeverityError, Code: code, File: at.File, Line: at.Line, Column: at.Column, Record: data.Clip(s.ID),
					Message: data.Text{FR: fr, EN: en},
				})
			}
			switch {
			case s.Position == nil:
				reject(CodeNotLocated, "sans position lisible\u00a0: le candidat est écarté.", "without a readable position: the candidate is set aside.")
				return nil
			case !s.Position.Precision.Usable():
				reject(CodeNotLocated, "position au centre d’une commune\u00a0: le candidat est écarté.", "position at the centre of a commune: the candidate is set aside.")
				return nil
			case len(out) == MaxCandidates:
				return source.Reject(at, CodeTooMany, "plus de 10\u202f000 candidats.", "more than 10,000 candidates.")
			}
			out = append(out, candidateOf(&s, costs[at.Line]))
			report.Counts.Kept++
			return nil
		},
	}
	if err := format.Read(ctx, in, source.Options{Layer: data.LayerSites}, sink); err != nil {
		return nil, nil, err
	}
	return out, report, nil
}

// candidateOf makes a candidate of a record of a file.
func candidateOf(s *data.Site, cost *float64) Candidate {
	address := s.Address.Street
	for _, part := range []string{s.Address.PostalCode, s.Address.Locality} {
		if part != "" {
			address = cmp.Or(address+" "+part, part)
		}
	}
	return Candidate{
		ID: s.ID, Label: cmp.Or(s.Name, s.ID), Address: address, Lon: s.Position.Point.Lon(), Lat: s.Position.Point.Lat(),
		Precision: cmp.Or(s.Position.Precision, data.PrecisionUnspecified), Capacity: s.Capacity, Cost: cost, Source: "file",
	}
}

// readCosts reads the costs of a file's records by line: homes have none, so that the
// formats of homes leave them out.
func readCosts(ctx context.Context, in *source.Input, report *FileReport) (map[int]*float64, error) {
	costs := map[int]*float64{}
	add := func(raw string, at source.Location, field string) {
		if raw == "" {
			return
		}
		v, err := source.ParseNumber(raw)
		if err != nil || v < 0 || v > 1e9 {
			report.problem(data.Problem{
				Severity: data.SeverityWarning, Code: CodeBadCost, File: at.File, Line: at.Line, Column: at.Column, Field: field, Value: data.Clip(raw),
				Message: data.Text{FR: "coût illisible\u00a0: un nombre d’euros est attendu. Il est tenu pour inconnu.", EN: "unreadable cost: a number of euros is expected. It is taken as unknown."},
			})
			return
		}
		costs[at.Line] = &v
	}
	if m, ok := in.Main(".geojson", ".json"); ok && slices.Contains([]string{".geojson", ".json"}, m.Ext()) {
		return costs, geojsonCosts(m, add)
	}
	if source.TableColumns(in) == nil {
		return costs, nil
	}
	t, err := source.OpenTable(ctx, in, source.Sink{})
	if err != nil {
		return nil, err
	}
	defer t.Close()
	column := t.Column(costColumns...)
	if column < 0 {
		return costs, nil
	}
	for {
		more, err := t.Next()
		if err != nil || !more {
			return costs, err
		}
		at := t.At(column)
		add(t.Get(column), source.Location{File: at.File, Line: t.Line().Line, Column: at.Column}, t.ColumnName(column))
	}
}

// geojsonCosts reads the costs of the features of a collection.
func geojsonCosts(m source.Member, add func(raw string, at source.Location, field string)) error {
	body, err := m.Open()
	if err != nil {
		return err
	}
	defer body.Close()
	text := source.NewText(body, m.File())
	j := source.NewJSON(text, m.File())
	if j.Kind() != '{' {
		return nil
	}
	return j.Object(func(name string) error {
		if name != "features" || j.Kind() != '[' {
			return j.Skip()
		}
		return j.Array(func() error {
			raw, at, err := j.Value()
			if err != nil {
				return err
			}
			var feature struct {
				Properties map[string]any `json:"properties"`
			}
			if json.Unmarshal(raw, &feature) != nil {
				return nil // what is wrong is told by the format
			}
			for name, value := range feature.Properties {
				if !slices.ContainsFunc(costColumns, func(column string) bool { return source.FoldName(column) == source.FoldName(name) }) {
					continue
				}
				switch v := value.(type) {
				case float64:
					add(strconv.FormatFloat(v, 'f', -1, 64), at, name)
				case string:
					add(v, at, name)
				}
			}
			return nil
		})
	})
}

// ReadExclusions reads excluded areas from a file of polygons, valid or repaired; their
// identifiers are unlike those of the areas taken. Its errors are those of ReadCandidates.
func ReadExclusions(ctx context.Context, in *source.Input, taken []Area) ([]Area, *FileReport, error) {
	zones, read, err := ingest.ReadZones(ctx, in, source.Options{Kind: data.ZoneCustom, Edition: "study"}, "")
	if err != nil {
		return nil, nil, err
	}
	used, polygons := map[string]bool{}, 0
	for i := range taken {
		used[taken[i].ID] = true
		polygons += len(taken[i].Geometry)
	}
	var out []Area
	for i := range zones {
		z := &zones[i]
		if polygons += len(z.Geometry); polygons > MaxExclusions {
			return nil, nil, source.Reject(source.Location{File: in.Name}, CodeTooMany, "plus de 1\u202f000 polygones exclus.", "more than 1,000 excluded polygons.")
		}
		id := z.Code
		for n := 2; used[id]; n++ {
			id = z.Code + "-" + strconv.Itoa(n)
		}
		used[id] = true
		out = append(out, Area{ID: id, Label: cmp.Or(z.Name, z.Code), Source: in.Name, Geometry: Shape(z.Geometry)})
	}
	return out, &FileReport{Counts: read.Counts, Problems: append([]data.Problem{}, read.Problems...)}, nil
}
