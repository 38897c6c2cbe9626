package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"time"

	"vigie/data"
)

// timeLayout has a fixed width, so that texts sort like times.
const timeLayout = "2006-01-02T15:04:05.000000000Z"

func formatTime(t time.Time) string { return t.UTC().Format(timeLayout) }

// complete takes the subject and purpose that the entry lacks from the viewer, and
// checks it. Texts are made valid UTF-8: JSON would alter them after they were hashed.
func complete(entry data.AuditEntry, by data.Viewer) (data.AuditEntry, error) {
	if entry.Subject == "" {
		entry.Subject = by.Subject()
	}
	if entry.Purpose == "" {
		entry.Purpose = by.Purpose()
	}
	for _, f := range []struct {
		name    string
		missing bool
	}{{"at", entry.At.IsZero()}, {"subject", entry.Subject == ""}, {"action", entry.Action == ""}} {
		if f.missing {
			return entry, invalid("incomplete-audit-entry", "", f.name, "",
				"l’entrée du journal doit dire qui a fait quoi et quand", "the audit entry must say who did what and when")
		}
	}
	records := make([]string, len(entry.Records))
	for i, r := range entry.Records {
		records[i] = strings.ToValidUTF8(r, "�")
	}
	entry.Records = records
	for _, text := range []*string{&entry.Subject, &entry.Action, (*string)(&entry.Layer), &entry.Purpose} {
		*text = strings.ToValidUTF8(*text, "�")
	}
	return entry, nil
}

// head is the end of the chain.
type head struct {
	seq  int64
	hash []byte
}

func readHead(ctx context.Context, tx *sql.Tx) (head, error) {
	h := head{hash: make([]byte, data.HashSize)}
	// The records of every segment may have been dropped: the chain goes on from the last.
	_, err := optional(tx.QueryRowContext(ctx, `SELECT seq, hash FROM (
			SELECT * FROM (SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1)
			UNION ALL SELECT * FROM (SELECT last_seq, hash FROM checkpoints ORDER BY last_seq DESC LIMIT 1))
		ORDER BY seq DESC LIMIT 1`).Scan(&h.seq, &h.hash))
	return h, err
}

// insertAudit chains complete entries at the end of the journal, in the transaction of
// what they tell.
func insertAudit(ctx context.Context, tx *sql.Tx, entries ...data.AuditEntry) error {
	h, err := readHead(ctx, tx)
	if err != nil {
		return err
	}
	for i := range entries {
		if h, err = h.append(ctx, tx, &entries[i]); err != nil {
			return err
		}
	}
	return nil
}

