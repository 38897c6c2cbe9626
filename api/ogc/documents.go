package ogc

import (
	"net/http"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/gin-gonic/gin"

	"vigie/api/auth"
	"vigie/api/web"
	"vigie/data"
	"vigie/data/filter"
	"vigie/geo/crs"
)

// Link relation types of OGC.
const (
	relSchema     = "http://www.opengis.net/def/rel/ogc/1.0/schema"
	relQueryables = "http://www.opengis.net/def/rel/ogc/1.0/queryables"
	relSortables  = "http://www.opengis.net/def/rel/ogc/1.0/sortables"

	relTilesets      = "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector"
	relTilingSchemes = "http://www.opengis.net/def/rel/ogc/1.0/tiling-schemes"
)

// Names and values of the parameter that asks an exact viewer's request for the masked view.
const (
	precision = "precision"
	masked    = "masked"
)

func precisionParameter(tr web.Tr) *openapi3.ParameterRef {
	return web.Shared(web.Query(precision, tr(
		"«\u00a0masked\u00a0»\u00a0: la vue masquée, pour qui voit aussi les positions exactes", "“masked”: the masked view, for those who see exact positions too"),
		openapi3.NewStringSchema().WithEnum(masked)))
}

var itemsText = data.Text{FR: "Objets", EN: "Features"}

// descriptionOf says what is in the viewer's view of the collection.
func (cl collection) descriptionOf(v view) data.Text {
	if own := v.Schema().Description; own != (data.Text{}) {
		return own
	}
	return cl.description
}

// document describes the collection to one viewer.
func (cl collection) document(c *gin.Context, v view) gin.H {
	call := web.CallOf(c)
	path := "/collections/" + cl.id
	kept := kept(call)
	title := call.Text(cl.title)
	doc := gin.H{
		"id": cl.id, "title": title, "description": call.Text(cl.descriptionOf(v)),
		"itemType": "feature", "crs": systemURIs(), "storageCrs": crs.CRS84.URI(),
		"links": append(twins(c, path, web.TypeJSON, title),
			web.Link{Href: call.URL(path+"/items", kept), Rel: "items", Type: web.TypeGeoJSON, Title: call.Text(itemsText)},
			web.Link{Href: call.URL(path+"/items", with(kept, "f", formatHTML)), Rel: "items", Type: typeHTML, Title: call.Text(itemsText) + "\u00a0– HTML"},
			web.Link{Href: call.URL(path+"/schema", kept), Rel: relSchema, Type: web.TypeSchema, Title: call.Text(data.Text{FR: "Propriétés", EN: "Properties"})},
			web.Link{Href: call.URL(path+"/queryables", kept), Rel: relQueryables, Type: web.TypeSchema, Title: call.Text(data.Text{FR: "Propriétés des filtres", EN: "Properties of filters"})},
			web.Link{Href: call.URL(path+"/sortables", kept), Rel: relSortables, Type: web.TypeSchema, Title: call.Text(data.Text{FR: "Propriétés des tris", EN: "Properties of orders"})},
			web.Link{Href: call.URL(path+"/schema", with(kept, schemaOf, "feature")), Rel: "describedby", Type: web.TypeSchema, Title: call.Text(data.Text{FR: "Schéma d’un objet", EN: "Schema of a feature"})},
		),
	}
	// Layers that are not a part of another have tiles, which api/tiles serves.
	if cl.tiled() {
		doc["links"] = append(doc["links"].([]web.Link), web.Link{
			Href: call.URL(path+"/tiles", kept), Rel: relTilesets, Type: web.TypeJSON, Title: call.Text(data.Text{FR: "Tuiles vectorielles", EN: "Vector tiles"}),
		})
	}
	extent := gin.H{}
	if b, ok := v.Extent(); ok {
		extent["spatial"] = gin.H{"bbox": [][4]float64{{b.Min[0], b.Min[1], b.Max[0], b.Max[1]}}, "crs": crs.CRS84.URI()}
	}
	if from, to, ok := cl.period(c, v); ok {
		extent["temporal"] = gin.H{"interval": [][2]any{{instantOrNull(from, "T00:00:00Z"), instantOrNull(to, "T23:59:59Z")}}, "trs": gregorian}
	}
	if len(extent) > 0 {
		doc["extent"] = extent
	}
	return doc
}

