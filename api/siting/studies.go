package siting

import (
	"cmp"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"vigie/api/auth"
	"vigie/api/web"
	"vigie/data"
	"vigie/data/siting"
)

// Actions of the journal; the records are identifiers of studies, the counts those of
// candidates.
const (
	actionRead       = "study.read"
	actionCreate     = "study.create"
	actionChange     = "study.change"
	actionErase      = "study.erase"
	actionAnswer     = "study.answer"
	actionExport     = "study.export"
	actionAllocation = "study.allocation"
	actionSurface    = "siting.surface"
)

const stateOpen = "open"

// summary is a study in a list.
type summary struct {
	ID         string    `json:"id"`
	Department string    `json:"department_code"`
	SiteID     string    `json:"site_id,omitempty"`
	State      string    `json:"state"`
	Title      string    `json:"title"`
	Candidates int       `json:"candidates"`
	CreatedAt  time.Time `json:"created_at"`
	CreatedBy  string    `json:"created_by"`
	ChangedAt  time.Time `json:"changed_at"`
	ChangedBy  string    `json:"changed_by"`
	Version    int64     `json:"version"`
}

func summaryOf(d *data.Document) (summary, error) {
	study, err := stored(d)
	if err != nil {
		return summary{}, err
	}
	return summary{
		d.ID, d.Department, d.SiteID, d.State, study.Title, len(study.Candidates), d.CreatedAt, d.CreatedBy, d.ChangedAt, d.ChangedBy, d.Version,
	}, nil
}

