package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"vigie/data"
)

// Info heads the OpenAPI document.
type Info struct {
	Title, Description data.Text
	Version            string
	// Server is the public address of the API; a path alone when it is not known.
	Server string
}

const (
	componentParameters = "#/components/parameters/"
	componentSchemas    = "#/components/schemas/"
	componentResponses  = "#/components/responses/"
)

// Op starts an operation with what every operation has.
func Op(id, tag, summary string, parameters ...*openapi3.ParameterRef) *openapi3.Operation {
	op := openapi3.NewOperation()
	op.OperationID, op.Summary, op.Tags = id, summary, []string{tag}
	op.Parameters = parameters
	op.Responses = openapi3.NewResponsesWithCapacity(2)
	return op
}

// Answers adds a successful answer of one media type.
func Answers(op *openapi3.Operation, status int, description, mediaType string, schema *openapi3.SchemaRef) *openapi3.Operation {
	response := openapi3.NewResponse().WithDescription(description)
	if mediaType != "" {
		response.WithContent(openapi3.Content{mediaType: openapi3.NewMediaType().WithSchemaRef(schema)})
	}
	op.AddResponse(status, response)
	return op
}

// Takes sets the operation's required body, under one or several media types.
func Takes(op *openapi3.Operation, schema *openapi3.SchemaRef, mediaTypes ...string) *openapi3.Operation {
	op.RequestBody = &openapi3.RequestBodyRef{
		Value: openapi3.NewRequestBody().WithRequired(true).WithSchemaRef(schema, mediaTypes),
	}
	return op
}

// Shared makes a parameter that the document holds once, in its components.
func Shared(p *openapi3.Parameter) *openapi3.ParameterRef {
	return &openapi3.ParameterRef{Ref: componentParameters + p.Name, Value: p}
}

// Own makes a parameter of one operation.
func Own(p *openapi3.Parameter) *openapi3.ParameterRef { return &openapi3.ParameterRef{Value: p} }

// Named makes a schema that the document holds once, in its components.
func Named(name string, s *openapi3.Schema) *openapi3.SchemaRef {
	return &openapi3.SchemaRef{Ref: componentSchemas + name, Value: s}
}

// Inline makes a schema without a name.
func Inline(s *openapi3.Schema) *openapi3.SchemaRef { return &openapi3.SchemaRef{Value: s} }

// Query makes a query parameter with style and explode written out, which QGIS
// and the OGC tests look for.
func Query(name, description string, s *openapi3.Schema) *openapi3.Parameter {
	explode := false
	p := openapi3.NewQueryParameter(name).WithDescription(description).WithSchema(s)
	p.Style, p.Explode = openapi3.SerializationForm, &explode
	return p
}

// PathID makes the path parameter of an identifier.
func PathID(name, description string) *openapi3.ParameterRef {
	return Own(openapi3.NewPathParameter(name).WithDescription(description).
		WithSchema(openapi3.NewStringSchema().WithMinLength(1).WithMaxLength(200)))
}

// Header makes a request header parameter.
func Header(name, description string) *openapi3.ParameterRef {
	return Own(openapi3.NewHeaderParameter(name).WithDescription(description).WithSchema(openapi3.NewStringSchema()))
}

// expectation is the schema extension that says in both languages what a
// pattern admits.
const expectation = "x-expected"

// Pattern makes a text schema with a pattern, and the words for it in messages.
func Pattern(pattern, fr, en string) *openapi3.Schema {
	s := openapi3.NewStringSchema().WithPattern(pattern)
	s.Extensions = map[string]any{expectation: data.Text{FR: fr, EN: en}}
	return s
}

// Closed makes an object schema that refuses unknown members.
func Closed(properties map[string]*openapi3.Schema, required ...string) *openapi3.Schema {
	no := false
	s := openapi3.NewObjectSchema().WithProperties(properties)
	s.Required = required
	s.AdditionalProperties = openapi3.AdditionalProperties{Has: &no}
	return s
}

