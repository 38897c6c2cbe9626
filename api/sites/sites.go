// Package sites is the editing of homes by hand: read, add, correct, close,
// reopen and merge one record, under an optimistic lock (If-Match).
package sites

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/gin-gonic/gin"
	"github.com/paulmach/orb"

	"vigie/api/auth"
	"vigie/api/web"
	"vigie/data"
	"vigie/data/ingest"
	"vigie/data/snapshot"
)

// Service edits homes.
type Service struct {
	snapshots *snapshot.Service
	ingest    *ingest.Service
	gate      *auth.Gate
}

// New makes the service.
func New(snapshots *snapshot.Service, in *ingest.Service, gate *auth.Gate) *Service {
	return &Service{snapshots: snapshots, ingest: in, gate: gate}
}

// Routes are the service's rows of the route table.
func (s *Service) Routes() []web.Route {
	id := func(tr web.Tr) *openapi3.ParameterRef {
		return web.PathID("id", tr("Identifiant du foyer", "Identifier of the home"))
	}
	match := func(tr web.Tr) *openapi3.ParameterRef {
		return web.Header("If-Match", tr("Version de la fiche lue (ETag)", "Version of the record as read (ETag)"))
	}
	record := func(op *openapi3.Operation, status int, tr web.Tr) *openapi3.Operation {
		return web.Answers(op, status, tr("Fiche du foyer", "Record of the home"), web.TypeJSON, recordSchema())
	}
	edits := web.HomesNeeding(data.RightEditSites)
	return []web.Route{
		{Method: http.MethodPost, Path: "/sites", Access: web.Needs(data.RightEditSites), Handler: s.add, Operation: func(tr web.Tr) *openapi3.Operation {
			op := web.Op("addSite", "sites", tr("Ajouter un foyer", "Add a home"))
			web.Takes(op, web.Named("NewSite", fieldsSchema("name")), web.TypeJSON)
			return record(op, http.StatusCreated, tr)
		}},
		{Method: http.MethodGet, Path: "/sites/{id}", Access: web.Homes, Handler: s.get, Operation: func(tr web.Tr) *openapi3.Operation {
			return record(web.Op("getSite", "sites", tr("La fiche d’un foyer", "The record of a home"), id(tr)), 200, tr)
		}},
		{Method: http.MethodGet, Path: "/sites/{id}/explanation", Access: web.Homes, Handler: s.explain, Operation: func(tr web.Tr) *openapi3.Operation {
			op := web.Op("explainSite", "sites", tr("L’exposition d’un foyer, ses raisons et son incertitude", "The exposure of a home, its reasons and its uncertainty"), id(tr))
			return web.Answers(op, 200, tr("Explication", "Explanation"), web.TypeJSON, explanationSchema())
		}},
		{Method: http.MethodGet, Path: "/sites/{id}/unknowns", Access: web.Homes, Handler: s.unknowns, Operation: func(tr web.Tr) *openapi3.Operation {
			op := web.Op("getUnknowns", "sites", tr("Les indicateurs inconnus d’un foyer, et pourquoi", "The unknown indicators of a home, and why"), id(tr))
			return web.Answers(op, 200, tr("Indicateurs inconnus", "Unknown indicators"), web.TypeJSON, unknownsSchema())
		}},
		{Method: http.MethodPatch, Path: "/sites/{id}", Access: edits, Handler: s.correct, Operation: func(tr web.Tr) *openapi3.Operation {
			op := web.Op("correctSite", "sites", tr("Corriger un foyer (RFC 7396)", "Correct a home (RFC 7396)"), id(tr), match(tr))
			web.Takes(op, web.Named("SitePatch", fieldsSchema()), web.TypeMergePatch, web.TypeJSON)
			return record(op, 200, tr)
		}},
		{Method: http.MethodPost, Path: "/sites/{id}/close", Access: edits, Handler: s.close, Operation: func(tr web.Tr) *openapi3.Operation {
			op := web.Op("closeSite", "sites", tr("Fermer un foyer à une date", "Close a home on a date"), id(tr), match(tr))
			web.Takes(op, web.Inline(closeSchema()), web.TypeJSON)
			return record(op, 200, tr)
		}},
		{Method: http.MethodPost, Path: "/sites/{id}/reopen", Access: edits, Handler: s.reopen, Operation: func(tr web.Tr) *openapi3.Operation {
			return record(web.Op("reopenSite", "sites", tr("Rouvrir un foyer", "Reopen a home"), id(tr), match(tr)), 200, tr)
		}},
		{Method: http.MethodPost, Path: "/sites/{id}/merge", Access: edits, Handler: s.merge, Operation: func(tr web.Tr) *openapi3.Operation {
			op := web.Op("mergeSites", "sites", tr("Réunir deux fiches du même foyer", "Merge two records of one home"), id(tr), match(tr))
			web.Takes(op, web.Inline(mergeSchema()), web.TypeJSON)
			return record(op, 200, tr)
		}},
	}
}

func (s *Service) get(c *gin.Context) error {
	r, ok := find(s.snapshots.Current(), auth.ViewerOf(c), c.Param("id"))
	if !ok {
		return web.NotFound()
	}
	if err := s.gate.RecordRead(c, []string{r.ID}); err != nil {
		return err
	}
	return answer(c, http.StatusOK, r)
}

func (s *Service) explain(c *gin.Context) error {
	x, ok := s.snapshots.Explain(s.snapshots.Current(), auth.ViewerOf(c), c.Param("id"))
	if !ok {
		return web.NotFound()
	}
	if err := s.gate.RecordRead(c, []string{x.SiteID}); err != nil {
		return err
	}
	return web.JSON(c, http.StatusOK, x)
}