func summaries(list []data.Document) ([]summary, error) {
	out := make([]summary, len(list))
	for i := range list {
		var err error
		if out[i], err = summaryOf(&list[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// stored reads the body of a document, which was checked when it was written.
func stored(d *data.Document) (*siting.Study, error) {
	var study siting.Study
	if err := json.Unmarshal(d.Body, &study); err != nil {
		return nil, err
	}
	return &study, nil
}

func (s *Service) list(c *gin.Context) error {
	query := web.CallOf(c).Query
	q := data.DocumentQuery{Kind: data.DocumentStudy, Department: query.Get("department")}
	if state := query.Get("state"); state != "" {
		q.States = []string{state}
	}
	var err error
	if q.Limit, err = strconv.Atoi(cmp.Or(query.Get("limit"), "100")); err != nil {
		return web.InvalidParameter("limit", query.Get("limit"), "un nombre entier est attendu.", "a whole number is expected.")
	}
	if q.Offset, err = strconv.Atoi(cmp.Or(query.Get("offset"), "0")); err != nil {
		return web.InvalidParameter("offset", query.Get("offset"), "un nombre entier est attendu.", "a whole number is expected.")
	}
	found, err := s.store.Documents(c.Request.Context(), auth.ViewerOf(c), q)
	if err != nil {
		return err
	}
	list, err := summaries(found)
	if err != nil {
		return err
	}
	return web.JSON(c, http.StatusOK, gin.H{"studies": list})
}

// find reads a study that the viewer may read.
func (s *Service) find(c *gin.Context, id string) (*data.Document, *siting.Study, error) {
	d, err := s.store.Document(c.Request.Context(), auth.ViewerOf(c), data.DocumentStudy, id)
	if err != nil {
		return nil, nil, err
	}
	study, err := stored(d)
	return d, study, err
}

// record notes in the journal that candidates of a study are about to be read, and with
// them the home that is to move.
func (s *Service) record(c *gin.Context, action string, d *data.Document, count int, more ...string) error {
	if err := s.gate.Record(c, data.AuditEntry{Action: action, Records: append([]string{d.ID}, more...), Count: count}); err != nil {
		return err
	}
	if d.SiteID == "" {
		return nil
	}
	return s.gate.RecordRead(c, []string{d.SiteID})
}

func (s *Service) get(c *gin.Context) error {
	d, study, err := s.find(c, c.Param("id"))
	if err != nil {
		return err
	}
	if wanted := web.CallOf(c).Query.Get("version"); wanted != "" && wanted != strconv.FormatInt(d.Version, 10) {
		if d, study, err = s.former(c, wanted); err != nil {
			return err
		}
	}
	if err := s.record(c, actionRead, d, len(study.Candidates)); err != nil {
		return err
	}
	return answer(c, http.StatusOK, d)
}

// former reads a version of a study that was replaced.
func (s *Service) former(c *gin.Context, version string) (*data.Document, *siting.Study, error) {
	versions, err := s.store.DocumentHistory(c.Request.Context(), auth.ViewerOf(c), data.DocumentStudy, c.Param("id"))
	if err != nil {
		return nil, nil, err
	}
	for i := range versions {
		if d := &versions[i]; strconv.FormatInt(d.Version, 10) == version {
			study, err := stored(d)
			return d, study, err
		}
	}
	return nil, nil, data.ErrNotFound
}

func answer(c *gin.Context, status int, d *data.Document) error {
	c.Header("ETag", entityTag(d.Version))
	return web.JSON(c, status, d)
}

func entityTag(version int64) string { return `"` + strconv.FormatInt(version, 10) + `"` }

func (s *Service) history(c *gin.Context) error {
	versions, err := s.store.DocumentHistory(c.Request.Context(), auth.ViewerOf(c), data.DocumentStudy, c.Param("id"))
	if err != nil {
		return err
	}
	list, err := summaries(versions)
	if err != nil {
		return err
	}
	return web.JSON(c, http.StatusOK, gin.H{"versions": list})
}

func (s *Service) create(c *gin.Context) error {
	var body struct {
		ID         string          `json:"id"`
		Department string          `json:"department_code"`
		State      string          `json:"state"`
		Body       json.RawMessage `json:"body"`
	}
	if err := web.Decode(c, &body); err != nil {
		return err
	}
	study, err := siting.Parse(body.Body)
	if err != nil {
		return inBody(err)
	}
	d := &data.Document{Kind: data.DocumentStudy, ID: cmp.Or(body.ID, s.ids()), Department: body.Department, State: cmp.Or(body.State, stateOpen)}
	return s.begin(c, d, study)
}

// begin stores a new study.
func (s *Service) begin(c *gin.Context, d *data.Document, study *siting.Study) error {
	if !auth.ViewerOf(c).MayIn(data.RightStudy, d.Department) {
		return data.ErrForbidden
	}
	if err := s.siting.Begin(auth.ViewerOf(c), study); err != nil {
		return inBody(err)
	}
	d.SiteID = study.OriginSiteID
	if err := s.put(c, d, study, actionCreate); err != nil {
		return err
	}
	c.Header("Location", web.CallOf(c).URL("/siting/studies/"+url.PathEscape(d.ID), nil))
	return answer(c, http.StatusCreated, d)
}

func (s *Service) put(c *gin.Context, d *data.Document, study *siting.Study, action string) error {
	var err error
	if d.Body, err = study.Body(); err != nil {
		return err
	}
	entry := s.gate.Entry(c, action, d.ID)
	entry.Count = len(study.Candidates)
	return s.store.PutDocument(c.Request.Context(), auth.ViewerOf(c), d, entry)
}

func (s *Service) clone(c *gin.Context) error {
	d, study, err := s.find(c, c.Param("id"))
	if err != nil {
		return err
	}
	if err := s.record(c, actionRead, d, len(study.Candidates)); err != nil {
		return err
	}
	return s.begin(c, &data.Document{Kind: data.DocumentStudy, ID: s.ids(), Department: d.Department, State: stateOpen}, study)
}

// edit finds the study that a request changes, and compares the version that was read.
// optional is for what writes nothing.
func (s *Service) edit(c *gin.Context, optional bool) (*data.Document, *siting.Study, error) {
	d, study, err := s.find(c, c.Param("id"))
	if err != nil {
		return nil, nil, err
	}
	header := strings.TrimSpace(c.GetHeader("If-Match"))
	switch {
	case header == "" && optional:
	case header == "":
		return nil, nil, web.NewProblem(web.CodePreconditionRequired,
			"Indiquez dans If-Match la version de l’étude que vous avez lue.", "Give in If-Match the version of the study that you read.")
	case header != "*" && strings.TrimPrefix(header, "W/") != entityTag(d.Version):
		return nil, nil, s.stale(c, d)
	}
	return d, study, nil
}

// stale shows the study as it stands beside the one that came too late.
func (s *Service) stale(c *gin.Context, current *data.Document) error {
	study, err := stored(current)
	if err != nil {
		return err
	}
	if err := s.record(c, actionRead, current, len(study.Candidates)); err != nil {
		return err
	}
	return &web.Problem{
		Code: web.CodePreconditionFailed, Current: current,
		Detail: data.Text{
			FR: "Rien n’a été enregistré\u00a0: l’étude a été modifiée depuis que vous l’avez lue.",
			EN: "Nothing was saved: the study was changed since you read it.",
		},
		Header: http.Header{"ETag": {entityTag(current.Version)}},
	}
}

// late is stale when a write came second, the error itself otherwise.
func (s *Service) late(c *gin.Context, err error) error {
	if !errors.Is(err, data.ErrConflict) {
		return err
	}
	current, again := s.store.Document(c.Request.Context(), auth.ViewerOf(c), data.DocumentStudy, c.Param("id"))
	if again != nil {
		return again
	}
	return s.stale(c, current)
}

func (s *Service) replace(c *gin.Context) error {
	var body struct {
		State string          `json:"state"`
		Body  json.RawMessage `json:"body"`
	}
	if err := web.Decode(c, &body); err != nil {
		return err
	}
	d, before, err := s.edit(c, false)
	if err != nil {
		return err
	}
	study, err := siting.Parse(body.Body)
	if err != nil {
		return inBody(err)
	}
	if study.OriginSiteID != before.OriginSiteID {
		if err := s.siting.Begin(auth.ViewerOf(c), study); err != nil {
			return inBody(err)
		}
	}
	d.SiteID, d.State = study.OriginSiteID, cmp.Or(body.State, d.State)
	if err := s.put(c, d, study, actionChange); err != nil {
		return s.late(c, err)
	}
	return answer(c, http.StatusOK, d)
}

func (s *Service) erase(c *gin.Context) error {
	d, _, err := s.edit(c, false)
	if err != nil {
		return err
	}
	if err := s.store.EraseDocument(c.Request.Context(), auth.ViewerOf(c), data.DocumentStudy, d.ID, d.Version, s.gate.Entry(c, actionErase, d.ID)); err != nil {
		return s.late(c, err)
	}
	c.Status(http.StatusNoContent)
	return nil
}

// inBody names the members of a study as the request does.
func inBody(err error) error {
	invalid, ok := errors.AsType[*data.InvalidError](err)
	if !ok {
		return err
	}
	out := &data.InvalidError{}
	for _, p := range invalid.Problems {
		p.Field = strings.TrimSuffix("body."+p.Field, ".")
		out.Problems = append(out.Problems, p)
	}
	return out
}