// gregorian is the temporal reference system of extents.
const gregorian = "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian"

// period is the first and last day of what the viewer sees, "" for an end that is open; false
// of a collection whose features have no dates.
func (cl collection) period(c *gin.Context, v view) (from, to string, ok bool) {
	if cl.layer != data.LayerZones {
		return v.Period()
	}
	for _, span := range editionSpans(v.of.Editions(auth.ViewerOf(c))) {
		if !ok || span[0] < from {
			from = span[0]
		}
		if !ok || span[1] == "" || to != "" && span[1] > to {
			to = span[1]
		}
		ok = true
	}
	return from, to, ok
}

func instantOrNull(day, time string) any {
	if day == "" {
		return nil
	}
	return day + time
}

func (s *Service) landing(c *gin.Context) error {
	call := web.CallOf(c)
	web.Revalidate(c)
	c.Header("Content-Language", call.Lang())
	if web.NotModified(c, s.version, "landing", call.Lang(), format(c)) {
		return nil
	}
	kept := kept(call)
	title := func(fr, en string) string { return call.Text(data.Text{FR: fr, EN: en}) }
	description := title("Exposition des foyers de protection de l’enfance\u00a0: foyers, zones et indicateurs.", "Exposure of child-protection homes: homes, zones and indicators.")
	links := append(twins(c, "/", web.TypeJSON, title("Cette page", "This page")),
		web.Link{Href: call.URL("/openapi.json", kept), Rel: "service-desc", Type: web.TypeOpenAPI, Title: title("Description de l’API (OpenAPI)", "API description (OpenAPI)")},
		web.Link{Href: call.URL(docsPath, kept), Rel: "service-doc", Type: typeHTML, Title: title("Documentation de l’API", "Documentation of the API")},
		web.Link{Href: call.URL("/conformance", kept), Rel: "conformance", Type: web.TypeJSON, Title: title("Classes de conformité", "Conformance classes")},
		web.Link{Href: call.URL("/collections", kept), Rel: "data", Type: web.TypeJSON, Title: title("Collections", "Collections")},
		web.Link{Href: call.URL("/tileMatrixSets", kept), Rel: relTilingSchemes, Type: web.TypeJSON, Title: title("Découpages en tuiles", "Tiling schemes")},
	)
	if format(c) == formatHTML {
		return s.page(c, page{Title: "Vigie", Description: description, Links: links})
	}
	return web.JSON(c, http.StatusOK, gin.H{"title": "Vigie", "description": description, "links": links})
}

func (s *Service) conformance(c *gin.Context) error {
	call := web.CallOf(c)
	web.Revalidate(c)
	if web.NotModified(c, s.version, "conformance", call.Lang(), format(c)) {
		return nil
	}
	title := call.Text(data.Text{FR: "Classes de conformité", EN: "Conformance classes"})
	links := twins(c, "/conformance", web.TypeJSON, title)
	if format(c) == formatHTML {
		t := table{}
		for _, uri := range conformance {
			t.Rows = append(t.Rows, []cell{{Text: uri, Href: uri}})
		}
		return s.page(c, page{Title: title, Crumbs: crumbs(call)[:1], Links: links, Tables: []table{t}})
	}
	return web.JSON(c, http.StatusOK, gin.H{"conformsTo": conformance, "links": links})
}

