package data

import (
	"context"
	"time"
)

// Clock gives the current time; injected so that results are reproducible.
type Clock func() time.Time

// IDs issues new identifiers (UUIDs in production, a sequence in tests).
type IDs func() string

// Counts says what an import did to the records of its file.
type Counts struct {
	Read      int `json:"read"`      // records found in the file
	Kept      int `json:"kept"`      // created + updated + unchanged
	Created   int `json:"created"`   // new in the store
	Updated   int `json:"updated"`   // changed in the store
	Unchanged int `json:"unchanged"` // identical in the store
	Filtered  int `json:"filtered"`  // not asked for (category, service, outside child protection)
	Rejected  int `json:"rejected"`  // in error, each with a problem
	Repaired  int `json:"repaired"`  // geometries repaired and kept
	Unlocated int `json:"unlocated"` // kept without a position
	Missing   int `json:"missing"`   // in the store, absent from this file where it should be
}

// ChangeKind tells what happened to one record between two editions.
type ChangeKind string

// Kinds of changes between two editions of a file.
const (
	ChangeNew        ChangeKind = "new"
	ChangeGone       ChangeKind = "gone"
	ChangeMoved      ChangeKind = "moved"        // position or outline changed
	ChangeCategory   ChangeKind = "category"     // another FINESS category
	ChangeClosed     ChangeKind = "closed"       // open before, closed now
	ChangeReopened   ChangeKind = "reopened"     // closed before, open now
	ChangeAttributes ChangeKind = "attributes"   // name, address, capacity…
	ChangeKeptByHand ChangeKind = "kept_by_hand" // the file differs from a correction made by hand, which was kept
)

// Change is one line of "what changed" in an import's report.
type Change struct {
	Kind   ChangeKind `json:"kind"`
	Record string     `json:"record"`
	Name   string     `json:"name,omitempty"`
	// DistanceM is how far a position moved, in metres, for ChangeMoved of sites.
	DistanceM float64 `json:"distance_m,omitempty"`
	// AreaM2 is the area that changed (symmetric difference), in m², for ChangeMoved of zones.
	AreaM2 float64 `json:"area_m2,omitempty"`
	// Before and After are short readable values.
	Before string `json:"before,omitempty"`
	After  string `json:"after,omitempty"`
}

// Redacted is the change without what it tells of the record: a distance that a home moved
// gives its position to whoever chooses the other end.
func (c Change) Redacted() Change { return Change{Kind: c.Kind, Record: c.Record} }

// RedactFor takes out what tells of homes from the import of somebody else, unless the
// viewer sees every home exactly.
func (im *Import) RedactFor(v Viewer) {
	if im.Layer != LayerSites || im.By == v.Subject() || v.SeesEverySite() {
		return
	}
	for i := range im.Changes {
		im.Changes[i] = im.Changes[i].Redacted()
	}
	for i := range im.Problems {
		im.Problems[i].Value = ""
	}
}

// Import is the record of one import: what file, by whom, with what result.
type Import struct {
	ID         string    `json:"id"`
	Layer      Layer     `json:"layer"`
	Format     string    `json:"format"`
	Kind       ZoneKind  `json:"kind,omitempty"`
	Edition    string    `json:"edition,omitempty"`
	FileName   string    `json:"file_name"`
	SHA256     string    `json:"sha256"`
	ImportedAt time.Time `json:"imported_at"`
	By         string    `json:"by"`
	DryRun     bool      `json:"dry_run"`
	Counts     Counts    `json:"counts"`
	// Problems are the first MaxProblems, worst first; ProblemCounts counts all by code.
	Problems      []Problem      `json:"problems"`
	ProblemCounts map[string]int `json:"problem_counts"`
	Changes       []Change       `json:"changes"`
	ChangeCounts  map[string]int `json:"change_counts"`
	// UndoneAt is set once the import has been undone.
	UndoneAt *time.Time `json:"undone_at,omitempty"`
	UndoneBy string     `json:"undone_by,omitempty"`
}

// MaxProblems bounds how many problems and changes an import record keeps in full.
const MaxProblems = 2000

// LayerVersion is the version of a layer in one département; it grows at each write that touches it.
type LayerVersion struct {
	Layer      Layer
	Department string // "" for records without département
	Version    int64
}

