package web

import (
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/gin-gonic/gin"

	"vigie/data"
)

// guard checks requests of one route against its operation in the document.
type guard struct {
	route    Route
	resolved *routers.Route
	options  *openapi3filter.Options
	queries  []string // names of the query parameters, sorted
	paths    []string // names of the path parameters
	consumes []string
	produces []string
}

func newGuard(r Route, doc *openapi3.T, op *openapi3.Operation) *guard {
	// Who may call is decided before, by Options.Admit; the validator would read whole
	// bodies into memory only to ask again.
	admitted := *op
	admitted.Security = openapi3.NewSecurityRequirements()
	g := &guard{
		route: r,
		resolved: &routers.Route{
			Spec: doc, Server: doc.Servers[0], Path: r.Path, PathItem: doc.Paths.Value(r.Path), Method: r.Method, Operation: &admitted,
		},
		options: &openapi3filter.Options{
			ExcludeRequestBody: r.Streamed, MultiError: true, SkipSettingDefaults: true,
		},
		consumes: bodyTypes(op), produces: answerTypes(op),
	}
	for _, p := range op.Parameters {
		switch p.Value.In {
		case openapi3.ParameterInQuery:
			g.queries = append(g.queries, p.Value.Name)
		case openapi3.ParameterInPath:
			g.paths = append(g.paths, p.Value.Name)
		}
	}
	slices.Sort(g.queries)
	slices.Sort(g.consumes)
	slices.Sort(g.produces)
	return g
}

// check validates the request and leaves the parameters in the Call.
func (g *guard) check(c *gin.Context, call *Call) error {
	if len(g.produces) > 0 && Negotiate(c.GetHeader("Accept"), g.produces) < 0 {
		return NewProblem(CodeNotAcceptable,
			"Format disponible à cette adresse\u00a0: "+strings.Join(g.produces, ", ")+".",
			"Format available at this address: "+strings.Join(g.produces, ", ")+".")
	}
	query, err := lastValues(c.Request.URL.RawQuery)
	if err != nil {
		return NewProblem(CodeBadRequest,
			"L’adresse contient une séquence «\u00a0%\u00a0» ou un séparateur mal formé.",
			"The address holds a malformed “%” sequence or separator.")
	}
	for name := range query {
		if _, known := slices.BinarySearch(g.queries, name); !known {
			return g.unknownParameter(name)
		}
	}
	call.Query = query
	if err := g.checkBodyType(c.Request); err != nil {
		return err
	}
	input := &openapi3filter.RequestValidationInput{
		Request: c.Request, QueryParams: query, Route: g.resolved, Options: g.options,
	}
	if len(g.paths) > 0 {
		input.PathParams = make(map[string]string, len(g.paths))
		for _, name := range g.paths {
			input.PathParams[name] = c.Param(name)
		}
	}
	if err := openapi3filter.ValidateRequest(c.Request.Context(), input); err != nil {
		return validationProblem(err, query)
	}
	return nil
}

func (g *guard) unknownParameter(name string) *Problem {
	known := strings.Join(g.queries, ", ")
	p := InvalidParameter(data.Clip(name), "",
		"inconnu à cette adresse. Paramètres acceptés\u00a0: "+known+".",
		"unknown at this address. Accepted parameters: "+known+".")
	p.Code = CodeUnknownParameter
	p.Problems[0].Code = CodeUnknownParameter
	return p
}

func (g *guard) checkBodyType(r *http.Request) error {
	if len(g.consumes) == 0 {
		return nil
	}
	if r.ContentLength > g.route.maxBody() {
		return tooLargeProblem(g.route.maxBody())
	}
	mediaType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || !slices.Contains(g.consumes, mediaType) {
		types := strings.Join(g.consumes, ", ")
		p := NewProblem(CodeUnsupportedMedia,
			"Type de contenu attendu\u00a0: "+types+".", "Expected content type: "+types+".")
		if r.Method == http.MethodPatch {
			p.Header = http.Header{"Accept-Patch": {types}}
		}
		return p
	}
	return nil
}

// lastValues parses a query; of a repeated parameter the last value holds.
func lastValues(raw string) (url.Values, error) {
	if raw == "" {
		return url.Values{}, nil
	}
	query, err := url.ParseQuery(raw)
	if err != nil {
		return nil, err
	}
	for name, values := range query {
		query[name] = values[len(values)-1:]
	}
	return query, nil
}

