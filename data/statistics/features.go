package statistics

import (
	"github.com/paulmach/orb"

	"vigie/data"
)

// FeatureSchema is that of Features: a figure and its status for each measure.
var FeatureSchema = featureSchema()

func featureSchema() *data.Schema {
	s := &data.Schema{
		Layer: data.LayerStatistics, Geometry: "MultiPolygon", Title: data.Text{FR: "Statistiques publiques par département", EN: "Public statistics by département"},
		Columns: []data.Column{
			{Name: "department_code", Label: data.Text{FR: "Département", EN: "Département"}},
			{Name: "name", Label: data.Text{FR: "Nom", EN: "Name"}},
			{Name: "edition", Label: data.Text{FR: "Édition", EN: "Edition"}},
			{Name: "reference_day", Label: data.Text{FR: "Jour décrit", EN: "Day described"}},
		},
	}
	for i := range measures {
		if m := &measures[i]; !national(m.Family) {
			s.Columns = append(s.Columns,
				data.Column{Name: m.ID, Type: data.TypeInteger, Label: m.Label},
				data.Column{Name: m.ID + "_status", Label: data.Text{FR: m.Label.FR + "\u00a0: état", EN: m.Label.EN + ": status"}})
		}
	}
	return s
}

// Features are the départements of an edition, as FeatureSchema describes them. outline
// gives the shape of a département, nil when it is not known. A figure that is not
// published is Null, and its status says why; of a measure that the edition does not have
// by département both are Null.
func (e *Edition) Features(outline func(code string) orb.Geometry) []data.Feature {
	cells := map[[2]string]*Cell{}
	for i := range e.Cells {
		if c := &e.Cells[i]; c.Level == LevelDepartment {
			cells[[2]string{c.Area, c.Measure}] = c
		}
	}
	var list []data.Feature
	for _, a := range e.Areas {
		if a.Level != LevelDepartment {
			continue
		}
		f := data.Feature{ID: a.Code, Geometry: outline(a.Code), Values: []data.Value{
			data.String(a.Code), data.String(a.Name), data.String(e.ID), data.String(e.ReferenceDay),
		}}
		for i := range measures {
			if national(measures[i].Family) {
				continue
			}
			value, status := data.Null, data.Null
			if c := cells[[2]string{a.Code, measures[i].ID}]; c != nil {
				status = data.String(string(c.Status))
				if c.Value != nil {
					value = data.Integer(*c.Value)
				}
			}
			f.Values = append(f.Values, value, status)
		}
		list = append(list, f)
	}
	return list
}
