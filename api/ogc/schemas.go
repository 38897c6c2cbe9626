package ogc

import (
	"github.com/getkin/kin-openapi/openapi3"

	"vigie/api/web"
)

func linkSchema() *openapi3.SchemaRef {
	s := openapi3.NewObjectSchema().WithProperties(map[string]*openapi3.Schema{
		"href": openapi3.NewStringSchema(), "rel": openapi3.NewStringSchema(),
		"type": openapi3.NewStringSchema(), "title": openapi3.NewStringSchema(),
	})
	s.Required = []string{"href", "rel"}
	return web.Named("Link", s)
}

func linksSchema() *openapi3.SchemaRef {
	s := openapi3.NewArraySchema()
	s.Items = linkSchema()
	return web.Inline(s)
}

func object(properties openapi3.Schemas, required ...string) *openapi3.Schema {
	s := openapi3.NewObjectSchema()
	s.Properties, s.Required = properties, required
	return s
}

func landingSchema() *openapi3.SchemaRef {
	return web.Named("LandingPage", object(openapi3.Schemas{
		"title": web.Inline(openapi3.NewStringSchema()), "description": web.Inline(openapi3.NewStringSchema()), "links": linksSchema(),
	}, "links"))
}

func conformanceSchema() *openapi3.SchemaRef {
	return web.Named("Conformance", object(openapi3.Schemas{
		"conformsTo": web.Inline(openapi3.NewArraySchema().WithItems(openapi3.NewStringSchema())),
	}, "conformsTo"))
}

func collectionSchema() *openapi3.SchemaRef {
	return web.Named("Collection", object(openapi3.Schemas{
		"id": web.Inline(openapi3.NewStringSchema()), "title": web.Inline(openapi3.NewStringSchema()),
		"description": web.Inline(openapi3.NewStringSchema()), "itemType": web.Inline(openapi3.NewStringSchema()),
		"crs":    web.Inline(openapi3.NewArraySchema().WithItems(openapi3.NewStringSchema())),
		"extent": web.Inline(openapi3.NewObjectSchema()), "links": linksSchema(),
	}, "id", "links"))
}

func collectionsSchema() *openapi3.SchemaRef {
	list := openapi3.NewArraySchema()
	list.Items = collectionSchema()
	return web.Named("Collections", object(openapi3.Schemas{
		"collections": web.Inline(list), "links": linksSchema(),
		"crs": web.Inline(openapi3.NewArraySchema().WithItems(openapi3.NewStringSchema())),
	}, "collections", "links"))
}

func featureSchema() *openapi3.SchemaRef {
	geometry := openapi3.NewObjectSchema().WithNullable()
	return web.Named("Feature", object(openapi3.Schemas{
		"type": web.Inline(openapi3.NewStringSchema().WithEnum("Feature")), "id": web.Inline(openapi3.NewStringSchema()),
		"geometry": web.Inline(geometry), "properties": web.Inline(openapi3.NewObjectSchema()), "links": linksSchema(),
	}, "type", "geometry", "properties"))
}

func featureCollectionSchema() *openapi3.SchemaRef {
	features := openapi3.NewArraySchema()
	features.Items = featureSchema()
	count := openapi3.NewIntegerSchema().WithMin(0)
	return web.Named("FeatureCollection", object(openapi3.Schemas{
		"type":     web.Inline(openapi3.NewStringSchema().WithEnum("FeatureCollection")),
		"features": web.Inline(features), "links": linksSchema(),
		"numberMatched": web.Inline(count), "numberReturned": web.Inline(count),
		"timeStamp": web.Inline(openapi3.NewDateTimeSchema()),
	}, "type", "features"))
}