func (s *Service) collections(c *gin.Context) error {
	call := web.CallOf(c)
	c.Header("Content-Language", call.Lang())
	title := call.Text(data.Text{FR: "Collections", EN: "Collections"})
	list, tags, rows := []gin.H{}, []string{}, [][]cell{}
	for _, cl := range collections() {
		v, ok, err := s.open(c, cl)
		if err != nil {
			return err
		}
		if ok {
			list, tags = append(list, cl.document(c, v)), append(tags, v.tag)
			rows = append(rows, []cell{
				{Text: call.Text(cl.title), Href: call.URL("/collections/"+cl.id, kept(call))}, {Text: call.Text(cl.description)},
			})
		}
	}
	if web.NotModified(c, append(tags, s.version, "collections", call.Lang(), format(c))...) {
		return nil
	}
	links := twins(c, "/collections", web.TypeJSON, title)
	if format(c) == formatHTML {
		return s.page(c, page{Title: title, Crumbs: crumbs(call)[:1], Links: links, Tables: []table{{Rows: rows}}})
	}
	return web.JSON(c, http.StatusOK, gin.H{"crs": systemURIs(), "collections": list, "links": links})
}

func (s *Service) one(cl collection) web.Handler {
	return func(c *gin.Context) error {
		v, err := s.mustOpen(c, cl)
		if err != nil {
			return err
		}
		call := web.CallOf(c)
		c.Header("Content-Language", call.Lang())
		if s.notModified(c, v, "collection", call.Lang(), format(c)) {
			return nil
		}
		doc := cl.document(c, v)
		if format(c) == formatHTML {
			return s.page(c, page{
				Title: call.Text(cl.title), Description: call.Text(cl.descriptionOf(v)), Crumbs: crumbs(call),
				Links: doc["links"].([]web.Link), Tables: []table{columnsTable(call, v.Schema())},
			})
		}
		return web.JSON(c, http.StatusOK, doc)
	}
}

func columnsTable(call *web.Call, schema *data.Schema) table {
	tr := func(fr, en string) string { return call.Text(data.Text{FR: fr, EN: en}) }
	t := table{Title: tr("Propriétés", "Properties"), Head: []string{tr("Nom", "Name"), tr("Libellé", "Label"), tr("Type", "Type"), tr("Unité", "Unit")}}
	for _, column := range schema.Columns {
		t.Rows = append(t.Rows, []cell{{Text: column.Name}, {Text: call.Text(column.Label)}, {Text: tr(typeWords(column.Type))}, {Text: unitSign(column.Unit)}})
	}
	return t
}

// typeWords is a type of values in French and English.
func typeWords(t data.ColumnType) (fr, en string) {
	switch t {
	case data.TypeInteger:
		return "nombre entier", "whole number"
	case data.TypeNumber:
		return "nombre", "number"
	case data.TypeBoolean:
		return "oui ou non", "yes or no"
	default:
		return "texte", "text"
	}
}

// schemaOf is the parameter that asks what a schema describes.
const schemaOf = "of"

func schemaOfParameter(tr web.Tr) *openapi3.ParameterRef {
	return web.Own(web.Query(schemaOf, tr(
		"Ce que le schéma décrit\u00a0: les propriétés, ou l’objet GeoJSON entier", "What the schema describes: the properties, or the whole GeoJSON feature"),
		openapi3.NewStringSchema().WithEnum("properties", "feature").WithDefault("properties")))
}

// schema describes the properties as JSON Schema, with the catalogue's labels
// and units as extensions, and as the plain list of columns that forms read.
func (s *Service) schema(cl collection) web.Handler {
	return s.described(cl, "schema", func(call *web.Call, schema *data.Schema) gin.H {
		if call.Query.Get(schemaOf) == "feature" {
			return featureDocument(call, cl, schema)
		}
		return schemaDocument(call, cl, schema)
	})
}

// queryables describes what a filter may speak of (Part 3): the columns that the viewer
// sees, and the geometry.
func (s *Service) queryables(cl collection) web.Handler {
	return s.described(cl, "queryables", func(call *web.Call, schema *data.Schema) gin.H {
		return heading(call, cl, schema, "queryables", gin.H{
			"properties": cl.properties(call, schema, false), "additionalProperties": false,
		})
	})
}

// sortables describes what an order may speak of (Part 5): the columns that the viewer sees.
func (s *Service) sortables(cl collection) web.Handler {
	return s.described(cl, "sortables", func(call *web.Call, schema *data.Schema) gin.H {
		properties := cl.properties(call, schema, false)
		delete(properties, filter.Geometry)
		return heading(call, cl, schema, "sortables", gin.H{"properties": properties, "additionalProperties": false})
	})
}

