package data

import (
	"context"
	"time"
)

// PublishedEdition is a frozen edition of the public statistics. It never changes:
// a correction is another revision of the same quarter.
type PublishedEdition struct {
	// Sequence counts the editions of a store, from 1, in the order of their freezing.
	Sequence int64 `json:"-"`
	// ID is the quarter, with its revision from the first correction on: "2026-Q3", "2026-Q3-r1".
	ID       string `json:"id"`
	Quarter  string `json:"quarter"`  // "2026-Q3"
	Revision int    `json:"revision"` // 0 for the first
	// Note says what a revision corrects; it is public.
	Note     string    `json:"note,omitempty"`
	FrozenAt time.Time `json:"frozen_at"`
	// SHA256 is that of Document, in hexadecimal.
	SHA256 string `json:"sha256"`
	// Document is what the public gets, byte for byte; nil in lists.
	Document []byte `json:"-"`
}

// FrozenCounts are the true counts behind an edition. They are kept to attack later
// editions with, and are never part of an output.
type FrozenCounts struct {
	ID     string // of the edition
	Counts []byte
}

// ActionPublish freezes an edition of the public statistics.
const ActionPublish = "statistics.publish"

// PublishedStatistics is the part of a store that holds the public statistics.
type PublishedStatistics interface {
	// PublishedEditions lists the editions without their documents, in the order of Sequence.
	PublishedEditions(ctx context.Context) ([]PublishedEdition, error)
	// PublishedEdition returns one edition; ErrNotFound.
	PublishedEdition(ctx context.Context, id string) (*PublishedEdition, error)
	// FrozenCounts lists the counts behind every edition, in the order of Sequence.
	// ErrForbidden unless by sees every home exactly.
	FrozenCounts(ctx context.Context, by Viewer) ([]FrozenCounts, error)
	// PublishEdition stores an edition with its counts and audit entry, in one
	// transaction. ErrConflict when Sequence is not the next one (another edition was
	// frozen since) or the quarter has this revision; ErrForbidden unless by may import
	// everywhere and sees every home exactly.
	PublishEdition(ctx context.Context, by Viewer, e *PublishedEdition, counts []byte, entry AuditEntry) error
}

// SeesEverySite tells whether the viewer sees every home exactly, whatever its département.
func (v Viewer) SeesEverySite() bool { return v.PrecisionOf(&Site{}) == ViewExact }
