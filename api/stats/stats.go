// Package stats serves the public statistics: frozen editions of a fixed cube, at
// addresses that never change, and what others published of the phenomenon. Nothing here
// is computed on demand.
package stats

import (
	"bytes"
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/gin-gonic/gin"

	"vigie/api/web"
	"vigie/data"
	"vigie/data/statistics"
)

const (
	typeCSV = "text/csv"
	// charsetCSV goes with it in answers.
	charsetCSV = typeCSV + "; charset=utf-8"
	// latest is the alias of the newest edition.
	latest = "latest"
)

// Store is what the routes read: editions as they were frozen, and imported series.
type Store interface {
	statistics.Reader
	PublishedEditions(ctx context.Context) ([]data.PublishedEdition, error)
	PublishedEdition(ctx context.Context, id string) (*data.PublishedEdition, error)
}

// Service answers from stored editions.
type Service struct {
	store Store
	// version is that of the program: forms made from an edition may change with it.
	version string
}

// New makes the service.
func New(store Store, version string) *Service { return &Service{store, version} }

// Routes are the service's rows of the route table.
func (s *Service) Routes() []web.Route {
	const tag = "stats"
	edition := func(tr web.Tr, suffix string) *openapi3.ParameterRef {
		return web.Own(openapi3.NewPathParameter("edition").WithSchema(openapi3.NewStringSchema().WithMinLength(1).WithMaxLength(40)).WithDescription(tr(
			"Édition («\u00a02026-Q3\u00a0», «\u00a02026-Q3-r1\u00a0»), ou «\u00a0latest\u00a0» pour la plus récente", "Edition (“2026-Q3”, “2026-Q3-r1”), or “latest” for the newest one") + suffix))
	}
	return []web.Route{
		{Method: http.MethodGet, Path: "/stats", Access: web.Public, Handler: s.list, Operation: func(tr web.Tr) *openapi3.Operation {
			op := web.Op("getStatistics", tag, tr("Les éditions des statistiques publiques", "The editions of the public statistics"))
			return web.Answers(op, 200, tr("Éditions, licence", "Editions, licence"), web.TypeJSON, listSchema())
		}},
		{Method: http.MethodGet, Path: "/stats/phenomenon", Access: web.Public, Handler: s.phenomenon, Operation: func(tr web.Tr) *openapi3.Operation {
			op := web.Op("getPhenomenon", tag, tr("Chiffres publiés sur le phénomène, avec leurs sources", "Published figures of the phenomenon, with their sources"))
			return web.Answers(op, 200, tr("Séries nationales, séries importées par département", "National series, series imported by département"), web.TypeJSON, web.Inline(openapi3.NewObjectSchema()))
		}},
		{Method: http.MethodGet, Path: "/stats/{edition}", Access: web.Public, Handler: s.edition, Operation: func(tr web.Tr) *openapi3.Operation {
			op := web.Op("getStatisticsEdition", tag, tr("Une édition arrêtée, en JSON ou en CSV", "A frozen edition, in JSON or CSV"),
				edition(tr, tr("\u00a0; suivie de «\u00a0.csv\u00a0» pour le CSV", "; followed by “.csv” for CSV")))
			op = web.Answers(op, 200, tr("L’édition", "The edition"), web.TypeJSON, web.Inline(openapi3.NewObjectSchema()))
			op.Responses.Status(200).Value.Content[typeCSV] = openapi3.NewMediaType().WithSchema(openapi3.NewStringSchema())
			return op
		}},
		{Method: http.MethodGet, Path: "/stats/{edition}/schema.json", Access: web.Public, Handler: s.schema, Operation: func(tr web.Tr) *openapi3.Operation {
			op := web.Op("getStatisticsSchema", tag, tr("Le Table Schema du CSV", "The Table Schema of the CSV"), edition(tr, ""))
			return web.Answers(op, 200, "Table Schema (Frictionless Data)", web.TypeJSON, web.Inline(openapi3.NewObjectSchema()))
		}},
	}
}