func (s *Service) unknowns(c *gin.Context) error {
	list, ok := s.snapshots.Current().Unknowns(auth.ViewerOf(c), c.Param("id"))
	if !ok {
		return web.NotFound()
	}
	if err := s.gate.RecordRead(c, []string{c.Param("id")}); err != nil {
		return err
	}
	return web.JSON(c, http.StatusOK, gin.H{"unknown": list})
}

func answer(c *gin.Context, status int, r record) error {
	c.Header("ETag", entityTag(r.Version))
	return web.JSON(c, status, r)
}

func entityTag(version int64) string { return `"` + strconv.FormatInt(version, 10) + `"` }

func (s *Service) add(c *gin.Context) error {
	var body patch
	if err := web.Decode(c, &body); err != nil {
		return err
	}
	change, err := body.onto(record{})
	if err != nil {
		return err
	}
	var site data.Site
	set(&site.FINESS, change.FINESS)
	set(&site.LegalEntityFINESS, change.LegalEntityFINESS)
	set(&site.OpenedOn, change.OpenedOn)
	set(&site.Name, change.Name)
	set(&site.Category, change.Category)
	set(&site.CommuneCode, change.CommuneCode)
	set(&site.DepartmentCode, change.DepartmentCode)
	set(&site.Address, change.Address)
	set(&site.Capacity, change.Capacity)
	set(&site.Position, change.Position)
	stored, err := s.ingest.AddSite(c.Request.Context(), auth.ViewerOf(c), site)
	if err != nil {
		return formError(err)
	}
	c.Header("Location", web.CallOf(c).URL("/sites/"+url.PathEscape(stored.ID), nil))
	return answer(c, http.StatusCreated, recordOfStored(stored))
}

func set[T any](field *T, value *T) {
	if value != nil {
		*field = *value
	}
}

// edit is what every change of one record does: find it, compare the version the
// client read, change it, answer it. optional lets a client go without If-Match.
func (s *Service) edit(c *gin.Context, optional bool, change func(r record) (*data.StoredSite, error)) error {
	viewer, id := auth.ViewerOf(c), c.Param("id")
	current, ok := find(s.snapshots.Current(), viewer, id)
	if !ok {
		return web.NotFound()
	}
	// What is refused or changes nothing answers the record too.
	if err := s.gate.RecordRead(c, []string{id}); err != nil {
		return err
	}
	header := strings.TrimSpace(c.GetHeader("If-Match"))
	switch {
	case header == "" && !optional:
		p := web.NewProblem(web.CodePreconditionRequired,
			"Indiquez dans If-Match la version de la fiche que vous avez lue.",
			"Give in If-Match the version of the record that you read.")
		return p
	case header != "" && header != "*" && strings.TrimPrefix(header, "W/") != entityTag(current.Version):
		return stale(current)
	}
	stored, err := change(current)
	if errors.Is(err, data.ErrConflict) {
		// Another change may have come between our look and the write; if it did not,
		// what conflicts is another record, which the error names.
		if again, ok := find(s.snapshots.Current(), viewer, id); ok && again.Version != current.Version {
			return stale(again)
		}
		return err
	}
	if err != nil {
		return formError(err)
	}
	return answer(c, http.StatusOK, recordOfStored(stored))
}

func stale(current record) error {
	return &web.Problem{
		Code: web.CodePreconditionFailed, Current: current,
		Detail: data.Text{
			FR: "Rien n’a été enregistré\u00a0: la fiche a été modifiée depuis que vous l’avez lue.",
			EN: "Nothing was saved: the record was changed since you read it.",
		},
		Header: http.Header{"ETag": {entityTag(current.Version)}},
	}
}

func (s *Service) correct(c *gin.Context) error {
	var body patch
	if err := web.Decode(c, &body); err != nil {
		return err
	}
	return s.edit(c, false, func(r record) (*data.StoredSite, error) {
		change, err := body.onto(r)
		if err != nil {
			return nil, err
		}
		return s.ingest.CorrectSite(c.Request.Context(), auth.ViewerOf(c), r.ID, r.Version, change)
	})
}

func (s *Service) close(c *gin.Context) error {
	var body struct {
		On string `json:"on"`
	}
	if err := web.Decode(c, &body); err != nil {
		return err
	}
	return s.edit(c, true, func(r record) (*data.StoredSite, error) {
		return s.ingest.CloseSite(c.Request.Context(), auth.ViewerOf(c), r.ID, r.Version, body.On)
	})
}

func (s *Service) reopen(c *gin.Context) error {
	return s.edit(c, true, func(r record) (*data.StoredSite, error) {
		return s.ingest.ReopenSite(c.Request.Context(), auth.ViewerOf(c), r.ID, r.Version)
	})
}

func (s *Service) merge(c *gin.Context) error {
	var body struct {
		Absorb  string `json:"absorb"`
		Version int64  `json:"absorb_version"`
	}
	if err := web.Decode(c, &body); err != nil {
		return err
	}
	return s.edit(c, false, func(r record) (*data.StoredSite, error) {
		return s.ingest.MergeSites(c.Request.Context(), auth.ViewerOf(c), r.ID, body.Absorb, [2]int64{r.Version, body.Version})
	})
}

func point(p position) orb.Point { return orb.Point{p.Lon, p.Lat} }

// formFields are the names that requests give to fields of the records.
var formFields = map[string]string{"position.point": "position", "position.precision": "position", "closed_on": "on"}

// formError names the fields of an invalid record as the request does.
func formError(err error) error {
	var invalid *data.InvalidError
	if !errors.As(err, &invalid) {
		return err
	}
	problems := slices.Clone(invalid.Problems)
	for i := range problems {
		if name, ok := formFields[problems[i].Field]; ok {
			problems[i].Field = name
		}
	}
	return &data.InvalidError{Problems: problems}
}
