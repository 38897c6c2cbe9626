// Package siting serves siting studies: where a home could open, and why. Candidates are
// as secret as homes: they are read for a purpose, each read is in the journal, and no
// address holds a position.
package siting

import (
	"crypto/rand"
	"net/http"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/gin-gonic/gin"

	"vigie/api/auth"
	"vigie/api/web"
	"vigie/data"
	export "vigie/data/export/all"
	"vigie/data/siting"
	"vigie/data/snapshot"
	"vigie/geo/exposure"
	method "vigie/geo/siting"
)

// Store is what studies are kept in, and what their needs are read from.
type Store interface {
	data.Documents
	siting.Statistics
}

// Service serves studies.
type Service struct {
	siting  *siting.Service
	store   Store
	gate    *auth.Gate
	clock   data.Clock
	ids     data.IDs
	version string
}

// New makes the service. version is that of the program.
func New(snapshots *snapshot.Service, store Store, gate *auth.Gate, clock data.Clock, ids data.IDs, version string) *Service {
	return &Service{
		siting: siting.New(snapshots, store, clock, []byte(rand.Text())), store: store, gate: gate, clock: clock, ids: ids, version: version,
	}
}

// Limits of requests.
const (
	maxUpload = 16 << 20 // bytes
	timeout   = time.Minute
	maxLimit  = 500
)

