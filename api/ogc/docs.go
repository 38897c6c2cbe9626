package ogc

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/gin-gonic/gin"

	"vigie/api/web"
	"vigie/data"
)

const docsPath = "/docs"

// DocsRoute is the page on which people read the OpenAPI operations of a route table.
func (s *Service) DocsRoute(routes []web.Route) web.Route {
	return web.Route{Method: http.MethodGet, Path: docsPath, Access: web.Public,
		Operation: func(tr web.Tr) *openapi3.Operation {
			op := web.Op("getDocs", "api", tr("Documentation de l’API", "Documentation of the API"))
			return web.Answers(op, 200, tr("Page HTML", "HTML page"), typeHTML, web.Inline(openapi3.NewStringSchema()))
		},
		Handler: func(c *gin.Context) error {
			call := web.CallOf(c)
			web.Revalidate(c)
			if web.NotModified(c, s.version, "docs", call.Lang()) {
				return nil
			}
			tr := func(fr, en string) string { return call.Text(data.Text{FR: fr, EN: en}) }
			return s.page(c, page{
				Title:       tr("Documentation de l’API", "Documentation of the API"),
				Description: tr("Toutes les opérations, par famille. Longitudes et latitudes en degrés, CRS84\u00a0; distances en mètres.", "Every operation, by family. Longitudes and latitudes in degrees, CRS84; distances in metres."),
				Crumbs:      crumbs(call)[:1],
				Links: []web.Link{{
					Href: call.URL("/openapi.json", kept(call)), Rel: "service-desc", Type: web.TypeOpenAPI,
					Title: tr("Description de l’API (OpenAPI)", "API description (OpenAPI)"),
				}},
				Tables: operationTables(routes, tr),
			})
		},
	}
}

// familyOf names a family of operations, which the document knows by a tag: that of a
// collection has its title.
func familyOf(tag string, tr web.Tr) string {
	for _, cl := range collections() {
		if cl.id == tag {
			return tr(cl.title.FR, cl.title.EN)
		}
	}
	words, ok := map[string]data.Text{
		"about":    {FR: "Le serveur et ses données", EN: "The server and its data"},
		"accounts": {FR: "Comptes", EN: "Accounts"},
		"api":      {FR: "Description de l’API", EN: "Description of the API"},
		"assess":   {FR: "Mesure de points", EN: "Measuring points"},
		"audit":    {FR: "Journal", EN: "Journal"},
		"auth":     {FR: "Connexion", EN: "Login"},
		"basemap":  {FR: "Fond de carte", EN: "Base map"},
		"grants":   {FR: "Accords", EN: "Grants"},
		"imports":  {FR: "Imports", EN: "Imports"},
		"ogc":      {FR: "OGC API", EN: "OGC API"},
		"stats":    {FR: "Éditions des statistiques publiques", EN: "Editions of the public statistics"},
		"tiles":    {FR: "Tuiles vectorielles", EN: "Vector tiles"},
	}[tag]
	if !ok {
		return tag
	}
	return tr(words.FR, words.EN)
}

// operationTables are the operations, one table a tag.
func operationTables(routes []web.Route, tr web.Tr) []table {
	byTag := map[string]*table{}
	for _, r := range routes {
		op := r.Operation(tr)
		tag := op.Tags[0]
		t := byTag[tag]
		if t == nil {
			t = &table{Title: familyOf(tag, tr), Head: []string{tr("Adresse", "Address"), tr("Objet", "Purpose"), tr("Paramètres", "Parameters"), tr("Formats", "Formats")}}
			byTag[tag] = t
		}
		path := r.Path
		if !r.Outside {
			path = web.Root + path
		}
		t.Rows = append(t.Rows, []cell{{Text: r.Method + " " + path}, {Text: op.Summary}, {Text: parameterNames(op)}, {Text: mediaTypes(op)}})
	}
	var out []table
	for _, tag := range slices.Sorted(maps.Keys(byTag)) {
		out = append(out, *byTag[tag])
	}
	return append(out, parameterTable(routes, tr))
}

// parameterTable explains the parameters, each once for all the operations that share it.
func parameterTable(routes []web.Route, tr web.Tr) table {
	seen := map[[2]string]bool{}
	for _, r := range routes {
		for _, p := range r.Operation(tr).Parameters {
			seen[[2]string{p.Value.Name, p.Value.Description}] = true
		}
	}
	t := table{Title: tr("Paramètres", "Parameters"), Head: []string{tr("Nom", "Name"), tr("Sens", "Meaning")}}
	for _, p := range slices.SortedFunc(maps.Keys(seen), func(a, b [2]string) int { return slices.Compare(a[:], b[:]) }) {
		t.Rows = append(t.Rows, []cell{{Text: p[0]}, {Text: p[1]}})
	}
	return t
}

func parameterNames(op *openapi3.Operation) string {
	var names []string
	for _, p := range op.Parameters {
		names = append(names, p.Value.Name)
	}
	return strings.Join(names, ", ")
}

func mediaTypes(op *openapi3.Operation) string {
	found := map[string]bool{}
	for _, response := range op.Responses.Map() {
		for mediaType := range response.Value.Content {
			found[mediaType] = true
		}
	}
	return strings.Join(slices.Sorted(maps.Keys(found)), ", ")
}