// validationProblem turns what the OpenAPI filter found into one problem
// document with every finding located.
func validationProblem(err error, query url.Values) error {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return tooLarge
	}
	var found []*openapi3filter.RequestError
	flatten(err, &found)
	if len(found) == 0 {
		return fmt.Errorf("request validation: %w", err)
	}
	var parameters, body []data.Problem
	for _, f := range found {
		if f.Parameter != nil {
			parameters = append(parameters, parameterProblem(f, query))
			continue
		}
		var schemaErrors []*openapi3.SchemaError
		flattenSchema(f.Err, &schemaErrors)
		if len(schemaErrors) == 0 {
			return unreadableBody(f)
		}
		for _, s := range schemaErrors {
			body = append(body, bodyProblem(s))
		}
	}
	if len(parameters) > 0 {
		return &Problem{Code: CodeInvalidParameter, Detail: parameters[0].Message, Problems: parameters, Cause: err}
	}
	return &Problem{
		Code: CodeInvalidRecord, Problems: body, Cause: err,
		Detail: data.Text{
			FR: "Rien n’a été enregistré\u00a0: le contenu envoyé n’a pas la forme attendue.",
			EN: "Nothing was saved: the content sent is not of the expected form.",
		},
	}
}

// ValidateValue checks one value of a streamed body against its schema in the
// document; nil when it fits.
func ValidateValue(field, value string, s *openapi3.Schema) *data.Problem {
	if err := s.VisitJSON(value); err != nil {
		fr, en := expected(s)
		return &data.Problem{
			Severity: data.SeverityError, Code: CodeInvalidRecord, Field: field, Value: data.Clip(value),
			Message: data.Text{FR: "Attendu\u00a0: " + fr + ".", EN: "Expected: " + en + "."},
		}
	}
	return nil
}

func flatten(err error, out *[]*openapi3filter.RequestError) {
	var multi openapi3.MultiError
	var one *openapi3filter.RequestError
	switch {
	case errors.As(err, &one):
		// A MultiError hides its further members from errors.As: open it first.
		if m, ok := err.(openapi3.MultiError); ok {
			for _, e := range m {
				flatten(e, out)
			}
			return
		}
		*out = append(*out, one)
	case errors.As(err, &multi):
		for _, e := range multi {
			flatten(e, out)
		}
	}
}

func flattenSchema(err error, out *[]*openapi3.SchemaError) {
	if m, ok := err.(openapi3.MultiError); ok {
		for _, e := range m {
			flattenSchema(e, out)
		}
		return
	}
	var one *openapi3.SchemaError
	if errors.As(err, &one) {
		*out = append(*out, one)
	}
}

func parameterProblem(f *openapi3filter.RequestError, query url.Values) data.Problem {
	name := f.Parameter.Name
	var fr, en string
	if f.Parameter.Schema != nil {
		fr, en = expected(f.Parameter.Schema.Value)
	}
	p := InvalidParameter(name, query.Get(name), "attendu\u00a0: "+fr+".", "expected: "+en+".")
	return p.Problems[0]
}

func bodyProblem(s *openapi3.SchemaError) data.Problem {
	field := strings.Join(s.JSONPointer(), ".")
	p := data.Problem{Severity: data.SeverityError, Code: CodeInvalidRecord, Field: field}
	switch s.SchemaField {
	case "required":
		p.Code = "missing-field"
		p.Message = data.Text{FR: "Champ obligatoire.", EN: "Required field."}
	case "properties", "additionalProperties":
		p.Code = "unknown-field"
		// The pointer stops at the object; only the reason names its member.
		if _, quoted, ok := strings.Cut(s.Reason, `"`); ok {
			member, _, _ := strings.Cut(quoted, `"`)
			p.Field = data.Clip(strings.TrimPrefix(field+"."+member, "."))
		}
		p.Message = data.Text{FR: "Champ inconnu.", EN: "Unknown field."}
	default:
		fr, en := expected(s.Schema)
		p.Message = data.Text{FR: "Attendu\u00a0: " + fr + ".", EN: "Expected: " + en + "."}
		if v, ok := s.Value.(string); ok {
			p.Value = data.Clip(v)
		} else if v, ok := s.Value.(float64); ok {
			p.Value = strconv.FormatFloat(v, 'g', -1, 64)
		}
	}
	return p
}

func unreadableBody(f *openapi3filter.RequestError) error {
	if errors.Is(f.Err, openapi3filter.ErrInvalidRequired) {
		return &Problem{Code: CodeInvalidBody, Cause: f, Detail: data.Text{
			FR: "Le corps de la requête est vide\u00a0; un objet JSON est attendu.",
			EN: "The request body is empty; a JSON object is expected.",
		}}
	}
	return &Problem{Code: CodeInvalidBody, Cause: f, Detail: data.Text{
		FR: "Le corps de la requête n’est pas du JSON valide.",
		EN: "The request body is not valid JSON.",
	}}
}