// Routes are the service's rows of the route table.
func (s *Service) Routes() []web.Route {
	access := web.HomesNeeding(data.RightStudy)
	const body = data.MaxDocumentBytes + 64<<10
	object := func() *openapi3.SchemaRef { return web.Inline(openapi3.NewObjectSchema()) }
	study := func(op *openapi3.Operation, status int, tr web.Tr) *openapi3.Operation {
		return web.Answers(op, status, tr("Étude", "Study"), web.TypeJSON, web.Named("Study", openapi3.NewObjectSchema()))
	}
	return []web.Route{
		{Method: http.MethodGet, Path: "/siting/criteria", Access: web.Needs(data.RightStudy), Handler: s.criteria, Operation: func(tr web.Tr) *openapi3.Operation {
			return web.Answers(web.Op("getSitingCriteria", tag, tr("Critères et contraintes d’une étude d’implantation", "Criteria and constraints of a siting study")),
				200, tr("Catalogue", "Catalogue"), web.TypeJSON, object())
		}},
		{Method: http.MethodGet, Path: "/siting/studies", Access: access, Handler: s.list, Operation: func(tr web.Tr) *openapi3.Operation {
			op := web.Op("getStudies", tag, tr("Études d’implantation, la dernière modifiée d’abord", "Siting studies, the last changed first"),
				web.Own(department(tr)), web.Own(state(tr)),
				web.Own(web.Query("limit", tr("Nombre d’études", "Number of studies"), openapi3.NewIntegerSchema().WithMin(1).WithMax(maxLimit).WithDefault(100))),
				web.Own(web.Query("offset", tr("Études à passer", "Studies to skip"), openapi3.NewIntegerSchema().WithMin(0))))
			return web.Answers(op, 200, tr("Études", "Studies"), web.TypeJSON, object())
		}},
		{Method: http.MethodPost, Path: "/siting/studies", Access: access, Handler: s.create, MaxBody: body, Operation: func(tr web.Tr) *openapi3.Operation {
			op := web.Op("addStudy", tag, tr("Ouvrir une étude", "Open a study"))
			web.Takes(op, web.Named("NewStudy", newSchema()), web.TypeJSON)
			return study(op, http.StatusCreated, tr)
		}},
		{Method: http.MethodGet, Path: "/siting/studies/{id}", Access: access, Handler: s.get, Operation: func(tr web.Tr) *openapi3.Operation {
			version := web.Query("version", tr("Version à lire, la dernière sinon", "Version to read, the last otherwise"), openapi3.NewInt64Schema().WithMin(1))
			return study(web.Op("getStudy", tag, tr("Une étude", "A study"), id(tr), web.Own(version)), 200, tr)
		}},
		{Method: http.MethodPut, Path: "/siting/studies/{id}", Access: access, Handler: s.replace, MaxBody: body, Operation: func(tr web.Tr) *openapi3.Operation {
			op := web.Op("changeStudy", tag, tr("Modifier une étude", "Change a study"), id(tr), match(tr))
			web.Takes(op, web.Named("StudyChange", changeSchema()), web.TypeJSON)
			return study(op, 200, tr)
		}},
		{Method: http.MethodDelete, Path: "/siting/studies/{id}", Access: access, Handler: s.erase, Operation: func(tr web.Tr) *openapi3.Operation {
			op := web.Op("eraseStudy", tag, tr("Effacer une étude et son historique", "Erase a study with its history"), id(tr), match(tr))
			op.AddResponse(http.StatusNoContent, openapi3.NewResponse().WithDescription(tr("Effacée", "Erased")))
			return op
		}},
		{Method: http.MethodGet, Path: "/siting/studies/{id}/history", Access: access, Handler: s.history, Operation: func(tr web.Tr) *openapi3.Operation {
			return web.Answers(web.Op("getStudyHistory", tag, tr("Les versions d’une étude", "The versions of a study"), id(tr)), 200, tr("Versions", "Versions"), web.TypeJSON, object())
		}},
		{Method: http.MethodPost, Path: "/siting/studies/{id}/clone", Access: access, Handler: s.clone, Operation: func(tr web.Tr) *openapi3.Operation {
			return study(web.Op("cloneStudy", tag, tr("Copier une étude", "Copy a study"), id(tr)), http.StatusCreated, tr)
		}},
		{Method: http.MethodPost, Path: "/siting/studies/{id}/candidates", Access: access, Handler: s.addCandidates, Streamed: true, MaxBody: maxUpload, Timeout: timeout,
			Operation: func(tr web.Tr) *openapi3.Operation {
				op := web.Op("addCandidates", tag, tr("Ajouter les candidats d’un fichier (CSV, GeoJSON)", "Add the candidates of a file (CSV, GeoJSON)"), id(tr), match(tr), web.Own(dryRun(tr)))
				web.Takes(op, web.Named("StudyFile", fileSchema(tr)), web.TypeMultipart)
				return web.Answers(op, 200, tr("Ce qui a été lu", "What was read"), web.TypeJSON, object())
			}},
		{Method: http.MethodPost, Path: "/siting/studies/{id}/exclusions", Access: access, Handler: s.addExclusions, Streamed: true, MaxBody: maxUpload, Timeout: timeout,
			Operation: func(tr web.Tr) *openapi3.Operation {
				op := web.Op("addExclusions", tag, tr("Ajouter les périmètres exclus d’un fichier (GeoJSON, shapefile, GeoPackage)", "Add the excluded areas of a file (GeoJSON, shapefile, GeoPackage)"), id(tr), match(tr), web.Own(dryRun(tr)))
				web.Takes(op, web.Named("StudyFile", fileSchema(tr)), web.TypeMultipart)
				return web.Answers(op, 200, tr("Ce qui a été lu", "What was read"), web.TypeJSON, object())
			}},
		{Method: http.MethodGet, Path: "/siting/studies/{id}/answer", Access: access, Handler: s.answer, Timeout: timeout, Operation: func(tr web.Tr) *openapi3.Operation {
			formats := []any{formatJSON}
			for _, f := range export.IDs() {
				formats = append(formats, f)
			}
			f := web.Query("f", tr("Format", "Format"), openapi3.NewStringSchema().WithEnum(formats...))
			op := web.Op("getStudyAnswer", tag, tr("Les candidats d’une étude, comparés", "The candidates of a study, compared"), id(tr), web.Own(f))
			return files(web.Answers(op, 200, tr("Réponse", "Answer"), web.TypeJSON, object()))
		}},
		{Method: http.MethodGet, Path: "/siting/studies/{id}/allocation", Access: access, Handler: s.allocation, Timeout: timeout, Operation: func(tr web.Tr) *openapi3.Operation {
			op := web.Op("getStudyAllocation", tag, tr("Les lieux choisis ensemble pour plusieurs foyers", "The places chosen together for several homes"), id(tr))
			return web.Answers(op, 200, tr("Lieux, objectif et borne prouvée", "Places, objective and proven bound"), web.TypeJSON, object())
		}},
		{Method: http.MethodGet, Path: "/siting/surface", Access: access, Handler: s.surface, Timeout: timeout, Operation: func(tr web.Tr) *openapi3.Operation {
			d := department(tr)
			d.Required, d.Example = true, "03"
			cell := web.Query("cell", tr("Côté des carreaux, en mètres", "Side of the cells, in metres"), openapi3.NewIntegerSchema().WithMin(50).WithMax(500).WithDefault(defaultCell))
			of := web.Query("study", tr("Étude dont le besoin donne la distance aux origines", "Study whose need gives the distance to the origins"), identifier())
			op := web.Op("getSitingSurface", tag, tr("Les couches d’un département, carreau par carreau", "The layers of a département, cell by cell"), web.Own(d), web.Own(cell), web.Own(of))
			return web.Answers(op, 200, tr("En-tête", "Header"), web.TypeJSON, object())
		}},
		{Method: http.MethodGet, Path: "/siting/surface/{token}/values", Access: access, Handler: s.values, Timeout: timeout, Operation: func(tr web.Tr) *openapi3.Operation {
			op := web.Op("getSitingValues", tag, tr("Les valeurs des carreaux", "The values of the cells"), web.PathID("token", tr("Jeton de l’en-tête", "Token of the header")))
			return web.Answers(op, 200, tr("Entiers de 16 bits, petit-boutiste", "16-bit integers, little-endian"), typeBinary, web.Inline(openapi3.NewStringSchema().WithFormat("binary")))
		}},
	}
}

