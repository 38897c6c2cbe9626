package audit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"vigie/data"
)

// Settings of a Keeper. Zero fields stand for the defaults.
type Settings struct {
	Retention Retention
	Limits    Limits
	// SegmentAge and SegmentRecords are how old the first record of the open segment may
	// get, and how many it may hold, before it is closed: a day and 10,000.
	SegmentAge     time.Duration
	SegmentRecords int64
	// HeadPath is the file in which the end of the journal is noted.
	HeadPath string
}

// Keeper keeps the journal of a running server.
type Keeper struct {
	journal  data.Journal
	by       data.Viewer
	key      *Key
	clock    data.Clock
	set      Settings
	detector *detector
	seen     int64 // the last record that the detector saw
}

// NewKeeper makes a Keeper; by needs data.RightAudit everywhere. A *data.InvalidError when
// a setting is out of its bounds.
func NewKeeper(journal data.Journal, by data.Viewer, key *Key, clock data.Clock, set Settings) (*Keeper, error) {
	if set.Retention == 0 {
		set.Retention = DefaultRetention
	}
	if set.Limits == (Limits{}) {
		set.Limits = DefaultLimits
	}
	if set.SegmentAge == 0 {
		set.SegmentAge = 24 * time.Hour
	}
	if set.SegmentRecords == 0 {
		set.SegmentRecords = 10_000
	}
	if err := errors.Join(set.Retention.Validate(), set.Limits.Validate()); err != nil {
		return nil, err
	}
	return &Keeper{journal: journal, by: by, key: key, clock: clock, set: set, detector: newDetector(set.Limits)}, nil
}

// KeepEvery is how often a server calls Keep.
const KeepEvery = time.Minute

// Keep does what is due: raises alerts of bulk reads, closes the open segment, drops those
// that expired, and notes where the journal ends. It is called again and again by one
// caller. data.ErrBrokenJournal when the journal no longer holds what it held at the last
// call, of this Keeper or of another before: the head noted is then left as it is, for
// Verify to tell.
func (k *Keeper) Keep(ctx context.Context) error {
	if err := k.checkHead(ctx); err != nil {
		return err
	}
	// Each of these may fail for a reason of its own, which is none not to do the others.
	return errors.Join(k.raise(ctx), k.closeSegment(ctx), k.drop(ctx), k.noteHead(ctx))
}

// record reads the record of that number, nil when it isn't there.
func (k *Keeper) record(ctx context.Context, seq int64) (*data.AuditRecord, error) {
	records, err := k.journal.AuditRecords(ctx, k.by, data.AuditQuery{Before: seq + 1, Limit: 1})
	if err != nil || len(records) == 0 || records[0].Seq != seq {
		return nil, err
	}
	return &records[0], nil
}

// last reads the newest record, nil when there is none.
func (k *Keeper) last(ctx context.Context) (*data.AuditRecord, error) {
	records, err := k.journal.AuditRecords(ctx, k.by, data.AuditQuery{Limit: 1})
	if err != nil || len(records) == 0 {
		return nil, err
	}
	return &records[0], nil
}

func (k *Keeper) checkHead(ctx context.Context) error {
	noted, err := ReadHead(k.set.HeadPath)
	if err != nil || noted == nil {
		return err
	}
	last, err := k.last(ctx)
	if err != nil {
		return err
	}
	if last == nil || last.Seq < noted.Seq {
		return fmt.Errorf("%w: %s", data.ErrBrokenJournal, shortened(noted).EN)
	}
	r, err := k.record(ctx, noted.Seq)
	if err == nil && r != nil && !bytes.Equal(r.Hash, noted.Hash) {
		err = fmt.Errorf("%w: record %d was altered", data.ErrBrokenJournal, noted.Seq)
	}
	return err // a record that isn't there left with its segment
}

func (k *Keeper) noteHead(ctx context.Context) error {
	last, err := k.last(ctx)
	if err != nil || last == nil {
		return err
	}
	if noted, err := ReadHead(k.set.HeadPath); err != nil || noted != nil && noted.Seq == last.Seq {
		return err
	}
	return (&Head{Seq: last.Seq, Hash: last.Hash, At: k.clock().UTC()}).write(k.set.HeadPath)
}

func (k *Keeper) closeSegment(ctx context.Context) error {
	checkpoints, err := k.journal.Checkpoints(ctx, k.by)
	if err != nil {
		return err
	}
	last, err := k.last(ctx)
	if err != nil || last == nil {
		return err
	}
	var closed int64
	if n := len(checkpoints); n > 0 {
		closed = checkpoints[n-1].Last
		if !bytes.Equal(checkpoints[n-1].PublicKey, k.key.Public()) {
			return fmt.Errorf("checkpoint %d: %w", checkpoints[n-1].Segment, ErrOtherKey)
		}
	}
	first, err := k.record(ctx, closed+1)
	if err != nil || first == nil {
		return err
	}
	now := k.clock()
	if last.Seq-closed < k.set.SegmentRecords && now.Sub(first.At) < k.set.SegmentAge {
		return nil
	}
	_, err = k.journal.CloseSegment(ctx, now, k.key.Sign)
	return err
}

func (k *Keeper) drop(ctx context.Context) error {
	now := k.clock()
	_, err := k.journal.DropSegments(ctx, k.by, k.set.Retention.Before(now), data.AuditEntry{
		At: now, Subject: data.SystemSubject, Action: data.ActionDropSegments,
	})
	return err
}

// page is how many records are read at a time.
const page = 1000

// raise shows the detector the records that came since and appends the alerts it raises.
func (k *Keeper) raise(ctx context.Context) error {
	fresh, err := k.fresh(ctx)
	if err != nil {
		return err
	}
	// The alerts first: an entry comes after the reads that it tells of, and after a restart
	// these are seen again.
	for i := range fresh {
		if a, ok := AlertOf(&fresh[i]); ok {
			k.detector.raised(a)
		}
	}
	for i := range fresh {
		for _, a := range k.detector.see(&fresh[i]) {
			if err := k.journal.Audit(ctx, a.entry()); err != nil {
				return err
			}
			k.detector.raised(a)
		}
		k.seen = fresh[i].Seq
	}
	return nil
}

// fresh lists the records since the last that was seen, oldest first; at the start those of
// the longest window, so that a restart forgets nothing and raises nothing again.
func (k *Keeper) fresh(ctx context.Context) ([]data.AuditRecord, error) {
	q := data.AuditQuery{Limit: page}
	if k.seen == 0 {
		q.From = k.clock().Add(-longest)
	}
	var fresh []data.AuditRecord
	for {
		records, err := k.journal.AuditRecords(ctx, k.by, q)
		if err != nil {
			return nil, err
		}
		known := slices.IndexFunc(records, func(r data.AuditRecord) bool { return r.Seq <= k.seen })
		if known >= 0 {
			records = records[:known]
		}
		fresh = append(fresh, records...)
		if len(records) < page {
			slices.Reverse(fresh)
			return fresh, nil
		}
		q.Before = records[len(records)-1].Seq
	}
}
