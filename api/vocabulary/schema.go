package vocabulary

import (
	"github.com/getkin/kin-openapi/openapi3"

	"vigie/api/web"
)

func operation(tr web.Tr) *openapi3.Operation {
	op := web.Op("getVocabulary", "about", tr("Les mots du produit, dans les deux langues", "The words of the product, in both languages"))
	op.Description = tr(
		"Rôles, droits, motifs, types de zones et de lieux, catégories, précisions, formats\u00a0: identifiants stables et libellés, dans l’ordre d’affichage.",
		"Roles, rights, purposes, kinds of zones and places, categories, precisions, formats: stable identifiers and labels, in order of display.")
	return web.Answers(op, 200, tr("Le vocabulaire", "The vocabulary"), web.TypeJSON, web.Named("Vocabulary", schema()))
}

func schema() *openapi3.Schema {
	s := openapi3.NewStringSchema
	object := openapi3.NewObjectSchema
	list := func(item *openapi3.Schema) *openapi3.Schema { return openapi3.NewArraySchema().WithItems(item) }
	text := func() *openapi3.Schema { return object().WithProperty("fr", s()).WithProperty("en", s()) }
	term := func() *openapi3.Schema { return object().WithProperty("id", s()).WithProperty("label", text()) }
	return object().WithProperties(map[string]*openapi3.Schema{
		"roles":       list(term().WithProperty("precision", s().WithEnum("none", "masked", "exact")).WithProperty("rights", list(s()))),
		"rights":      list(term()),
		"purposes":    list(term()),
		"grant_kinds": list(term()),
		"layers":      list(term()),
		"zone_kinds": list(term().WithProperty("about", text()).WithProperty("short", text()).
			WithProperty("style", openapi3.NewIntegerSchema().WithMin(0)).WithProperty("indicators", openapi3.NewBoolSchema())),
		"place_kinds":  list(term()),
		"place_themes": list(term()),
		"site_categories": list(object().WithProperty("code", s()).WithProperty("kind", s()).WithProperty("label", text()).
			WithProperty("child_protection", openapi3.NewBoolSchema()).WithProperty("residence", openapi3.NewBoolSchema()).WithProperty("private", openapi3.NewBoolSchema())),
		"precisions":       list(term().WithProperty("about", text())),
		"changes":          list(term()),
		"exposure_classes": list(term()),
		"export_formats":   list(term().WithProperty("extension", s())),
		"radii":            list(openapi3.NewFloat64Schema()),
	})
}
