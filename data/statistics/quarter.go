package statistics

import (
	"fmt"
	"strconv"
	"time"

	"vigie/data"
)

// quarter is a quarter of a year.
type quarter struct{ year, number int }

// LastQuarter names the last quarter that was over at a time: "2026-Q3".
func LastQuarter(now time.Time) string {
	q := quarter{now.Year(), (int(now.Month()) + 2) / 3}
	return q.before().String()
}

func (q quarter) before() quarter {
	if q.number == 1 {
		return quarter{q.year - 1, 4}
	}
	return quarter{q.year, q.number - 1}
}

func (q quarter) String() string { return fmt.Sprintf("%04d-Q%d", q.year, q.number) }

// last is the quarter's last day.
func (q quarter) last() time.Time {
	return time.Date(q.year, time.Month(3*q.number+1), 0, 0, 0, 0, 0, time.UTC)
}

// parseQuarter reads "2026-Q3"; a *data.InvalidError otherwise, or when it is not over.
func parseQuarter(s string, now time.Time) (quarter, error) {
	wrong := func(fr, en string) (quarter, error) { return quarter{}, invalid("quarter", s, fr, en) }
	if len(s) != 7 || s[4:6] != "-Q" || s[6] < '1' || s[6] > '4' {
		return wrong("un trimestre est attendu, par exemple 2026-Q3.", "a quarter is expected, for instance 2026-Q3.")
	}
	year, err := strconv.Atoi(s[:4])
	if err != nil || year < 2000 {
		return wrong("l’année du trimestre n’est pas lisible.", "the year of the quarter is not readable.")
	}
	q := quarter{year, int(s[6] - '0')}
	if !now.After(q.last().AddDate(0, 0, 1)) {
		return wrong("ce trimestre n’est pas fini.", "this quarter is not over.")
	}
	return q, nil
}

func invalid(field, value, fr, en string) error {
	return &data.InvalidError{Problems: []data.Problem{{
		Severity: data.SeverityError, Code: "invalid-" + field, Field: field, Value: data.Clip(value), Message: data.Text{FR: fr, EN: en},
	}}}
}