// described answers with a JSON Schema made from the viewer's own columns.
func (s *Service) described(cl collection, name string, document func(*web.Call, *data.Schema) gin.H) web.Handler {
	return func(c *gin.Context) error {
		v, err := s.mustOpen(c, cl)
		if err != nil {
			return err
		}
		call := web.CallOf(c)
		c.Header("Content-Language", call.Lang())
		if s.notModified(c, v, name, call.Lang()) {
			return nil
		}
		return web.JSONAs(c, http.StatusOK, web.TypeSchema, document(call, v.Schema()))
	}
}

// heading adds to a schema what every one has.
func heading(call *web.Call, cl collection, schema *data.Schema, name string, doc gin.H) gin.H {
	doc["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	doc["$id"] = call.URL("/collections/"+cl.id+"/"+name, nil)
	doc["type"], doc["title"] = "object", call.Text(schema.Title)
	return doc
}

// properties describes the columns, which nullable ones may leave unknown, and the geometry.
func (cl collection) properties(call *web.Call, schema *data.Schema, nullable bool) gin.H {
	properties := gin.H{}
	for i, column := range schema.Columns {
		p := gin.H{"type": jsonType(column.Type), "title": call.Text(column.Label), "x-label": column.Label, "x-ogc-propertySeq": i + 1}
		if column.Unit != "" {
			p["x-ogc-unit"] = column.Unit
		}
		if at := slices.Index(cl.dates[:], column.Name); at >= 0 {
			p["format"], p["x-ogc-role"] = "date", [...]string{"primary-interval-start", "primary-interval-end"}[at]
		}
		if column.Name == cl.identifier {
			p["x-ogc-role"] = "id"
		}
		if column.Codes != nil {
			codes := []gin.H{}
			for _, code := range column.Codes {
				codes = append(codes, gin.H{"const": code.Code, "title": call.Text(code.Label)})
			}
			p["oneOf"] = codes
		}
		if nullable {
			p["type"] = []string{jsonType(column.Type), "null"}
			if codes, ok := p["oneOf"].([]gin.H); ok {
				p["oneOf"] = append(codes, gin.H{"const": nil, "title": call.Text(data.Text{FR: "inconnu", EN: "unknown"})})
			}
		}
		properties[column.Name] = p
	}
	properties[filter.Geometry] = gin.H{"x-ogc-role": "primary-geometry", "format": "geometry-" + geometryFormat(schema.Geometry), "x-ogc-propertySeq": 0}
	return properties
}

func schemaDocument(call *web.Call, cl collection, schema *data.Schema) gin.H {
	columns := []gin.H{}
	for _, column := range schema.Columns {
		entry := gin.H{"name": column.Name, "type": jsonType(column.Type), "label": column.Label}
		if column.Unit != "" {
			entry["unit"] = column.Unit
		}
		if column.Codes != nil {
			entry["codes"] = column.Codes
		}
		columns = append(columns, entry)
	}
	return heading(call, cl, schema, "schema", gin.H{"properties": cl.properties(call, schema, true), "columns": columns})
}

// featureDocument describes a whole GeoJSON feature, as GDAL reads it.
func featureDocument(call *web.Call, cl collection, schema *data.Schema) gin.H {
	properties := cl.properties(call, schema, true)
	delete(properties, filter.Geometry)
	geometry := []gin.H{{"$ref": "https://geojson.org/schema/" + schema.Geometry + ".json"}, {"type": "null"}}
	return heading(call, cl, schema, "schema", gin.H{
		"required": []string{"type", "geometry", "properties"},
		"properties": gin.H{
			"type": gin.H{"const": "Feature"}, "id": gin.H{"type": "string"},
			"geometry": gin.H{"oneOf": geometry}, "properties": gin.H{"type": "object", "properties": properties},
		},
	})
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
	case "Polygon":
		return "polygon"
	case "MultiPolygon":
		return "multipolygon"
	default:
		return "any"
	}
}