func (h head) append(ctx context.Context, tx *sql.Tx, e *data.AuditEntry) (head, error) {
	records, err := json.Marshal(e.Records)
	if err != nil {
		return h, err
	}
	next := head{seq: h.seq + 1, hash: data.ChainHash(h.hash, h.seq+1, e)}
	_, err = tx.ExecContext(ctx, `INSERT INTO journal (seq, at, subject, action, layer, records, count, purpose, previous, hash)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		next.seq, formatTime(e.At), e.Subject, e.Action, string(e.Layer), string(records), e.Count, e.Purpose, h.hash, next.hash)
	return next, err
}

// queue makes entries durable in groups: while one transaction is under way, those that
// come wait for the next, all together. A group costs one fsync.
type queue struct {
	mu      sync.Mutex
	waiting []*waiter
	running bool
	done    sync.WaitGroup
}

type waiter struct {
	entry data.AuditEntry
	done  chan error // buffered
}

// Audit appends an entry on its own, and returns once it is durable. Entries of
// concurrent calls share a transaction, in the order of the calls.
func (s *Store) Audit(ctx context.Context, entry data.AuditEntry) error {
	entry, err := complete(entry, data.Viewer{})
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return err
	}
	w := &waiter{entry: entry, done: make(chan error, 1)}
	s.queue.add(w, func() { s.drain(context.WithoutCancel(ctx)) })
	select {
	case err := <-w.done:
		return err
	case <-ctx.Done():
	}
	if s.queue.withdraw(w) {
		return ctx.Err()
	}
	return <-w.done // its transaction is under way
}

// add puts w at the end and calls drain in its own goroutine when none is at work.
func (q *queue) add(w *waiter, drain func()) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting = append(q.waiting, w)
	if !q.running {
		q.running = true
		q.done.Go(drain)
	}
}

// withdraw takes w out; false when it was taken already.
func (q *queue) withdraw(w *waiter) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	for i := range q.waiting {
		if q.waiting[i] == w {
			q.waiting = append(q.waiting[:i:i], q.waiting[i+1:]...)
			return true
		}
	}
	return false
}

// take empties the queue; once it is empty nobody is at work any more.
func (q *queue) take() []*waiter {
	q.mu.Lock()
	defer q.mu.Unlock()
	group := q.waiting
	q.waiting = nil
	q.running = len(group) > 0
	return group
}

// drain writes groups until nobody waits.
func (s *Store) drain(ctx context.Context) {
	for {
		var group []*waiter
		err := s.transact(ctx, func(ctx context.Context, tx *sql.Tx) error {
			// Only now: whoever came while another transaction held the store is in it.
			group = s.queue.take()
			entries := make([]data.AuditEntry, len(group))
			for i, w := range group {
				entries[i] = w.entry
			}
			return insertAudit(ctx, tx, entries...)
		})
		if group == nil && err != nil {
			group = s.queue.take() // the transaction did not begin
		}
		if len(group) == 0 {
			return
		}
		for _, w := range group {
			w.done <- err
		}
	}
}

const auditColumns = `seq, at, subject, action, layer, records, count, purpose, previous, hash`

// AuditRecords lists records, newest first. data.ErrForbidden without RightAudit everywhere.
func (s *Store) AuditRecords(ctx context.Context, by data.Viewer, q data.AuditQuery) ([]data.AuditRecord, error) {
	if !by.MayEverywhere(data.RightAudit) {
		return nil, data.ErrForbidden
	}
	where, args := []string{"TRUE"}, []any{}
	and := func(condition string, values ...any) {
		where, args = append(where, condition), append(args, values...)
	}
	for column, value := range map[string]string{"subject": q.Subject, "action": q.Action, "purpose": q.Purpose} {
		if value != "" {
			and(column+" = ?", value)
		}
	}
	if q.Record != "" {
		needle, err := json.Marshal(q.Record)
		if err != nil {
			return nil, err
		}
		// The search for the text spares parsing most records.
		and("instr(records, ?) > 0 AND EXISTS (SELECT 1 FROM json_each(records) WHERE value = ?)", string(needle), q.Record)
	}
	if !q.From.IsZero() {
		and("at >= ?", formatTime(q.From))
	}
	if !q.To.IsZero() {
		and("at < ?", formatTime(q.To))
	}
	if q.Before > 0 {
		and("seq < ?", q.Before)
	}
	var out []data.AuditRecord
	err := s.each(ctx, `SELECT `+auditColumns+` FROM journal WHERE `+strings.Join(where, " AND ")+` ORDER BY seq DESC LIMIT ?`,
		func(rows *sql.Rows) error {
			r, err := scanAudit(rows)
			if err == nil {
				out = append(out, *r)
			}
			return err
		}, append(args, q.Limit)...)
	return out, err
}

// EachAuditRecord calls fn with each record that is kept, oldest first: one consistent
// state. data.ErrForbidden without RightAudit everywhere.
func (s *Store) EachAuditRecord(ctx context.Context, by data.Viewer, fn func(*data.AuditRecord) error) error {
	if !by.MayEverywhere(data.RightAudit) {
		return data.ErrForbidden
	}
	return s.each(ctx, `SELECT `+auditColumns+` FROM journal ORDER BY seq`, func(rows *sql.Rows) error {
		r, err := scanAudit(rows)
		if err != nil {
			return err
		}
		return fn(r)
	})
}

func scanAudit(rows *sql.Rows) (*data.AuditRecord, error) {
	var (
		r           data.AuditRecord
		at, records string
	)
	err := rows.Scan(&r.Seq, &at, &r.Subject, &r.Action, &r.Layer, &records, &r.Count, &r.Purpose, &r.Previous, &r.Hash)
	if err != nil {
		return nil, err
	}
	// What someone altered may not parse: it is given without, for the hash to tell.
	r.At, _ = time.Parse(timeLayout, at)
	if json.Unmarshal([]byte(records), &r.Records) != nil {
		r.Records = nil
	}
	return &r, nil
}

const checkpointColumns = `segment, first_seq, last_seq, from_at, to_at, previous, hash, signed_at, public_key, signature, dropped_at`

// Checkpoints lists the checkpoints in order. data.ErrForbidden without RightAudit everywhere.
func (s *Store) Checkpoints(ctx context.Context, by data.Viewer) ([]data.Checkpoint, error) {
	if !by.MayEverywhere(data.RightAudit) {
		return nil, data.ErrForbidden
	}
	var out []data.Checkpoint
	err := s.each(ctx, `SELECT `+checkpointColumns+` FROM checkpoints ORDER BY segment`, func(rows *sql.Rows) error {
		var (
			c                data.Checkpoint
			from, to, signed string
			dropped          sql.NullString
		)
		err := rows.Scan(&c.Segment, &c.First, &c.Last, &from, &to, &c.Previous, &c.Hash, &signed, &c.PublicKey, &c.Signature, &dropped)
		if err != nil {
			return err
		}
		// As for records: a time that does not parse breaks the signature.
		c.From, _ = time.Parse(timeLayout, from)
		c.To, _ = time.Parse(timeLayout, to)
		c.SignedAt, _ = time.Parse(timeLayout, signed)
		if c.DroppedAt, err = optionalTime(dropped); err != nil {
			return fmt.Errorf("stored checkpoint %d: %w", c.Segment, err)
		}
		out = append(out, c)
		return nil
	})
	return out, err
}

func optionalTime(s sql.NullString) (*time.Time, error) {
	if !s.Valid {
		return nil, nil
	}
	t, err := time.Parse(timeLayout, s.String)
	return &t, err
}

// CloseSegment records a checkpoint of every record since the last one, nil when there is
// none. The records are hashed again first: what was altered is not signed
// (data.ErrBrokenJournal).
func (s *Store) CloseSegment(ctx context.Context, at time.Time, sign func(*data.Checkpoint) error) (*data.Checkpoint, error) {
	var closed *data.Checkpoint
	err := s.transact(ctx, func(ctx context.Context, tx *sql.Tx) error {
		c, err := openSegment(ctx, tx)
		if err != nil || c.Last < c.First {
			return err
		}
		// What is signed is what is read again.
		c.SignedAt = at.UTC()
		if err := sign(c); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO checkpoints (`+checkpointColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)`,
			c.Segment, c.First, c.Last, formatTime(c.From), formatTime(c.To), c.Previous, c.Hash,
			formatTime(c.SignedAt), c.PublicKey, c.Signature)
		closed = c
		return err
	})
	if err != nil {
		return nil, err
	}
	return closed, nil
}

// openSegment is what a checkpoint would close now; its Last is before its First when
// there is no record.
func openSegment(ctx context.Context, tx *sql.Tx) (*data.Checkpoint, error) {
	c := &data.Checkpoint{Previous: make([]byte, data.HashSize)}
	_, err := optional(tx.QueryRowContext(ctx, `SELECT segment, last_seq, hash FROM checkpoints ORDER BY segment DESC LIMIT 1`).
		Scan(&c.Segment, &c.Last, &c.Previous))
	if err != nil {
		return nil, err
	}
	c.Segment++
	c.First, c.Hash = c.Last+1, c.Previous
	rows, err := tx.QueryContext(ctx, `SELECT `+auditColumns+` FROM journal WHERE seq >= ? ORDER BY seq`, c.First)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		r, err := scanAudit(rows)
		if err != nil {
			return nil, err
		}
		if !r.Follows(c.Last, c.Hash) {
			return nil, fmt.Errorf("%w: record %d", data.ErrBrokenJournal, c.Last+1)
		}
		if r.Seq == c.First {
			c.From = r.At
		}
		c.Last, c.To, c.Hash = r.Seq, r.At, r.Hash
	}
	return c, rows.Err()
}

// DropSegments deletes the records of whole segments whose last record is older than
// before, oldest first, and appends the entry that says so. data.ErrForbidden without
// RightAudit everywhere.
func (s *Store) DropSegments(ctx context.Context, by data.Viewer, before time.Time, entry data.AuditEntry) (int, error) {
	if !by.MayEverywhere(data.RightAudit) {
		return 0, data.ErrForbidden
	}
	entry, err := complete(entry, by)
	if err != nil {
		return 0, err
	}
	dropped := 0
	err = s.transact(ctx, func(ctx context.Context, tx *sql.Tx) error {
		expired, err := expiredSegments(ctx, tx, before)
		if err != nil || len(expired) == 0 {
			return err
		}
		entry.Records, entry.Count = nil, 0
		for _, c := range expired {
			if _, err := tx.ExecContext(ctx, `UPDATE checkpoints SET dropped_at = ? WHERE segment = ?`, formatTime(entry.At), c.Segment); err != nil {
				return err
			}
			if _, err := tx.ExecContext(ctx, `DELETE FROM journal WHERE seq BETWEEN ? AND ?`, c.First, c.Last); err != nil {
				return err
			}
			entry.Records = append(entry.Records, fmt.Sprint(c.Segment))
			entry.Count += int(c.Last - c.First + 1)
		}
		dropped = len(expired)
		return insertAudit(ctx, tx, entry)
	})
	if err != nil {
		return 0, err
	}
	return dropped, nil
}

// expiredSegments are the oldest segments still kept, up to the first that is not older than before.
func expiredSegments(ctx context.Context, tx *sql.Tx, before time.Time) ([]data.Checkpoint, error) {
	rows, err := tx.QueryContext(ctx, `SELECT segment, first_seq, last_seq, to_at < ? FROM checkpoints
		WHERE dropped_at IS NULL ORDER BY segment`, formatTime(before))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []data.Checkpoint
	for rows.Next() {
		var (
			c       data.Checkpoint
			expired bool
		)
		if err := rows.Scan(&c.Segment, &c.First, &c.Last, &expired); err != nil {
			return nil, err
		}
		if !expired {
			break
		}
		out = append(out, c)
	}
	return out, rows.Err()
}