const (
	tag         = "siting"
	typeBinary  = "application/octet-stream"
	formatJSON  = "json"
	defaultCell = 100
)

func id(tr web.Tr) *openapi3.ParameterRef {
	return web.PathID("id", tr("Identifiant de l’étude", "Identifier of the study"))
}

func match(tr web.Tr) *openapi3.ParameterRef {
	return web.Header("If-Match", tr("Version de l’étude lue (ETag)", "Version of the study as read (ETag)"))
}

func department(tr web.Tr) *openapi3.Parameter {
	return web.Query("department", tr("Code Insee du département", "INSEE code of the département"), departmentSchema())
}

func departmentSchema() *openapi3.Schema {
	return web.Pattern(`^[0-9][0-9AB][0-9]?$`, "un code de département (01, 2A, 971)", "the code of a département (01, 2A, 971)")
}

func state(tr web.Tr) *openapi3.Parameter {
	return web.Query("state", tr("État", "State"), stateSchema())
}

func stateSchema() *openapi3.Schema { return openapi3.NewStringSchema().WithEnum("open", "archived") }

func dryRun(tr web.Tr) *openapi3.Parameter {
	return web.Query("dry_run", tr("Lire sans rien enregistrer", "Read without saving"), openapi3.NewBoolSchema())
}

func identifier() *openapi3.Schema {
	return web.Pattern(`^[A-Za-z0-9._:-]{1,100}$`, "un identifiant", "an identifier")
}

// The body is checked by the study itself, whose messages say where and what.
func changeSchema() *openapi3.Schema {
	return web.Closed(map[string]*openapi3.Schema{"state": stateSchema(), "body": openapi3.NewObjectSchema()}, "body")
}

func newSchema() *openapi3.Schema {
	s := changeSchema()
	s.Properties["id"] = identifier().NewRef()
	s.Properties["department_code"] = departmentSchema().NewRef()
	s.Required = append(s.Required, "department_code")
	return s
}

func fileSchema(tr web.Tr) *openapi3.Schema {
	file := openapi3.NewArraySchema().WithItems(openapi3.NewStringSchema().WithFormat("binary"))
	file.Description = tr("Le fichier, ou les fichiers qui vont ensemble (.shp, .dbf, .prj)", "The file, or the files that belong together (.shp, .dbf, .prj)")
	return web.Closed(map[string]*openapi3.Schema{fileField: file}, fileField)
}

// criteria answers the catalogue of what studies are made of.
func (s *Service) criteria(c *gin.Context) error {
	return web.JSON(c, http.StatusOK, gin.H{
		"criteria": method.Criteria(), "constraints": method.ConstraintTypes(), "themes": exposure.Themes(),
		"zone_kinds": append([]string{method.AnyKind}, snapshot.ZoneKindsWithIndicators()...),
		"limits":     gin.H{"candidates": siting.MaxCandidates, "exclusions": siting.MaxExclusions, "runs": method.MaxRuns},
	})
}