func listSchema() *openapi3.SchemaRef {
	text := openapi3.NewStringSchema
	edition := openapi3.NewObjectSchema().WithProperties(map[string]*openapi3.Schema{
		"id": text(), "quarter": text(), "revision": openapi3.NewIntegerSchema(), "note": text(), "frozen_at": openapi3.NewDateTimeSchema(),
		"sha256": text(), "url": text(), "csv": text(), "schema": text(), "superseded": openapi3.NewBoolSchema(),
	})
	licence := openapi3.NewObjectSchema().WithProperties(map[string]*openapi3.Schema{"id": text(), "title": text(), "url": text()})
	return web.Inline(openapi3.NewObjectSchema().WithProperties(map[string]*openapi3.Schema{
		"editions": openapi3.NewArraySchema().WithItems(edition), "latest": text().WithNullable(), "licence": licence, "phenomenon": text(),
	}))
}

// entry is one edition of the list.
type entry struct {
	data.PublishedEdition
	URL    string `json:"url"`
	CSV    string `json:"csv"`
	Schema string `json:"schema"`
	// Superseded: a later revision of the quarter corrects this one.
	Superseded bool `json:"superseded"`
}

func (s *Service) list(c *gin.Context) error {
	editions, err := s.store.PublishedEditions(c.Request.Context())
	if err != nil {
		return err
	}
	call := web.CallOf(c)
	entries := []entry{}
	for _, e := range slices.Backward(editions) {
		url := call.URL("/stats/"+e.ID, nil)
		entries = append(entries, entry{
			PublishedEdition: e, URL: url, CSV: url + ".csv", Schema: url + "/schema.json",
			Superseded: slices.ContainsFunc(editions, func(o data.PublishedEdition) bool { return o.Quarter == e.Quarter && o.Revision > e.Revision }),
		})
	}
	var newest *string
	if e := statistics.Newest(editions); e != nil {
		newest = &e.ID
	}
	public(c, false)
	return web.JSON(c, http.StatusOK, gin.H{
		"editions": entries, "latest": newest, "licence": statistics.OpenLicence, "phenomenon": call.URL("/stats/phenomenon", nil),
	})
}

// public sets the cache policy: anyone may keep what was frozen, and asks again for
// the rest.
func public(c *gin.Context, frozen bool) {
	if frozen {
		c.Header("Cache-Control", "public, max-age=86400")
		return
	}
	c.Header("Cache-Control", "public, no-cache")
}

// open finds the edition that the path names; alias tells that it is by "latest".
func (s *Service) open(c *gin.Context, name string) (e *data.PublishedEdition, alias bool, err error) {
	if name == latest {
		editions, err := s.store.PublishedEditions(c.Request.Context())
		if err != nil {
			return nil, true, err
		}
		newest := statistics.Newest(editions)
		if newest == nil {
			return nil, true, web.NotFound()
		}
		name, alias = newest.ID, true
	}
	e, err = s.store.PublishedEdition(c.Request.Context(), name)
	return e, alias, err
}

func (s *Service) edition(c *gin.Context) error {
	name, asCSV := strings.CutSuffix(c.Param("edition"), ".csv")
	stored, alias, err := s.open(c, name)
	if err != nil {
		return err
	}
	public(c, !alias)
	if !asCSV {
		if web.NotModified(c, stored.SHA256) {
			return nil
		}
		return web.Bytes(c, http.StatusOK, web.TypeJSON, stored.Document)
	}
	if web.NotModified(c, stored.SHA256, s.version, "csv") {
		return nil
	}
	edition, err := statistics.Decode(stored)
	if err != nil {
		return err
	}
	var body bytes.Buffer
	if err := edition.WriteCSV(&body); err != nil {
		return err
	}
	c.Header("Content-Disposition", `attachment; filename="vigie-`+edition.ID+`.csv"`)
	return web.Bytes(c, http.StatusOK, charsetCSV, body.Bytes())
}

func (s *Service) schema(c *gin.Context) error {
	if _, _, err := s.open(c, c.Param("edition")); err != nil {
		return err
	}
	public(c, false)
	lang := web.CallOf(c).Lang()
	c.Header("Content-Language", lang)
	return web.JSON(c, http.StatusOK, statistics.TableSchema(lang))
}

func (s *Service) phenomenon(c *gin.Context) error {
	imported, err := statistics.Imported(c.Request.Context(), s.store)
	if err != nil {
		return err
	}
	public(c, false)
	return web.JSON(c, http.StatusOK, gin.H{"national": statistics.Phenomenon(), "imported": imported, "licence": statistics.OpenLicence})
}
