// Package auth decides who is asking: it is the only part of the HTTP interface
// that makes a data.Viewer, and it keeps the journal of what was read exactly.
//
// Until accounts exist, whoever reaches the loopback listener is the operator of
// this machine, who sees and does everything.
package auth

import (
	"context"
	"fmt"

	"github.com/gin-gonic/gin"

	"vigie/data"
)

// OperatorSubject names the loopback operator in the journal.
const OperatorSubject = "operator"

const viewerKey = "vigie.viewer"

// Journal appends to the audit.
type Journal interface {
	Audit(ctx context.Context, entry data.AuditEntry) error
}

// Gate identifies viewers and records what they read.
type Gate struct {
	viewer  data.Viewer
	journal Journal
	clock   data.Clock
}

// NewLoopback makes the Gate of a server that only this machine reaches.
func NewLoopback(journal Journal, clock data.Clock) *Gate {
	return &Gate{
		viewer: data.NewViewer(data.ViewerSpec{
			Subject: OperatorSubject, Precision: data.ViewExact, Restricted: true, Writes: true,
		}),
		journal: journal, clock: clock,
	}
}

// Identify is the middleware that gives the request its Viewer.
func (g *Gate) Identify(c *gin.Context) { c.Set(viewerKey, g.viewer) }

// ViewerOf is who asks. A request that went past Identify has the zero Viewer,
// which sees no site.
func ViewerOf(c *gin.Context) data.Viewer {
	v, _ := c.Get(viewerKey)
	viewer, _ := v.(data.Viewer)
	return viewer
}

// RequireWrites refuses a viewer that may not change data, with data.ErrForbidden.
func RequireWrites(c *gin.Context) error {
	if !ViewerOf(c).MayWrite() {
		return data.ErrForbidden
	}
	return nil
}

// Actions of the journal that this package records.
const (
	ActionRead   = "read"
	ActionAssess = "assess"
)

// RecordRead notes in the journal that the viewer is about to read these sites
// exactly. It is called before the first byte leaves: when the journal can't be
// written, the read does not happen. Reads of nothing, and of what is not exact,
// are not recorded.
func (g *Gate) RecordRead(c *gin.Context, ids []string) error {
	v := ViewerOf(c)
	if len(ids) == 0 || v.Precision() != data.ViewExact {
		return nil
	}
	return g.record(c, data.AuditEntry{Action: ActionRead, Layer: data.LayerSites, Records: ids, Count: len(ids)})
}

// RecordAssess notes that the viewer measures count points. Where they are is
// not kept: a candidate's position is as secret as a home's.
func (g *Gate) RecordAssess(c *gin.Context, count int) error {
	return g.record(c, data.AuditEntry{Action: ActionAssess, Count: count})
}

func (g *Gate) record(c *gin.Context, entry data.AuditEntry) error {
	v := ViewerOf(c)
	entry.At, entry.Subject, entry.Purpose = g.clock(), v.Subject(), v.Purpose()
	if err := g.journal.Audit(c.Request.Context(), entry); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	return nil
}