func problemSchema() *openapi3.SchemaRef {
	text := func() *openapi3.Schema { return openapi3.NewStringSchema() }
	message := openapi3.NewObjectSchema().WithProperties(map[string]*openapi3.Schema{"fr": text(), "en": text()})
	located := openapi3.NewObjectSchema().WithProperties(map[string]*openapi3.Schema{
		"severity": openapi3.NewStringSchema().WithEnum("error", "warning", "info"),
		"code":     text(), "file": text(), "line": openapi3.NewIntegerSchema(), "column": openapi3.NewIntegerSchema(),
		"record": text(), "field": text(), "value": text(), "message": message,
	})
	return Named("Problem", openapi3.NewObjectSchema().WithProperties(map[string]*openapi3.Schema{
		"type": text(), "title": text(), "status": openapi3.NewIntegerSchema(), "detail": text(),
		"instance": text(), "code": text(), "problems": openapi3.NewArraySchema().WithItems(located),
		"current": openapi3.NewObjectSchema(),
	}))
}

func langParameter(tr Tr) *openapi3.ParameterRef {
	return Shared(Query("lang", tr(
		"Langue des libellés et des messages\u00a0; sans ce paramètre, celle d’Accept-Language.",
		"Language of labels and messages; without it, that of Accept-Language."),
		openapi3.NewStringSchema().WithEnum(languages[0], languages[1])))
}

// Ways for a client to say who it is; see api/auth.
const (
	securitySession = "session"
	securityToken   = "token"
	securityBasic   = "basic"
)

func securitySchemes(tr Tr) openapi3.SecuritySchemes {
	scheme := func(s *openapi3.SecurityScheme, description string) *openapi3.SecuritySchemeRef {
		return &openapi3.SecuritySchemeRef{Value: s.WithDescription(description)}
	}
	return openapi3.SecuritySchemes{
		securitySession: scheme(openapi3.NewSecurityScheme().WithType("apiKey").WithIn("cookie").WithName("__Host-vigie"), tr(
			"Session d’un navigateur («\u00a0vigie\u00a0» sans TLS)", "Session of a browser (“vigie” without TLS)")),
		securityToken: scheme(openapi3.NewSecurityScheme().WithType("http").WithScheme("bearer"), tr(
			"Jeton d’un programme, en lecture", "Token of a program, to read")),
		securityBasic: scheme(openapi3.NewSecurityScheme().WithType("http").WithScheme("basic"), tr(
			"Jeton d’un programme comme mot de passe, quel que soit l’utilisateur", "Token of a program as the password, whatever the user name")),
	}
}

// document assembles the OpenAPI 3.0 document of the routes in one language,
// and returns each route's operation as the document holds it.
func document(ctx context.Context, info Info, lang string, routes []Route) (*openapi3.T, []*openapi3.Operation, error) {
	tr := func(fr, en string) string { return data.Text{FR: fr, EN: en}.In(lang) }
	doc := &openapi3.T{
		OpenAPI: "3.0.3",
		Info: &openapi3.Info{
			Title: info.Title.In(lang), Description: info.Description.In(lang), Version: info.Version,
			License: &openapi3.License{Name: "Apache-2.0", URL: "https://www.apache.org/licenses/LICENSE-2.0"},
		},
		Servers: openapi3.Servers{{URL: info.Server}},
		Paths:   openapi3.NewPaths(),
		Components: &openapi3.Components{
			Parameters: openapi3.ParametersMap{}, Schemas: openapi3.Schemas{}, Responses: openapi3.ResponseBodies{},
			SecuritySchemes: securitySchemes(tr),
		},
	}
	problem := openapi3.NewResponse().WithDescription(tr("Problème (RFC 9457)", "Problem (RFC 9457)")).
		WithContent(openapi3.Content{TypeProblem: openapi3.NewMediaType().WithSchemaRef(problemSchema())})
	operations := make([]*openapi3.Operation, len(routes))
	for i, r := range routes {
		op := r.Operation(tr)
		op.Parameters = append(op.Parameters, langParameter(tr))
		if !r.Access.IsPublic() {
			op.Security = openapi3.NewSecurityRequirements()
			for _, scheme := range []string{securitySession, securityToken, securityBasic} {
				op.Security.With(openapi3.NewSecurityRequirement().Authenticate(scheme))
			}
		}
		op.Responses.Set("default", &openapi3.ResponseRef{Ref: componentResponses + "problem", Value: problem})
		operations[i] = op
		item := doc.Paths.Value(r.Path)
		if item == nil {
			item = &openapi3.PathItem{}
			if r.Outside {
				item.Servers = openapi3.Servers{{URL: strings.TrimSuffix(info.Server, Root) + "/"}}
			}
			doc.Paths.Set(r.Path, item)
		}
		if item.GetOperation(r.Method) != nil {
			return nil, nil, fmt.Errorf("route %s %s is in the table twice", r.Method, r.Path)
		}
		item.SetOperation(r.Method, op)
		if err := collect(doc.Components, op); err != nil {
			return nil, nil, fmt.Errorf("route %s %s: %w", r.Method, r.Path, err)
		}
	}
	doc.Components.Responses["problem"] = &openapi3.ResponseRef{Value: problem}
	if err := collectSchemas(doc.Components, problemSchema()); err != nil {
		return nil, nil, err
	}
	if err := doc.Validate(ctx); err != nil {
		return nil, nil, fmt.Errorf("OpenAPI document: %w", err)
	}
	return doc, operations, nil
}

