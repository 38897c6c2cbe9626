package about

import "github.com/getkin/kin-openapi/openapi3"

type members = map[string]*openapi3.Schema

func text() *openapi3.Schema  { return openapi3.NewStringSchema() }
func truth() *openapi3.Schema { return openapi3.NewBoolSchema() }

func object(m members, required ...string) *openapi3.Schema {
	s := openapi3.NewObjectSchema().WithProperties(m)
	s.Required = required
	return s
}

func list(item *openapi3.Schema) *openapi3.Schema { return openapi3.NewArraySchema().WithItems(item) }

func label() *openapi3.Schema { return object(members{"fr": text(), "en": text()}, "fr", "en") }

func statusSchema() *openapi3.Schema { return object(members{"status": text()}, "status") }

func configSchema() *openapi3.Schema {
	bounds := list(openapi3.NewFloat64Schema()).WithMinItems(4).WithMaxItems(4).WithNullable()
	bounds.Description = "[west, south, east, north], CRS84"
	return object(members{
		"demo": truth(), "version": text(), "controller": text(), "dpia_reference": text(), "languages": list(text()), "default_basemap": text(), "bounds": bounds,
		"basemaps": list(object(members{"id": text(), "label": label(), "style_url": text(), "attribution": text()}, "id", "label", "attribution")),
		"viewer":   object(members{"subject": text(), "writes": truth(), "precision": text().WithEnum("exact", "masked", "none")}, "subject", "writes", "precision"),
	}, "demo", "version", "controller", "dpia_reference", "languages", "basemaps", "default_basemap", "viewer", "bounds")
}

func categoriesSchema() *openapi3.Schema {
	return list(object(members{
		"code": text(), "kind": text(), "label": label(), "child_protection": truth(), "residence": truth(), "private": truth(),
	}, "code", "kind", "label"))
}

func formatsSchema() *openapi3.Schema {
	return list(object(members{"id": text(), "label": label(), "layers": list(text())}, "id", "label", "layers"))
}

func editionsSchema() *openapi3.Schema {
	return object(members{"editions": list(object(members{
		"kind": text(), "label": text(), "current": truth(), "zones": openapi3.NewIntegerSchema(),
	}, "kind", "label", "current", "zones"))}, "editions")
}
