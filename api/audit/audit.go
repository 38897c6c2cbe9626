// Package audit shows the journal to whoever may read it: its records, whether they are
// whole, and who read many homes in a short time. Looking at the journal is written in it.
package audit

import (
	"context"
	"crypto/ed25519"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/gin-gonic/gin"

	"vigie/api/auth"
	"vigie/api/web"
	"vigie/data"
	"vigie/data/audit"
)

// Limits of a page of records.
const (
	defaultLimit = 100
	maxLimit     = 1000
	// maxAlerts bounds the alerts beside a page, the newest first.
	maxAlerts = 100
)

// Actions of the journal about itself.
const (
	ActionRead   = "journal.read"
	ActionVerify = "journal.verify"
)

// Pins are what the journal is compared with that is kept outside the database.
type Pins struct {
	// Key verifies the signatures; without one, those that the checkpoints name are taken.
	Key ed25519.PublicKey
	// HeadPath is the file in which the end of the journal was noted; it need not exist.
	HeadPath string
}

// Verify verifies the whole journal of a store.
func (p Pins) Verify(ctx context.Context, journal data.Journal, by data.Viewer) (*audit.Report, error) {
	noted, err := audit.ReadHead(p.HeadPath)
	if err != nil {
		return nil, err
	}
	return audit.Verify(ctx, journal, by, p.Key, noted)
}

// Service answers for the journal.
type Service struct {
	journal data.Journal
	pins    Pins
	gate    *auth.Gate
}

// New makes the service.
func New(journal data.Journal, pins Pins, gate *auth.Gate) *Service {
	return &Service{journal: journal, pins: pins, gate: gate}
}

// Routes are the service's rows of the route table.
func (s *Service) Routes() []web.Route {
	access := web.Needs(data.RightAudit)
	object := web.Inline(openapi3.NewObjectSchema())
	return []web.Route{
		{Method: http.MethodGet, Path: "/audit", Access: access, Handler: s.list, Operation: func(tr web.Tr) *openapi3.Operation {
			text := func(name, fr, en string) *openapi3.ParameterRef {
				return web.Own(web.Query(name, tr(fr, en), openapi3.NewStringSchema().WithMaxLength(300)))
			}
			instant := func(name, fr, en string) *openapi3.ParameterRef {
				return web.Own(web.Query(name, tr(fr, en), web.Pattern(`^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$`,
					"un instant (2026-11-24T08:30:00Z)", "an instant (2026-11-24T08:30:00Z)")))
			}
			number := func(name, fr, en string, schema *openapi3.Schema) *openapi3.ParameterRef {
				return web.Own(web.Query(name, tr(fr, en), schema.WithMin(1)))
			}
			op := web.Op("getAudit", "audit", tr("Le journal, du plus récent au plus ancien", "The journal, newest first"),
				text("subject", "Qui", "Who"), text("action", "Action", "Action"),
				text("record", "Identifiant d’un foyer ou d’une autre fiche", "Identifier of a home or another record"), text("purpose", "Motif", "Purpose"),
				instant("from", "Premier instant, compris", "First instant, included"), instant("to", "Dernier instant, non compris", "Last instant, not included"),
				number("before", "Numéro au-dessous duquel la page commence", "Number below which the page starts", openapi3.NewInt64Schema()),
				number("limit", "Nombre d’enregistrements", "Number of records", openapi3.NewIntegerSchema().WithMax(maxLimit).WithDefault(defaultLimit)))
			return web.Answers(op, 200, tr("Enregistrements, numéro où continuer, et alertes de lecture en masse de la même période", "Records, number to go on from, and alerts of bulk reads of the same time"), web.TypeJSON, object)
		}},
		{Method: http.MethodGet, Path: "/audit/verification", Access: access, Handler: s.verify, Timeout: 2 * time.Minute, Operation: func(tr web.Tr) *openapi3.Operation {
			op := web.Op("verifyAudit", "audit", tr("Vérifier tout le journal", "Verify the whole journal"))
			return web.Answers(op, 200, tr("Ce que la vérification montre", "What the verification shows"), web.TypeJSON, object)
		}},
		{Method: http.MethodGet, Path: "/audit/checkpoints", Access: access, Handler: s.checkpoints, Operation: func(tr web.Tr) *openapi3.Operation {
			op := web.Op("getAuditCheckpoints", "audit", tr("Les points de contrôle signés", "The signed checkpoints"))
			return web.Answers(op, 200, tr("Points de contrôle", "Checkpoints"), web.TypeJSON, object)
		}},
	}
}

