package audit

import (
	"fmt"
	"strconv"
	"time"

	"vigie/data"
)

// Retention is how long records are kept, in months (CNIL's recommendation 2021-122: 6
// to 12 months, up to 3 years for a justified internal control).
type Retention int

// Bounds of a retention, and what it is when nothing is set.
const (
	MinRetention     Retention = 6
	MaxRetention     Retention = 36
	DefaultRetention Retention = 12
)

// Validate is a *data.InvalidError unless the retention is within its bounds.
func (r Retention) Validate() error {
	if r >= MinRetention && r <= MaxRetention {
		return nil
	}
	return &data.InvalidError{Problems: []data.Problem{{
		Severity: data.SeverityError, Code: "invalid-retention", Field: "retention", Value: strconv.Itoa(int(r)),
		Message: data.Text{
			FR: fmt.Sprintf("Le journal se conserve de %d à %d mois.", MinRetention, MaxRetention),
			EN: fmt.Sprintf("The journal is kept for %d to %d months.", MinRetention, MaxRetention),
		},
	}}}
}

// Before is the time before which records are dropped. Where the earlier month is
// shorter, it is its last day.
func (r Retention) Before(now time.Time) time.Time {
	now = now.UTC()
	before := now.AddDate(0, -int(r), 0)
	if before.Day() != now.Day() {
		before = before.AddDate(0, 0, -before.Day())
	}
	return before
}
