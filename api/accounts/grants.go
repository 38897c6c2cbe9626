package accounts

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"vigie/api/auth"
	"vigie/api/web"
	"vigie/data"
	"vigie/data/freetext"
)

// grantView is a grant as the page shows it.
type grantView struct {
	*data.Grant
	Mine      bool `json:"mine"`
	Decidable bool `json:"decidable"`
}

func viewOf(g *data.Grant, by data.Viewer) grantView {
	return grantView{Grant: g, Mine: g.Mine(by), Decidable: g.Decidable(by)}
}

// userID is the account of who asks, "" for the operator, who has none.
func userID(c *gin.Context) string {
	if u := auth.UserOf(c); u != nil {
		return u.ID
	}
	return ""
}

func (s *Service) listGrants(c *gin.Context) error {
	by := auth.ViewerOf(c)
	grants, err := s.grants.Grants(c.Request.Context(), by, userID(c))
	if err != nil {
		return err
	}
	views := make([]grantView, len(grants))
	for i := range grants {
		views[i] = viewOf(&grants[i], by)
	}
	return web.JSON(c, http.StatusOK, gin.H{"grants": views})
}

func (s *Service) request(c *gin.Context) error {
	var body struct {
		Kind      data.GrantKind `json:"kind"`
		Scope     data.Scope     `json:"scope"`
		Purpose   string         `json:"purpose"`
		Confirmed bool           `json:"confirmed"` // no person is named
	}
	if err := web.Decode(c, &body); err != nil {
		return err
	}
	if err := freetext.Check("purpose", body.Purpose, body.Confirmed); err != nil {
		return err
	}
	by, entry := auth.ViewerOf(c), s.gate.Entry(c, data.ActionGrantRequested)
	g, err := data.RequestGrant(by, s.ids(), userID(c), body.Kind, body.Scope, body.Purpose, entry.At)
	if err != nil {
		return s.refused(c, err)
	}
	entry.Records, entry.Count = []string{g.ID}, 1
	if err := s.grants.PutGrant(c.Request.Context(), g, entry); err != nil {
		return err
	}
	c.Header("Location", web.CallOf(c).URL("/grants/"+url.PathEscape(g.ID), nil))
	return web.JSON(c, http.StatusCreated, viewOf(g, by))
}

func (s *Service) decide(c *gin.Context) error {
	var body struct {
		Approve   bool   `json:"approve"`
		Reason    string `json:"reason"`
		Days      int    `json:"days"`
		Confirmed bool   `json:"confirmed"` // no person is named
	}
	if err := web.Decode(c, &body); err != nil {
		return err
	}
	if err := freetext.Check("reason", body.Reason, body.Confirmed); err != nil {
		return err
	}
	return s.act(c, func(g *data.Grant, by data.Viewer, entry *data.AuditEntry) error {
		if body.Approve {
			entry.Action = data.ActionGrantApproved
			return g.Approve(by, body.Reason, body.Days, entry.At)
		}
		entry.Action = data.ActionGrantRefused
		return g.Refuse(by, body.Reason, entry.At)
	})
}

func (s *Service) end(c *gin.Context) error {
	return s.act(c, func(g *data.Grant, by data.Viewer, entry *data.AuditEntry) (err error) {
		entry.Action, err = g.End(by)
		return err
	})
}

// act changes one grant that the viewer may know of, and answers it.
func (s *Service) act(c *gin.Context, change func(g *data.Grant, by data.Viewer, entry *data.AuditEntry) error) error {
	by := auth.ViewerOf(c)
	g, err := s.grants.Grant(c.Request.Context(), c.Param("id"))
	if err != nil {
		return err
	}
	if !g.Mine(by) && !g.Overseen(by) {
		return data.ErrNotFound
	}
	entry := s.gate.Entry(c, "", g.ID)
	if err := change(g, by, &entry); err != nil {
		return s.refused(c, err, g.ID)
	}
	if err := s.grants.PutGrant(c.Request.Context(), g, entry); err != nil {
		return err
	}
	return web.JSON(c, http.StatusOK, viewOf(g, by))
}

// refused notes in the journal that someone asked for what it may not have.
func (s *Service) refused(c *gin.Context, err error, records ...string) error {
	if !errors.Is(err, data.ErrForbidden) {
		return err
	}
	return errors.Join(err, s.gate.Record(c, s.gate.Entry(c, auth.ActionRefused, records...)))
}
