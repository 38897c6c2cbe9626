package data

import (
	"context"
	"time"
)

// AuditEntry is one line of the journal: who did what, when, to which ids, why.
// It never holds a position.
type AuditEntry struct {
	At      time.Time `json:"at"`
	Subject string    `json:"subject"`
	Action  string    `json:"action"` // one of the Action constants
	Layer   Layer     `json:"layer,omitempty"`
	Records []string  `json:"records,omitempty"`
	Count   int       `json:"count"`
	Purpose string    `json:"purpose,omitempty"`
}

// AuditRecord is an entry in the chain.
type AuditRecord struct {
	Seq int64 `json:"seq"` // from 1, without gaps
	AuditEntry
	// Previous is the hash of the record before, all zeros for the first; Hash covers
	// Previous, Seq and the entry, so that no record can be cut, added or altered.
	Previous []byte `json:"previous"`
	Hash     []byte `json:"hash"`
}

// Checkpoint closes a segment of the journal: a signed statement of what it held,
// which outlives it.
type Checkpoint struct {
	Segment  int64     `json:"segment"` // from 1, without gaps
	First    int64     `json:"first_seq"`
	Last     int64     `json:"last_seq"`
	From     time.Time `json:"from"`     // of the first record
	To       time.Time `json:"to"`       // of the last one
	Previous []byte    `json:"previous"` // of the first record
	Hash     []byte    `json:"hash"`     // of the last one
	SignedAt time.Time `json:"signed_at"`
	// PublicKey and Signature are Ed25519, over the fields above.
	PublicKey []byte `json:"public_key"`
	Signature []byte `json:"signature"`
	// DroppedAt is set when the segment's records were deleted at the end of their retention.
	DroppedAt *time.Time `json:"dropped_at,omitempty"`
}

// AuditQuery selects records of the journal; zero fields select everything.
type AuditQuery struct {
	Subject, Action, Record, Purpose string
	From, To                         time.Time
	// Before is the sequence number below which the page starts (newest first); 0 is the end.
	Before int64
	// Limit is the largest number of records, > 0.
	Limit int
}

// Journal is the part of a store that holds the audit.
type Journal interface {
	// Audit appends an entry on its own (reads, exports, refusals). It returns once the
	// entry is durable.
	Audit(ctx context.Context, entry AuditEntry) error
	// AuditRecords lists records, newest first. ErrForbidden without RightAudit.
	AuditRecords(ctx context.Context, by Viewer, q AuditQuery) ([]AuditRecord, error)
	// EachAuditRecord calls fn with each record that is kept, oldest first.
	EachAuditRecord(ctx context.Context, by Viewer, fn func(*AuditRecord) error) error
	// Checkpoints lists the checkpoints in order. ErrForbidden without RightAudit.
	Checkpoints(ctx context.Context, by Viewer) ([]Checkpoint, error)
	// CloseSegment records a checkpoint of every record since the last one; sign gets it
	// complete but for PublicKey and Signature. It returns nil when there is no record.
	CloseSegment(ctx context.Context, at time.Time, sign func(*Checkpoint) error) (*Checkpoint, error)
	// DropSegments deletes the records of whole segments whose last record is older than
	// before, with its own audit entry; their checkpoints stay.
	DropSegments(ctx context.Context, by Viewer, before time.Time, entry AuditEntry) (int, error)
}