// collect gathers the components that an operation refers to.
func collect(components *openapi3.Components, op *openapi3.Operation) error {
	for _, p := range op.Parameters {
		if name, ok := strings.CutPrefix(p.Ref, componentParameters); ok {
			components.Parameters[name] = &openapi3.ParameterRef{Value: p.Value}
		}
		if err := collectSchemas(components, p.Value.Schema); err != nil {
			return err
		}
	}
	var contents []openapi3.Content
	if op.RequestBody != nil {
		contents = append(contents, op.RequestBody.Value.Content)
	}
	for _, response := range op.Responses.Map() {
		contents = append(contents, response.Value.Content)
	}
	for _, content := range contents {
		for _, media := range content {
			if err := collectSchemas(components, media.Schema); err != nil {
				return err
			}
		}
	}
	return nil
}

func collectSchemas(components *openapi3.Components, ref *openapi3.SchemaRef) error {
	if ref == nil {
		return nil
	}
	if ref.Value == nil {
		return errors.New("schema reference without a value: " + ref.Ref)
	}
	if name, ok := strings.CutPrefix(ref.Ref, componentSchemas); ok {
		if _, done := components.Schemas[name]; done {
			return nil
		}
		components.Schemas[name] = &openapi3.SchemaRef{Value: ref.Value}
	}
	if err := collectSchemas(components, ref.Value.Items); err != nil {
		return err
	}
	for _, p := range ref.Value.Properties {
		if err := collectSchemas(components, p); err != nil {
			return err
		}
	}
	return nil
}

// bodyTypes are the media types an operation accepts.
func bodyTypes(op *openapi3.Operation) []string {
	if op.RequestBody == nil {
		return nil
	}
	var types []string
	for t := range op.RequestBody.Value.Content {
		types = append(types, t)
	}
	return types
}

// answerTypes are the media types of an operation's successful answers.
func answerTypes(op *openapi3.Operation) []string {
	var types []string
	for status, response := range op.Responses.Map() {
		if !strings.HasPrefix(status, "2") {
			continue
		}
		for t := range response.Value.Content {
			types = append(types, t)
		}
	}
	return types
}

// encodeDocument renders the document once, at start-up.
func encodeDocument(doc *openapi3.T) ([]byte, error) { return json.Marshal(doc) }

// builtin are the routes of this package: the document itself and the problem types.
func builtin(documents func(lang string) []byte, version string) []Route {
	return []Route{
		{
			Method: http.MethodGet, Path: "/openapi.json", Access: Public,
			Operation: func(tr Tr) *openapi3.Operation {
				op := Op("getOpenAPI", "api", tr("Ce document", "This document"))
				return Answers(op, 200, tr("Document OpenAPI 3.0", "OpenAPI 3.0 document"), TypeOpenAPI, Inline(openapi3.NewObjectSchema()))
			},
			Handler: openAPIHandler(documents, version),
		},
		{
			Method: http.MethodGet, Path: "/problems", Access: Public,
			Operation: func(tr Tr) *openapi3.Operation {
				op := Op("getProblemTypes", "api", tr("Les types de problèmes", "The problem types"))
				return Answers(op, 200, tr("Types de problèmes", "Problem types"), TypeJSON, Inline(openapi3.NewObjectSchema()))
			},
			Handler: problemTypesHandler,
		},
	}
}
