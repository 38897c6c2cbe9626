package data

// MaxConflictRecords bounds how many records a ConflictError names.
const MaxConflictRecords = 10

// ConflictError is an ErrConflict that names what stands in the way.
type ConflictError struct {
	// Records are identifiers of the first records concerned, at most MaxConflictRecords.
	Records []string
	// Total counts all the records concerned.
	Total int
	// Message says what happened, for users, and repeats Records.
	Message Text
}

// Error gives the English message.
func (e *ConflictError) Error() string { return ErrConflict.Error() + ": " + e.Message.EN }

// Unwrap makes errors.Is(err, ErrConflict) true.
func (e *ConflictError) Unwrap() error { return ErrConflict }
