package data

import "errors"

// Errors that callers tell apart. The api maps them to problem documents; details
// that are not for users are only logged.
var (
	// ErrNotFound: the record does not exist, or this viewer may not know that it does.
	ErrNotFound = errors.New("not found")
	// ErrConflict: the record changed since it was read, or a later change stands in the way.
	ErrConflict = errors.New("conflict")
	// ErrForbidden: the viewer may know of it but may not do this.
	ErrForbidden = errors.New("forbidden")
	// ErrStoreBusy: another process holds the store; nothing was changed, a later try may pass.
	ErrStoreBusy = errors.New("another process holds the database")
	// ErrBrokenJournal: records of the journal were altered, cut or reordered.
	ErrBrokenJournal = errors.New("the journal is broken")
	// ErrStoreFull: the store has no room left on its disk; nothing was changed.
	ErrStoreFull = errors.New("the disk of the database is full")
)

// InvalidError lists what is wrong with a record given by a user.
type InvalidError struct {
	Problems []Problem
}

// Error gives the first problem.
func (e *InvalidError) Error() string {
	if len(e.Problems) == 0 {
		return "invalid"
	}
	return e.Problems[0].Field + ": " + e.Problems[0].Message.EN
}
