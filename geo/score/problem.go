package score

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Problem is one located finding about a profile.
type Problem struct {
	// Line and Column are 1-based, columns in characters; 0 when the profile was not
	// read from a document.
	Line   int `json:"line,omitempty"`
	Column int `json:"column,omitempty"`
	// Path is a JSON Pointer (RFC 6901): "/entries/3/weight".
	Path string `json:"path"`
	// Value is the offending value, shortened.
	Value string `json:"value,omitempty"`
	// Message says what was found and what is expected.
	Message Text `json:"message"`
}

// InvalidProfileError lists all that is wrong with a profile, in document order.
type InvalidProfileError struct {
	Problems []Problem
}

// Error gives every problem in English, one a line, as "line:column path: message".
func (e *InvalidProfileError) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		where := p.Path
		if p.Line > 0 {
			where = strings.TrimSpace(fmt.Sprintf("%d:%d %s", p.Line, p.Column, p.Path))
		}
		lines[i] = where + ": " + p.Message.EN
	}
	return strings.Join(lines, "\n")
}

const maxProblemValue = 80

func clip(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "�"))
	if utf8.RuneCountInString(s) <= maxProblemValue {
		return s
	}
	return string([]rune(s)[:maxProblemValue-1]) + "…"
}
