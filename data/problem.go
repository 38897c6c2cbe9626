package data

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Severity tells what a problem did to the record it is about.
type Severity string

// Severities, from worst to mildest.
const (
	SeverityError   Severity = "error"   // the record (or the file) was rejected
	SeverityWarning Severity = "warning" // the record was kept, altered or in doubt
	SeverityInfo    Severity = "info"    // worth knowing, nothing was changed
)

// maxProblemValue bounds how much of an offending value is repeated to the user, in runes.
const maxProblemValue = 80

// Problem is one located finding of an importer. It is data, not an error:
// importers go on after a problem, and the user gets all of them.
type Problem struct {
	Severity Severity `json:"severity"`
	// Code is stable and machine-readable, in kebab-case: "self-crossing", "swapped-coordinates".
	Code string `json:"code"`
	// File is the name of the file, with the member's name after "!" inside an archive.
	File string `json:"file,omitempty"`
	// Line is 1-based; for binary formats it is the 1-based record number.
	Line int `json:"line,omitempty"`
	// Column is the 1-based field number (CSV) or byte column (JSON).
	Column int `json:"column,omitempty"`
	// Record is the identifier of the record, when it could be read.
	Record string `json:"record,omitempty"`
	// Field is the name of the field as the file spells it.
	Field string `json:"field,omitempty"`
	// Value is the offending value, shortened to 80 characters.
	Value string `json:"value,omitempty"`
	// Message says what was found, what was expected and what was done.
	Message Text `json:"message"`
}

// Clip shortens a value for Problem.Value: at most 80 runes, control characters replaced.
func Clip(s string) string {
	s = strings.ToValidUTF8(s, "�")
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s)
	if utf8.RuneCountInString(s) <= maxProblemValue {
		return s
	}
	return string([]rune(s)[:maxProblemValue-1]) + "…"
}

// Location renders "file:line:column (record)" with the parts that are known.
func (p Problem) Location() string {
	var b strings.Builder
	b.WriteString(p.File)
	if p.Line > 0 {
		b.WriteByte(':')
		b.WriteString(strconv.Itoa(p.Line))
		if p.Column > 0 {
			b.WriteByte(':')
			b.WriteString(strconv.Itoa(p.Column))
		}
	}
	if p.Record != "" {
		b.WriteString(" (" + p.Record + ")")
	}
	return b.String()
}

// RejectedError is returned by an import that fails as a whole; the store is unchanged.
type RejectedError struct {
	Problem Problem
}

// Error gives the location and the English message.
func (e *RejectedError) Error() string { return e.Problem.Location() + ": " + e.Problem.Message.EN }
