package ogc

import (
	"fmt"
	"net/http"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/gin-gonic/gin"

	"vigie/api/web"
	"vigie/data"
	"vigie/data/snapshot"
)

// collection is what is particular to one layer: words and filters.
type collection struct {
	layer       data.Layer
	title       data.Text
	description data.Text
	// filters are properties that a query may ask to equal a value.
	filters []filter
	// states chooses among the records that the layer leaves out by default.
	states *states
}

// access is who may ask for the collection: its very extent tells where homes are.
func (cl collection) access() web.Access {
	if cl.layer == data.LayerSites {
		return web.Homes
	}
	return web.Public
}

type filter struct {
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
		layer: data.LayerSites,
		title: data.Text{FR: "Foyers", EN: "Homes"},
		description: data.Text{
			FR: "Foyers de protection de l’enfance et indicateurs de proximité des zones.",
			EN: "Child-protection homes and their proximity indicators to zones.",
		},
		filters: []filter{
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
	}
	zone := collection{
		layer: data.LayerZones,
		title: data.Text{FR: "Zones", EN: "Zones"},
		description: data.Text{
			FR: "Quartiers prioritaires (QPV), de reconquête républicaine (QRR), zones de sécurité prioritaire (ZSP) et zones ajoutées.",
			EN: "Priority neighbourhoods (QPV), police priority districts (QRR), priority security zones (ZSP) and custom zones.",
		},
		filters: []filter{
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
		layer:       data.LayerPlaces,
		title:       data.Text{FR: "Lieux", EN: "Places"},
		description: data.Text{FR: "Lieux alentour\u00a0: police, gendarmerie, écoles, gares…", EN: "Places around: police, gendarmerie, schools, stations…"},
		filters:     []filter{{"kind", text, kindText, false}, {"department_code", text, departmentText, false}, {"commune_code", text, communeText, false}},
	}
	area := collection{
		layer:       data.LayerAreas,
		title:       data.Text{FR: "Départements et communes", EN: "Départements and communes"},
		description: data.Text{FR: "Contours administratifs.", EN: "Administrative outlines."},
		filters: []filter{
			{"level", func() *openapi3.Schema {
				return openapi3.NewStringSchema().WithEnum(data.AreaDepartment, data.AreaCommune)
			}, data.Text{FR: "Niveau", EN: "Level"}, false},
			{"code", text, data.Text{FR: "Code Insee", EN: "INSEE code"}, false},
			{"department_code", text, departmentText, false},
		},
	}
	return []collection{site, zone, place, area, statisticsCollection()}
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

// document describes the collection to one viewer.
func (cl collection) document(call *web.Call, view *snapshot.Collection) gin.H {
	path := "/collections/" + string(cl.layer)
	doc := gin.H{
		"id": cl.layer, "title": call.Text(cl.title), "description": call.Text(cl.description),
		"itemType": "feature", "crs": []string{CRS84}, "storageCrs": CRS84,
		"links": []web.Link{
			{Href: call.URL(path, nil), Rel: "self", Type: web.TypeJSON, Title: call.Text(cl.title)},
			{Href: call.URL(path+"/items", nil), Rel: "items", Type: web.TypeGeoJSON, Title: call.Text(cl.title)},
			{
				Href: call.URL(path+"/schema", nil), Rel: "http://www.opengis.net/def/rel/ogc/1.0/schema", Type: web.TypeSchema,
				Title: call.Text(data.Text{FR: "Propriétés", EN: "Properties"}),
			},
		},
	}
	if b, ok := view.Extent(); ok {
		doc["extent"] = gin.H{"spatial": gin.H{
			"bbox": [][4]float64{{b.Min[0], b.Min[1], b.Max[0], b.Max[1]}}, "crs": CRS84,
		}}
	}
	return doc
}

func (s *Service) landing(c *gin.Context) error {
	call := web.CallOf(c)
	web.Revalidate(c)
	c.Header("Content-Language", call.Lang())
	return web.JSON(c, http.StatusOK, gin.H{
		"title":       "Vigie",
		"description": call.Text(data.Text{FR: "Exposition des foyers de protection de l’enfance\u00a0: foyers, zones et indicateurs.", EN: "Exposure of child-protection homes: homes, zones and indicators."}),
		"links": []web.Link{
			{Href: call.URL("/", nil), Rel: "self", Type: web.TypeJSON, Title: call.Text(data.Text{FR: "Cette page", EN: "This page"})},
			{Href: call.URL("/openapi.json", nil), Rel: "service-desc", Type: web.TypeOpenAPI, Title: call.Text(data.Text{FR: "Description de l’API (OpenAPI)", EN: "API description (OpenAPI)"})},
			{Href: call.URL("/conformance", nil), Rel: "conformance", Type: web.TypeJSON, Title: call.Text(data.Text{FR: "Classes de conformité", EN: "Conformance classes"})},
			{Href: call.URL("/collections", nil), Rel: "data", Type: web.TypeJSON, Title: call.Text(data.Text{FR: "Collections", EN: "Collections"})},
		},
	})
}

func (s *Service) conformance(c *gin.Context) error {
	web.Revalidate(c)
	return web.JSON(c, http.StatusOK, gin.H{"conformsTo": conformance})
}

func (s *Service) collections(c *gin.Context) error {
	call := web.CallOf(c)
	list := []gin.H{}
	for _, cl := range collections() {
		view, ok, err := s.open(c, cl)
		if err != nil {
			return err
		}
		if ok {
			list = append(list, cl.document(call, view.Collection))
		}
	}
	c.Header("Content-Language", call.Lang())
	return web.JSON(c, http.StatusOK, gin.H{
		"crs": []string{CRS84}, "collections": list,
		"links": []web.Link{{Href: call.URL("/collections", nil), Rel: "self", Type: web.TypeJSON, Title: call.Text(data.Text{FR: "Collections", EN: "Collections"})}},
	})
}

func (s *Service) one(cl collection) web.Handler {
	return func(c *gin.Context) error {
		view, err := s.mustOpen(c, cl)
		if err != nil {
			return err
		}
		call := web.CallOf(c)
		c.Header("Content-Language", call.Lang())
		if s.notModified(c, view, cl.layer, "collection-"+call.Lang()) {
			return nil
		}
		return web.JSON(c, http.StatusOK, cl.document(call, view.Collection))
	}
}

// schema describes the properties as JSON Schema, with the catalogue's labels
// and units as extensions, and as the plain list of columns that forms read.
func (s *Service) schema(cl collection) web.Handler {
	return func(c *gin.Context) error {
		view, err := s.mustOpen(c, cl)
		if err != nil {
			return err
		}
		call := web.CallOf(c)
		c.Header("Content-Language", call.Lang())
		if s.notModified(c, view, cl.layer, "schema-"+call.Lang()) {
			return nil
		}
		return web.JSONAs(c, http.StatusOK, web.TypeSchema, schemaDocument(call, view.Schema()))
	}
}

func schemaDocument(call *web.Call, schema *data.Schema) gin.H {
	properties, columns := gin.H{}, []gin.H{}
	for _, column := range schema.Columns {
		kind := jsonType(column.Type)
		p := gin.H{"type": []string{kind, "null"}, "title": call.Text(column.Label), "x-label": column.Label}
		entry := gin.H{"name": column.Name, "type": kind, "label": column.Label}
		if column.Unit != "" {
			p["x-ogc-unit"] = column.Unit
			entry["unit"] = column.Unit
		}
		properties[column.Name] = p
		columns = append(columns, entry)
	}
	properties["geometry"] = gin.H{"x-ogc-role": "primary-geometry", "format": fmt.Sprintf("geometry-%s", geometryFormat(schema.Geometry))}
	return gin.H{
		"$schema": "https://json-schema.org/draft/2020-12/schema",
		"$id":     call.URL("/collections/"+string(schema.Layer)+"/schema", nil),
		"type":    "object", "title": call.Text(schema.Title), "properties": properties, "columns": columns,
	}
}

func jsonType(t data.ColumnType) string {
	switch t {
	case data.TypeInteger:
		return "integer"
	case data.TypeNumber:
		return "number"
	case data.TypeBoolean:
		return "boolean"
	default:
		return "string"
	}
}

func geometryFormat(geometry string) string {
	switch geometry {
	case "Point":
		return "point"
	case "MultiPolygon":
		return "multipolygon"
	default:
		return "any"
	}
}
