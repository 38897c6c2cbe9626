package data

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"time"
)

// Actions that more than one package must recognise; others are named where they happen.
const (
	// ActionRead, ActionExport and ActionExplain disclose the homes of Records exactly.
	ActionRead    = "read"
	ActionExport  = "export"
	ActionExplain = "explain"
	// MarkPrefix begins the record that names one copy of an export; the others are homes.
	MarkPrefix = "mark:"
	// ActionImportPreview is an import that was only tried.
	ActionImportPreview = "import.preview"
	// ActionBulkRead raises an alert, by data/audit: Subject read Count homes exactly in the
	// time that Purpose names ("hour", "day"), up to At.
	ActionBulkRead = "alert.bulk-read"
	// ActionDropSegments deletes segments at the end of their retention; Records are their
	// numbers, Count is how many records they held.
	ActionDropSegments = "journal.drop"
)

// SystemSubject names the server itself in the journal; no account may have this login.
const SystemSubject = "system"

// AuditEntry is one line of the journal: who did what, when, to which ids, why.
// It never holds a position.
type AuditEntry struct {
	At      time.Time `json:"at"`
	Subject string    `json:"subject"`
	Action  string    `json:"action"` // "read", "site.correct"…
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

// HashSize is the length in bytes of a record's hash, a SHA-256.
const HashSize = sha256.Size

// ChainHash is the hash of the record that follows the one with the hash previous. It is
// the SHA-256 of "vigie-journal-1", previous, seq and the fields of the entry in the order
// of AuditEntry, the records with their number first. Integers have 8 bytes, big-endian;
// texts and hashes have their length in front; the time is RFC 3339 in UTC with
// nanoseconds.
func ChainHash(previous []byte, seq int64, e *AuditEntry) []byte {
	h := newHasher("vigie-journal-1")
	h.bytes(previous)
	h.integer(seq)
	h.time(e.At)
	h.text(e.Subject)
	h.text(e.Action)
	h.text(string(e.Layer))
	h.integer(int64(len(e.Records)))
	for _, r := range e.Records {
		h.text(r)
	}
	h.integer(int64(e.Count))
	h.text(e.Purpose)
	return h.Sum(nil)
}

// Digest is what is signed of a checkpoint: the SHA-256 of "vigie-checkpoint-1" and of
// its fields up to SignedAt, in order, encoded like those of ChainHash.
func (c *Checkpoint) Digest() []byte {
	h := newHasher("vigie-checkpoint-1")
	h.integer(c.Segment)
	h.integer(c.First)
	h.integer(c.Last)
	h.time(c.From)
	h.time(c.To)
	h.bytes(c.Previous)
	h.bytes(c.Hash)
	h.time(c.SignedAt)
	return h.Sum(nil)
}

// Follows tells whether the record is the one after previous, unaltered.
func (r *AuditRecord) Follows(seq int64, previous []byte) bool {
	return r.Seq == seq+1 && bytes.Equal(r.Previous, previous) &&
		bytes.Equal(r.Hash, ChainHash(previous, r.Seq, &r.AuditEntry))
}

// hasher hashes fields so that no two lists of them give the same bytes.
type hasher struct{ hash.Hash }

func newHasher(domain string) hasher {
	h := hasher{sha256.New()}
	h.text(domain)
	return h
}

func (h hasher) integer(v int64) {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], uint64(v))
	h.Write(b[:])
}

func (h hasher) bytes(b []byte) {
	h.integer(int64(len(b)))
	h.Write(b)
}

func (h hasher) text(s string) { h.bytes([]byte(s)) }

func (h hasher) time(t time.Time) { h.text(t.UTC().Format("2006-01-02T15:04:05.000000000Z")) }

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

// Journal is the part of a store that holds the audit. Reading it needs RightAudit
// everywhere: it can't be cut by département.
type Journal interface {
	// Audit appends an entry on its own (reads, exports, refusals), in the order of the
	// calls. It returns once the entry is durable. A *InvalidError when At, Subject or
	// Action is missing: what does not say who did what and when proves nothing.
	Audit(ctx context.Context, entry AuditEntry) error
	// AuditRecords lists records, newest first. ErrForbidden without the right.
	AuditRecords(ctx context.Context, by Viewer, q AuditQuery) ([]AuditRecord, error)
	// EachAuditRecord calls fn with each record that is kept, oldest first, in one
	// consistent state. An error of fn ends it and is returned.
	EachAuditRecord(ctx context.Context, by Viewer, fn func(*AuditRecord) error) error
	// Checkpoints lists the checkpoints in order. ErrForbidden without the right.
	Checkpoints(ctx context.Context, by Viewer) ([]Checkpoint, error)
	// CloseSegment records a checkpoint of every record since the last one; sign gets it
	// complete but for PublicKey and Signature. It returns nil when there is no record, and
	// ErrBrokenJournal, unsigned, when the records don't follow each other.
	CloseSegment(ctx context.Context, at time.Time, sign func(*Checkpoint) error) (*Checkpoint, error)
	// DropSegments deletes the records of whole segments whose last record is older than
	// before, oldest first, and appends the entry with their numbers and the number of
	// records; their checkpoints stay. It returns how many segments it dropped, and writes
	// nothing when there is none. ErrForbidden without the right.
	DropSegments(ctx context.Context, by Viewer, before time.Time, entry AuditEntry) (int, error)
}
