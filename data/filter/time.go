package filter

import (
	"math"
	"time"
)

// instant is in microseconds since 1970 UTC; a date is its midnight.
type instant int64

// The ends of an open interval.
const (
	farPast   instant = math.MinInt64
	farFuture instant = math.MaxInt64
)

// parseInstant reads an RFC 3339 date or date-time.
func parseInstant(s string) (instant, bool) {
	layout := time.RFC3339Nano
	if len(s) == len(time.DateOnly) {
		layout = time.DateOnly
	}
	t, err := time.Parse(layout, s)
	return instant(t.UnixMicro()), err == nil
}

// span is a time: an interval, or an instant when both ends are the same.
type span struct{ from, to instant }

// ParseSpan reads the datetime parameter of OGC API – Features: an instant or an interval
// of RFC 3339, an open end being ".." or nothing; false when it is neither or ends before
// it begins.
func ParseSpan(s string) (Span, bool) {
	from, to, interval := cut(s)
	start, ok := end(from, farPast)
	if !interval || !ok {
		return Span{span{start, start}}, ok && !interval && from != "" && from != ".."
	}
	stop, ok := end(to, farFuture)
	return Span{span{start, stop}}, ok && start <= stop
}

func cut(s string) (from, to string, interval bool) {
	for i := range len(s) {
		if s[i] == '/' {
			return s[:i], s[i+1:], true
		}
	}
	return s, "", false
}

func end(s string, open instant) (instant, bool) {
	if s == "" || s == ".." {
		return open, true
	}
	return parseInstant(s)
}

// Span is a period asked for.
type Span struct{ span }

// Meets tells whether something that lasts from one date to another has a moment in
// common with the period. What is not an RFC 3339 date or instant is an open end.
func (s Span) Meets(from, to string) bool {
	start, ok := parseInstant(from)
	if !ok {
		start = farPast
	}
	stop, ok := parseInstant(to)
	if !ok {
		stop = farFuture
	}
	return start <= s.to && s.from <= stop
}

// temporal are the relations between two times (CQL2, 7.6; Allen 1983).
var temporal = map[string]func(a, b span) bool{
	"t_after":        func(a, b span) bool { return a.from > b.to },
	"t_before":       func(a, b span) bool { return a.to < b.from },
	"t_contains":     func(a, b span) bool { return a.from < b.from && a.to > b.to },
	"t_disjoint":     func(a, b span) bool { return a.from > b.to || a.to < b.from },
	"t_during":       func(a, b span) bool { return a.from > b.from && a.to < b.to },
	"t_equals":       func(a, b span) bool { return a == b },
	"t_finishedBy":   func(a, b span) bool { return a.from < b.from && a.to == b.to },
	"t_finishes":     func(a, b span) bool { return a.from > b.from && a.to == b.to },
	"t_intersects":   func(a, b span) bool { return a.from <= b.to && b.from <= a.to },
	"t_meets":        func(a, b span) bool { return a.to == b.from },
	"t_metBy":        func(a, b span) bool { return a.from == b.to },
	"t_overlappedBy": func(a, b span) bool { return a.from > b.from && a.from < b.to && a.to > b.to },
	"t_overlaps":     func(a, b span) bool { return a.from < b.from && a.to > b.from && a.to < b.to },
	"t_startedBy":    func(a, b span) bool { return a.from == b.from && a.to > b.to },
	"t_starts":       func(a, b span) bool { return a.from == b.from && a.to < b.to },
}
