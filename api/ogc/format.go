package ogc

import (
	"maps"
	"mime"
	"net/url"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/gin-gonic/gin"

	"vigie/api/web"
	"vigie/data"
)

// Formats of the documents and features, as the parameter f names them.
const (
	formatJSON = "json"
	formatHTML = "html"
)

const typeHTML = "text/html"

func formatParameter(tr web.Tr) *openapi3.ParameterRef {
	return web.Shared(web.Query("f", tr(
		"Format de la réponse\u00a0; sans ce paramètre, celui que l’en-tête Accept préfère", "Format of the answer; without it, the one that the header Accept prefers"),
		openapi3.NewStringSchema().WithEnum(formatJSON, formatHTML)))
}

// documents adds the successful answer of an operation, in JSON or in HTML.
func documents(op *openapi3.Operation, description, mediaType string, schema *openapi3.SchemaRef) *openapi3.Operation {
	web.Answers(op, 200, description, mediaType, schema)
	op.Responses.Status(200).Value.Content[typeHTML] = openapi3.NewMediaType().WithSchema(openapi3.NewStringSchema())
	return op
}

// format is that of the answer: the parameter f, otherwise HTML when the Accept header
// prefers it to JSON, as browsers do.
func format(c *gin.Context) string {
	if f := web.CallOf(c).Query.Get("f"); f != "" {
		return f
	}
	html, other := 0.0, 0.0
	for part := range strings.SplitSeq(c.GetHeader("Accept"), ",") {
		mediaType, parameters, err := mime.ParseMediaType(part)
		if err != nil {
			continue
		}
		q := 1.0
		if v, ok := parameters["q"]; ok {
			q, _ = strconv.ParseFloat(v, 64) // what is no number excludes
		}
		switch {
		case mediaType == typeHTML || mediaType == "text/*":
			html = max(html, q)
		case mediaType == "*/*" || strings.HasPrefix(mediaType, "application/") && strings.HasSuffix(mediaType, "json"):
			other = max(other, q)
		}
	}
	if html > other {
		return formatHTML
	}
	return formatJSON
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
	call := web.CallOf(c)
	self := web.Link{Href: call.URL(path, call.Query), Rel: "self", Type: mediaType, Title: title}
	other := web.Link{Href: call.URL(path, with(call.Query, "f", formatHTML)), Rel: "alternate", Type: typeHTML, Title: title}
	if format(c) == formatHTML {
		self.Type, other.Type = typeHTML, mediaType
		other.Href = call.URL(path, with(call.Query, "f", formatJSON))
	}
	return []web.Link{self, other}
}

// crumbs lead from the landing page to a collection's list.
func crumbs(call *web.Call) []web.Link {
	return []web.Link{
		{Href: call.URL("/", kept(call)), Title: "Vigie"},
		{Href: call.URL("/collections", kept(call)), Title: call.Text(data.Text{FR: "Collections", EN: "Collections"})},
	}
}
