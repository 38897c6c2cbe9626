package ogc

import (
	"github.com/getkin/kin-openapi/openapi3"

	"vigie/api/web"
	"vigie/data"
	"vigie/data/snapshot"
)

// collection is what is particular to one layer: words and filters.
type collection struct {
	id    string
	layer data.Layer
	// under: the collection is the part of the layer whose identifiers start so.
	under       string
	title       data.Text
	description data.Text
	// identifier is the property that is the feature's own identifier; "" when none is.
	identifier string
	// filters are properties that a query may ask to equal a value.
	filters []filterBy
	// states chooses among the records that the layer leaves out by default.
	states *states
	// dates are the properties that say since when and until when a feature is.
	dates [2]string
}

// masks tells whether the collection has a masked view.
func (cl collection) masks() bool { return cl.layer == data.LayerSites }

// tiled tells whether api/tiles serves the collection: a whole layer of records.
func (cl collection) tiled() bool { return cl.under == "" && cl.layer != data.LayerStatistics }

// access is who may ask for the collection: its very extent tells where homes are.
func (cl collection) access() web.Access {
	if cl.layer == data.LayerSites {
		return web.Homes
	}
	return web.Public
}

type filterBy struct {
	name   string
	schema func() *openapi3.Schema
	text   data.Text
	// truth: the property is a boolean.
	truth bool
}

type states struct {
	name   string
	schema func() *openapi3.Schema
	text   data.Text
	apply  func(value string, q *snapshot.Query)
}

func text() *openapi3.Schema { return openapi3.NewStringSchema().WithMaxLength(100) }

func truth() *openapi3.Schema { return openapi3.NewBoolSchema() }

func siteKinds() *openapi3.Schema {
	kinds := []any{}
	for _, c := range data.Categories {
		kinds = append(kinds, c.Kind)
	}
	return openapi3.NewStringSchema().WithEnum(append(kinds, data.KindOther)...)
}

func zoneKinds() *openapi3.Schema {
	kinds := []any{}
	for _, k := range data.ZoneKinds {
		kinds = append(kinds, string(k))
	}
	return openapi3.NewStringSchema().WithEnum(kinds...)
}

var (
	departmentText = data.Text{FR: "Code Insee du département («\u00a001\u00a0», «\u00a02A\u00a0», «\u00a0971\u00a0»)", EN: "INSEE code of the département (“01”, “2A”, “971”)"}
	communeText    = data.Text{FR: "Code Insee de la commune", EN: "INSEE code of the commune"}
	kindText       = data.Text{FR: "Type", EN: "Kind"}
)

// collections lists the collections in the order of outputs.
func collections() []collection {
	site := collection{
		id: "sites", layer: data.LayerSites, identifier: "site_id",
		title: data.Text{FR: "Foyers", EN: "Homes"},
		description: data.Text{
			FR: "Foyers de protection de l’enfance et indicateurs de proximité des zones.",
			EN: "Child-protection homes and their proximity indicators to zones.",
		},
		filters: []filterBy{
			{"department_code", text, departmentText, false},
			{"commune_code", text, communeText, false},
			{"kind", siteKinds, kindText, false},
			{"category", text, data.Text{FR: "Catégorie FINESS («\u00a0177\u00a0»)", EN: "FINESS category (“177”)"}, false},
			{"finess", text, data.Text{FR: "Numéro FINESS", EN: "FINESS number"}, false},
			{"proximity_status", text, data.Text{FR: "État du calcul de proximité", EN: "Status of the proximity computation"}, false},
			{"in_zone", truth, data.Text{FR: "Dans une zone", EN: "Inside a zone"}, true},
			{"qpv_in_zone", truth, data.Text{FR: "Dans un QPV", EN: "Inside a QPV"}, true},
			{"qrr_in_zone", truth, data.Text{FR: "Dans un QRR", EN: "Inside a QRR"}, true},
			{"zsp_in_zone", truth, data.Text{FR: "Dans une ZSP", EN: "Inside a ZSP"}, true},
		},
		states: &states{
			name:   "status",
			schema: func() *openapi3.Schema { return openapi3.NewStringSchema().WithEnum("open", "closed", "all") },
			text:   data.Text{FR: "Foyers ouverts (par défaut), fermés ou tous", EN: "Open (default), closed or all homes"},
			apply:  func(value string, q *snapshot.Query) { q.Status = value },
		},
		dates: [2]string{"opened_on", "closed_on"},
	}
	zone := collection{
		id: "zones", layer: data.LayerZones,
		title: data.Text{FR: "Zones", EN: "Zones"},
		description: data.Text{
			FR: "Quartiers prioritaires (QPV), de reconquête républicaine (QRR), zones de sécurité prioritaire (ZSP) et zones ajoutées.",
			EN: "Priority neighbourhoods (QPV), police priority districts (QRR), priority security zones (ZSP) and custom zones.",
		},
		filters: []filterBy{
			{"kind", zoneKinds, kindText, false},
			{"zone_id", text, data.Text{FR: "Code de la zone", EN: "Code of the zone"}, false},
		},
		states: &states{
			name:   "edition",
			schema: text,
			text: data.Text{
				FR: "Édition («\u00a02024\u00a0»), ou «\u00a0all\u00a0» pour toutes\u00a0; par défaut, l’édition en vigueur de chaque type",
				EN: "Edition (“2024”), or “all”; by default the current edition of each kind",
			},
			apply: func(value string, q *snapshot.Query) {
				q.Editions = true
				if value != "all" {
					q.Equal["edition"] = value
				}
			},
		},
	}
	place := collection{
		id: "places", layer: data.LayerPlaces, identifier: "place_id",
		title:       data.Text{FR: "Lieux", EN: "Places"},
		description: data.Text{FR: "Lieux alentour\u00a0: police, gendarmerie, écoles, gares…", EN: "Places around: police, gendarmerie, schools, stations…"},
		filters:     []filterBy{{"kind", text, kindText, false}, {"department_code", text, departmentText, false}, {"commune_code", text, communeText, false}},
	}
	area := collection{
		id: "areas", layer: data.LayerAreas,
		title:       data.Text{FR: "Départements et communes", EN: "Départements and communes"},
		description: data.Text{FR: "Contours administratifs.", EN: "Administrative outlines."},
		filters: []filterBy{
			{"level", func() *openapi3.Schema {
				return openapi3.NewStringSchema().WithEnum(data.AreaDepartment, data.AreaCommune)
			}, data.Text{FR: "Niveau", EN: "Level"}, false},
			{"code", text, data.Text{FR: "Code Insee", EN: "INSEE code"}, false},
			{"department_code", text, departmentText, false},
		},
	}
	department := collection{
		id: "departments", layer: data.LayerAreas, under: data.AreaDepartment + ".",
		title:       data.Text{FR: "Départements", EN: "Départements"},
		description: data.Text{FR: "Contours des départements.", EN: "Outlines of the départements."},
		filters:     []filterBy{{"code", text, data.Text{FR: "Code Insee", EN: "INSEE code"}, false}},
	}
	return []collection{site, zone, place, department, area, statisticsCollection()}
}

func (cl collection) parameters(tr web.Tr) []*openapi3.ParameterRef {
	var out []*openapi3.ParameterRef
	if st := cl.states; st != nil {
		out = append(out, web.Own(web.Query(st.name, tr(st.text.FR, st.text.EN), st.schema())))
	}
	for _, f := range cl.filters {
		out = append(out, web.Own(web.Query(f.name, tr(f.text.FR, f.text.EN), f.schema())))
	}
	return out
}
