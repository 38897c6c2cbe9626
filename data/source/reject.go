package source

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"vigie/data"
)

// Codes of the problems that the shared parts of data/source give. They are stable.
const (
	CodeEmptyFile         = "empty-file"
	CodeUnreadable        = "unreadable-file"
	CodeTooLarge          = "too-large"
	CodeDecompressionBomb = "decompression-bomb"
	CodeCorruptArchive    = "corrupt-archive"
	CodeUnsafeMember      = "unsafe-member"
	CodeTooManyMembers    = "too-many-members"
	CodeEncrypted         = "encrypted-archive"
	CodeNestedArchive     = "nested-archive"
	CodeMembersIgnored    = "members-ignored"
	CodeUnrecognised      = "unrecognised-format"
	CodeTruncated         = "truncated"
	CodeSyntax            = "syntax"
)

// Quote puts a value between French quotation marks, with their no-break spaces.
func Quote(s string) string { return "« " + data.Clip(s) + " »" }

// QuoteEN puts a value between English quotation marks.
func QuoteEN(s string) string { return "“" + data.Clip(s) + "”" }

// Reject makes the error of a file that can't be imported at all.
func Reject(at Location, code, fr, en string) *data.RejectedError {
	return &data.RejectedError{Problem: data.Problem{
		Severity: data.SeverityError, Code: code,
		File: at.File, Line: at.Line, Column: at.Column,
		Message: data.Text{FR: fr, EN: en},
	}}
}

// Rejected finds the *data.RejectedError that err is or wraps.
func Rejected(err error) (*data.RejectedError, bool) {
	var r *data.RejectedError
	ok := errors.As(err, &r)
	return r, ok
}

// readFailure turns what a reader gave into a located rejection; an existing one stays as it is.
func readFailure(at Location, err error) error {
	if r, ok := Rejected(err); ok {
		return r
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return Reject(at, CodeTruncated,
			"le fichier est tronqué : sa fin manque. Téléchargez-le à nouveau.",
			"the file is truncated: its end is missing. Download it again.")
	}
	return Reject(at, CodeUnreadable,
		fmt.Sprintf("lecture impossible : %v", err),
		fmt.Sprintf("can’t be read: %v", err))
}

// humanBytes writes a size with a binary unit, in French and English.
func humanBytes(n int64) (fr, en string) {
	units := []struct{ fr, en string }{{"o", "B"}, {"Kio", "KiB"}, {"Mio", "MiB"}, {"Gio", "GiB"}, {"Tio", "TiB"}}
	f, i := float64(n), 0
	for f >= 1024 && i < len(units)-1 {
		f /= 1024
		i++
	}
	s := fmt.Sprintf("%.4g", f)
	return strings.ReplaceAll(s, ".", ",") + " " + units[i].fr, s + " " + units[i].en
}