// SnapshotSource is the unfiltered read side of a store. Only data/snapshot and
// data/ingest use it; api cannot (a test holds this).
type SnapshotSource interface {
	// Versions lists the versions by layer, then département. A record that changes, comes,
	// goes or moves to another département bumps that of each département it leaves or enters.
	Versions(ctx context.Context) ([]LayerVersion, error)
	// Sites calls fn with each site of the départements, merged ones included, in ID
	// order. Here and below, nil stands for every département, and "" is that of the
	// records without any; a code that no record has is no error.
	Sites(ctx context.Context, departments []string, fn func(*StoredSite) error) error
	// Zones calls fn with each zone of every edition, in kind, edition, code order. One
	// that lies in several départements is of each, and comes once.
	Zones(ctx context.Context, departments []string, fn func(*Zone) error) error
	Editions(ctx context.Context) ([]Edition, error)
	// Places calls fn with each place, in ID order.
	Places(ctx context.Context, departments []string, fn func(*Place) error) error
	// Areas calls fn with each area, in level, code order.
	Areas(ctx context.Context, departments []string, fn func(*Area) error) error
	// Statistics calls fn with each statistic that the filter chooses, in the order of
	// StatisticOrder. The record passed to fn is only valid during the call.
	Statistics(ctx context.Context, filter StatisticFilter, fn func(*Statistic) error) error
	// Releases calls fn with each masked release, oldest first. They tell which home a
	// pseudonym is.
	Releases(ctx context.Context, fn func(*Release) error) error
}

// Batch is one atomic write: everything in it is stored, or nothing.
type Batch struct {
	// Import, when not nil, is recorded with the batch, and every record written is
	// kept with its previous state so that the import can be undone.
	Import *Import
	// BasedOn are the versions the batch was computed from (as read by Versions);
	// a layer and département that changed since gives ErrConflict.
	// Version 0 stands for a layer and département that had no record yet.
	BasedOn []LayerVersion

	PutSites  []StoredSite // inserted or replaced; Version is the new version
	PutZones  []Zone
	DropZones []Zone // by kind, edition and code
	PutPlaces []Place
	// DropPlaces are identifiers of places to delete, which must exist.
	DropPlaces []string
	PutAreas   []Area
	// PutStatistics are inserted or replaced, by area, level, source, indicator, edition
	// and year; of two with the same key the last stands. Nil when there are none.
	PutStatistics *StatisticTable
	// Current makes an edition the current one of its kind.
	Current *Edition
	// ClearCurrent leaves the kind without a current edition.
	ClearCurrent []ZoneKind
}

// Store is the one persistence interface.
type Store interface {
	SnapshotSource
	Accounts
	Journal
	PublishedStatistics
	Documents
	// Write applies a batch in one transaction, with its audit entry, and bumps the
	// versions of every layer and département it touches. It needs RightImport in each
	// département that a record leaves or enters; sites without an import are edits by
	// hand, which need Viewer.MayEdit.
	Write(ctx context.Context, by Viewer, b *Batch, entry AuditEntry) error
	// PutRelease freezes a masked release. ErrConflict when its identifier is taken: a
	// release never changes; ErrForbidden without RightImport in the national scope.
	PutRelease(ctx context.Context, by Viewer, r *Release, entry AuditEntry) error
	// Imports lists imports, newest first, without problems and changes: its own for a
	// viewer who may not import everywhere. ErrForbidden without RightImport.
	Imports(ctx context.Context, by Viewer, limit int) ([]Import, error)
	// Import returns one import in full, of those that Imports lists; ErrNotFound.
	Import(ctx context.Context, by Viewer, id string) (*Import, error)
	// UndoImport restores every record to its state before the import, in one
	// transaction. It needs RightImport in every département concerned. ErrConflict, with the records in the message, when one was changed since;
	// ErrNotFound when there is no such import or it is already undone.
	UndoImport(ctx context.Context, by Viewer, id string, entry AuditEntry) (*Import, error)
	Close() error
}

// Label is the change's name for users.
func (k ChangeKind) Label() Text {
	switch k {
	case ChangeNew:
		return Text{FR: "nouveaux", EN: "new"}
	case ChangeGone:
		return Text{FR: "disparus", EN: "gone"}
	case ChangeMoved:
		return Text{FR: "déplacés", EN: "moved"}
	case ChangeCategory:
		return Text{FR: "changement de catégorie", EN: "other category"}
	case ChangeClosed:
		return Text{FR: "fermés", EN: "closed"}
	case ChangeReopened:
		return Text{FR: "rouverts", EN: "reopened"}
	case ChangeAttributes:
		return Text{FR: "fiche modifiée", EN: "record changed"}
	}
	return Text{FR: "corrections à la main gardées", EN: "corrections by hand kept"}
}