func (s *Service) list(c *gin.Context) error {
	q, err := query(web.CallOf(c).Query)
	if err != nil {
		return err
	}
	ctx, by := c.Request.Context(), auth.ViewerOf(c)
	limit := q.Limit
	q.Limit++ // one more tells whether the page has a next one
	records, err := s.journal.AuditRecords(ctx, by, q)
	if err != nil {
		return err
	}
	var next *int64
	if len(records) > limit {
		records = records[:limit]
		next = &records[limit-1].Seq
	}
	alerts, err := s.alerts(ctx, by, q)
	if err != nil {
		return err
	}
	if err := s.gate.Record(c, data.AuditEntry{Action: ActionRead, Count: len(records)}); err != nil {
		return err
	}
	if records == nil {
		records = []data.AuditRecord{}
	}
	return web.JSON(c, http.StatusOK, gin.H{"records": records, "next": next, "alerts": alerts})
}

func (s *Service) alerts(ctx context.Context, by data.Viewer, q data.AuditQuery) ([]audit.Alert, error) {
	records, err := s.journal.AuditRecords(ctx, by, data.AuditQuery{
		Action: data.ActionBulkRead, Subject: q.Subject, From: q.From, To: q.To, Limit: maxAlerts,
	})
	alerts := []audit.Alert{}
	for i := range records {
		if a, ok := audit.AlertOf(&records[i]); ok {
			alerts = append(alerts, a)
		}
	}
	return alerts, err
}

// query reads the validated parameters.
func query(values url.Values) (data.AuditQuery, error) {
	q := data.AuditQuery{
		Subject: values.Get("subject"), Action: values.Get("action"), Record: values.Get("record"), Purpose: values.Get("purpose"),
		Limit: defaultLimit,
	}
	for name, at := range map[string]*time.Time{"from": &q.From, "to": &q.To} {
		if v := values.Get(name); v != "" {
			parsed, err := time.Parse(time.RFC3339, v)
			if err != nil {
				return q, web.InvalidParameter(name, v, "un instant est attendu (2026-11-24T08:30:00Z).", "an instant is expected (2026-11-24T08:30:00Z).")
			}
			*at = parsed
		}
	}
	if v := values.Get("before"); v != "" {
		n, err := strconv.ParseInt(v, 10, 64)
		if err != nil {
			return q, web.InvalidParameter("before", v, "un nombre entier est attendu.", "a whole number is expected.")
		}
		q.Before = n
	}
	if v := values.Get("limit"); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil {
			return q, web.InvalidParameter("limit", v, "un nombre entier est attendu.", "a whole number is expected.")
		}
		q.Limit = n
	}
	return q, nil
}

func (s *Service) verify(c *gin.Context) error {
	report, err := s.pins.Verify(c.Request.Context(), s.journal, auth.ViewerOf(c))
	if err != nil {
		return err
	}
	if err := s.gate.Record(c, data.AuditEntry{Action: ActionVerify, Count: int(report.Records)}); err != nil {
		return err
	}
	return web.JSON(c, http.StatusOK, struct {
		OK bool `json:"ok"`
		*audit.Report
	}{report.OK(), report})
}

func (s *Service) checkpoints(c *gin.Context) error {
	checkpoints, err := s.journal.Checkpoints(c.Request.Context(), auth.ViewerOf(c))
	if err != nil {
		return err
	}
	if checkpoints == nil {
		checkpoints = []data.Checkpoint{}
	}
	return web.JSON(c, http.StatusOK, gin.H{"checkpoints": checkpoints})
}
