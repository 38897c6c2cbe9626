package audit

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"vigie/data"
)

// Limits are how many distinct homes a person may read exactly before an alert is raised.
// Nobody is stopped: an inspector who prepares a visit is not a thief, but is asked.
type Limits struct {
	Hour int // within 60 minutes
	Day  int // within 24 hours
}

// DefaultLimits hold when nothing is set.
var DefaultLimits = Limits{Hour: 100, Day: 300}

// Validate is a *data.InvalidError unless both limits are at least 1.
func (l Limits) Validate() error {
	for field, n := range map[string]int{"hour": l.Hour, "day": l.Day} {
		if n < 1 {
			return &data.InvalidError{Problems: []data.Problem{{
				Severity: data.SeverityError, Code: "invalid-limit", Field: field, Value: strconv.Itoa(n),
				Message: data.Text{FR: "La limite de lecture est d’au moins un foyer.", EN: "The limit of reads is at least one home."},
			}}}
		}
	}
	return nil
}

// Alert says that a person read many homes exactly in a short time.
type Alert struct {
	Subject string    `json:"subject"`
	From    time.Time `json:"from"`
	To      time.Time `json:"to"`
	// Sites is how many distinct homes, when the limit was passed.
	Sites int `json:"sites"`
}

// window is a time in which reads are counted.
type window struct {
	name   string // the purpose of the entry
	length time.Duration
	limit  func(Limits) int
}

var windows = []window{
	{"hour", time.Hour, func(l Limits) int { return l.Hour }},
	{"day", longest, func(l Limits) int { return l.Day }},
}

// longest is the longest window.
const longest = 24 * time.Hour

// Message says what was seen, for users.
func (a Alert) Message() data.Text {
	return data.Text{
		FR: fmt.Sprintf("%s a lu exactement %d foyers différents du %s au %s.", a.Subject, a.Sites, day(a.From), day(a.To)),
		EN: fmt.Sprintf("%s read %d different homes exactly from %s to %s.", a.Subject, a.Sites, day(a.From), day(a.To)),
	}
}

// entry is the alert as the journal has it: the time that it spans is told by the purpose.
func (a Alert) entry() data.AuditEntry {
	e := data.AuditEntry{At: a.To, Subject: a.Subject, Action: data.ActionBulkRead, Layer: data.LayerSites, Count: a.Sites}
	for _, w := range windows {
		if a.To.Sub(a.From) == w.length {
			e.Purpose = w.name
		}
	}
	return e
}

// AlertOf reads an alert from its record; ok is false for other records.
func AlertOf(r *data.AuditRecord) (a Alert, ok bool) {
	i := slices.IndexFunc(windows, func(w window) bool { return w.name == r.Purpose })
	if r.Action != data.ActionBulkRead || i < 0 {
		return Alert{}, false
	}
	return Alert{Subject: r.Subject, From: r.At.Add(-windows[i].length), To: r.At, Sites: r.Count}, true
}

// detector counts distinct homes by person over sliding windows.
type detector struct {
	limits  Limits
	readers map[string]*reader
}

// reader is what one person did within the longest window.
type reader struct {
	reads  map[string]time.Time // the last read of each home
	alerts map[time.Duration]time.Time
}

func newDetector(l Limits) *detector { return &detector{limits: l, readers: map[string]*reader{}} }

func (d *detector) reader(subject string) *reader {
	p := d.readers[subject]
	if p == nil {
		p = &reader{reads: map[string]time.Time{}, alerts: map[time.Duration]time.Time{}}
		d.readers[subject] = p
	}
	return p
}

// see takes a record in and gives the alerts that it calls for. One alert stands for a
// whole window: the next is raised when as much time has passed.
func (d *detector) see(r *data.AuditRecord) (alerts []Alert) {
	if r.Layer != data.LayerSites || r.Action != data.ActionRead && r.Action != data.ActionExport && r.Action != data.ActionExplain {
		return nil
	}
	p := d.reader(r.Subject)
	for _, id := range r.Records {
		if !strings.HasPrefix(id, data.MarkPrefix) {
			p.reads[id] = r.At
		}
	}
	for _, w := range windows {
		since := r.At.Add(-w.length)
		sites := 0
		for id, at := range p.reads {
			switch {
			case at.After(since):
				sites++
			case w.length == longest:
				delete(p.reads, id)
			}
		}
		if sites > w.limit(d.limits) && !p.alerts[w.length].After(since) {
			alerts = append(alerts, Alert{Subject: r.Subject, From: since, To: r.At, Sites: sites})
		}
	}
	return alerts
}

// raised notes that an alert stands in the journal.
func (d *detector) raised(a Alert) { d.reader(a.Subject).alerts[a.To.Sub(a.From)] = a.To }
