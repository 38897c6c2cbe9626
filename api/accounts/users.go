package accounts

import (
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
)

// fields is what may be set of an account.
type fields struct {
	Login       string            `json:"login"`
	Name        string            `json:"name"`
	Email       string            `json:"email"`
	Issuer      *string           `json:"issuer"` // absent: as it is
	Assignments []data.Assignment `json:"assignments"`
	Disabled    bool              `json:"disabled"`
}

// onto is the account with these fields.
func (f fields) onto(u data.User) data.User {
	u.Login, u.Name, u.Email = strings.TrimSpace(f.Login), strings.TrimSpace(f.Name), strings.TrimSpace(f.Email)
	if f.Issuer != nil {
		u.Issuer = strings.TrimSpace(*f.Issuer)
	}
	u.Assignments, u.Disabled = f.Assignments, f.Disabled
	return u
}

// recovery is a single-use secret, shown once.
type recovery struct {
	Secret  string    `json:"secret"`
	Expires time.Time `json:"expires_at"`
}

func (s *Service) list(c *gin.Context) error {
	users, err := s.manager.List(c.Request.Context(), auth.ViewerOf(c))
	if err != nil {
		return err
	}
	return web.JSON(c, http.StatusOK, gin.H{"users": users})
}

func (s *Service) managed(c *gin.Context) (*data.User, error) {
	return s.manager.Get(c.Request.Context(), auth.ViewerOf(c), c.Param("id"))
}

func (s *Service) get(c *gin.Context) error {
	u, err := s.managed(c)
	if err != nil {
		return err
	}
	return answer(c, http.StatusOK, u.Version, u)
}

func answer(c *gin.Context, status int, version int64, v any) error {
	c.Header("ETag", entityTag(version))
	return web.JSON(c, status, v)
}

func entityTag(version int64) string { return `"` + strconv.FormatInt(version, 10) + `"` }

func (s *Service) add(c *gin.Context) error {
	var body fields
	if err := web.Decode(c, &body); err != nil {
		return err
	}
	ctx, by, entry := c.Request.Context(), auth.ViewerOf(c), s.gate.Entry(c, "")
	u, err := s.manager.Add(ctx, by, body.onto(data.User{}), entry)
	if err != nil {
		return err
	}
	added := gin.H{"user": u}
	if !u.Disabled {
		secret, expires, err := s.manager.Recover(ctx, by, u, entry)
		if err != nil {
			return err
		}
		added["recovery"] = recovery{secret, expires}
	}
	c.Header("Location", web.CallOf(c).URL("/users/"+url.PathEscape(u.ID), nil))
	return answer(c, http.StatusCreated, u.Version, added)
}

func (s *Service) change(c *gin.Context) error {
	var body fields
	if err := web.Decode(c, &body); err != nil {
		return err
	}
	u, err := s.managed(c)
	if err != nil {
		return err
	}
	switch header := strings.TrimSpace(c.GetHeader("If-Match")); {
	case header == "":
		return web.NewProblem(web.CodePreconditionRequired,
			"Indiquez dans If-Match la version du compte que vous avez lue.",
			"Give in If-Match the version of the account that you read.")
	case header != "*" && strings.TrimPrefix(header, "W/") != entityTag(u.Version):
		return stale(u)
	}
	changed, err := s.manager.Change(c.Request.Context(), auth.ViewerOf(c), u, body.onto(*u), s.gate.Entry(c, ""))
	if errors.Is(err, data.ErrConflict) {
		// Another change may have come between our look and the write.
		if again, e := s.managed(c); e == nil && again.Version != u.Version {
			return stale(again)
		}
	}
	if err != nil {
		return err
	}
	return answer(c, http.StatusOK, changed.Version, changed)
}

func stale(current *data.User) error {
	return &web.Problem{
		Code: web.CodePreconditionFailed, Current: current,
		Detail: data.Text{
			FR: "Rien n’a été enregistré\u00a0: le compte a été modifié depuis que vous l’avez lu.",
			EN: "Nothing was saved: the account was changed since you read it.",
		},
		Header: http.Header{"ETag": {entityTag(current.Version)}},
	}
}

func (s *Service) erase(c *gin.Context) error {
	u, err := s.managed(c)
	if err != nil {
		return err
	}
	if err := s.manager.Erase(c.Request.Context(), auth.ViewerOf(c), u, s.gate.Entry(c, "")); err != nil {
		return err
	}
	c.Status(http.StatusNoContent)
	return nil
}

func (s *Service) recover(c *gin.Context) error {
	u, err := s.managed(c)
	if err != nil {
		return err
	}
	secret, expires, err := s.manager.Recover(c.Request.Context(), auth.ViewerOf(c), u, s.gate.Entry(c, ""))
	if err != nil {
		return err
	}
	return web.JSON(c, http.StatusCreated, recovery{secret, expires})
}

func (s *Service) endSessions(c *gin.Context) error {
	u, err := s.managed(c)
	if err != nil {
		return err
	}
	if err := s.gate.Record(c, s.gate.Entry(c, auth.ActionSessionsDropped, u.ID)); err != nil {
		return err
	}
	ctx := c.Request.Context()
	if err := s.manager.accounts.DropTokens(ctx, u.ID, s.gate.Entry(c, auth.ActionTokenDropped, u.ID)); err != nil {
		return err
	}
	if err := s.manager.accounts.DropSessions(ctx, u.ID, nil); err != nil {
		return err
	}
	c.Status(http.StatusNoContent)
	return nil
}

// role is what a role gives, for user interfaces.
type role struct {
	ID        data.Role `json:"id"`
	Label     data.Text `json:"label"`
	Precision string    `json:"precision"`
	Rights    []string  `json:"rights"`
}

func (s *Service) roles(c *gin.Context) error {
	roles := make([]role, len(data.Roles))
	for i, r := range data.Roles {
		v := auth.RoleViewer(r)
		roles[i] = role{r, r.Label(), auth.PrecisionWord(v.Precision()), auth.RightWords(v.Has())}
	}
	return web.JSON(c, http.StatusOK, gin.H{"roles": roles})
}
