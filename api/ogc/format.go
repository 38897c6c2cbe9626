package ogc

import (
	"maps"
	"net/url"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/gin-gonic/gin"

	"vigie/api/web"
	"vigie/data"
	export "vigie/data/export/all"
)

// Formats of the documents and features, as the parameter f names them.
const (
	formatJSON = "json"
	formatHTML = "html"
	// formatGeoJSON is the other name of formatJSON, of items.
	formatGeoJSON = "geojson"
)

const typeHTML = "text/html"

func formatParameter(tr web.Tr) *openapi3.ParameterRef {
	return web.Shared(web.Query("f", tr(
		"Format de la réponse\u00a0; sans ce paramètre, celui que l’en-tête Accept préfère", "Format of the answer; without it, the one that the header Accept prefers"),
		openapi3.NewStringSchema().WithEnum(formatJSON, formatHTML)))
}

// itemFormatParameter is formatParameter with the formats of files.
func itemFormatParameter(tr web.Tr) *openapi3.ParameterRef {
	values := []any{formatGeoJSON}
	for _, v := range itemVariants() {
		values = append(values, v.id)
	}
	p := *formatParameter(tr).Value
	return web.Own(p.WithSchema(openapi3.NewStringSchema().WithEnum(values...)))
}

// variant is a document in one format.
type variant struct {
	id, mediaType string
	label         data.Text
}

// variants are those of a document whose JSON is of a media type; JSON, the first, is what
// those who don't mind get.
func variants(mediaType string) []variant {
	label := "JSON"
	if mediaType == web.TypeGeoJSON {
		label = "GeoJSON"
	}
	return []variant{{formatJSON, mediaType, data.Text{FR: label, EN: label}}, {formatHTML, typeHTML, data.Text{FR: "HTML", EN: "HTML"}}}
}

// itemVariants are those of the items of a collection.
var itemVariants = sync.OnceValue(func() []variant {
	out := variants(web.TypeGeoJSON)
	for _, f := range fileFormats() {
		out = append(out, variant{f.ID, f.MediaType, f.Label})
	}
	return out
})

// fileFormat is the format of the file that a request of items asks for; false when it asks
// for a page.
func fileFormat(c *gin.Context) (export.Format, bool) {
	return export.ByID(formatAmong(c, itemVariants()))
}

// documents adds the successful answer of an operation, in JSON or in HTML.
func documents(op *openapi3.Operation, description, mediaType string, schema *openapi3.SchemaRef) *openapi3.Operation {
	web.Answers(op, 200, description, mediaType, schema)
	op.Responses.Status(200).Value.Content[typeHTML] = openapi3.NewMediaType().WithSchema(openapi3.NewStringSchema())
	return op
}

// format is that of an answer in JSON or HTML.
func format(c *gin.Context) string { return formatAmong(c, variants(web.TypeJSON)) }

// formatAmong is that of the answer: the parameter f, otherwise the variant that the Accept
// header prefers, as browsers do HTML.
func formatAmong(c *gin.Context, known []variant) string {
	switch f := web.CallOf(c).Query.Get("f"); f {
	case "":
	case formatGeoJSON:
		return formatJSON
	default:
		return f
	}
	offers := make([]string, 0, 8)
	for _, v := range known {
		offers = append(offers, v.mediaType)
	}
	// What admits none of them has been refused before.
	return known[max(web.Negotiate(c.GetHeader("Accept"), offers), 0)].id
}

// kept are the parameters that links within the API carry on: the language and the masked view.
func kept(call *web.Call) url.Values {
	out := url.Values{}
	for _, name := range []string{"lang", precision} {
		if v := call.Query.Get(name); v != "" {
			out.Set(name, v)
		}
	}
	return out
}

// with is a query with another value of one parameter; none when the value is empty.
func with(query url.Values, name, value string) url.Values {
	out := maps.Clone(query)
	if out == nil {
		out = url.Values{}
	}
	if value == "" {
		out.Del(name)
	} else {
		out[name] = []string{value}
	}
	return out
}

// twins are the links of a document to itself, in the format of the answer, and to its
// other format; mediaType is that of its JSON.
func twins(c *gin.Context, path, mediaType, title string) []web.Link {
	return alternates(c, path, title, variants(mediaType))
}

// alternates are the links of a document to itself, in the format of the answer, and to its
// other variants.
func alternates(c *gin.Context, path, title string, known []variant) []web.Link {
	call, own := web.CallOf(c), formatAmong(c, known)
	links := []web.Link{{Href: call.URL(path, call.Query), Rel: "self", Title: title}}
	for _, v := range known {
		if v.id == own {
			links[0].Type = v.mediaType
			continue
		}
		links = append(links, web.Link{Href: call.URL(path, with(call.Query, "f", v.id)), Rel: "alternate", Type: v.mediaType, Title: title + "\u00a0– " + call.Text(v.label)})
	}
	return links
}

// crumbs lead from the landing page to a collection's list.
func crumbs(call *web.Call) []web.Link {
	return []web.Link{
		{Href: call.URL("/", kept(call)), Title: "Vigie"},
		{Href: call.URL("/collections", kept(call)), Title: call.Text(data.Text{FR: "Collections", EN: "Collections"})},
	}
}
