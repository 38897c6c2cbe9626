package audit

import (
	"bytes"
	"context"
	"errors"
	"slices"

	"vigie/data"
)

// ActionRekey changes the key that signs the journal: Records are the public keys before
// and after (FormatPublicKey), Purpose is the reason. It lies in the first segment that the
// key after signs.
const ActionRekey = "journal.rekey"

// ErrSameKey: the journal is signed with this key, or with none yet.
var ErrSameKey = errors.New("the journal is not signed with another key")

// Rekey hands the journal over to key, whatever became of the key before: entry gives who,
// when and why (Purpose). It returns the checkpoint that key signs first. by needs
// data.RightAudit everywhere. ErrSameKey when there is nothing to change;
// data.ErrBrokenJournal, unsigned, when the records don't follow each other.
func Rekey(ctx context.Context, journal data.Journal, by data.Viewer, key *Key, entry data.AuditEntry) (*data.Checkpoint, error) {
	checkpoints, err := journal.Checkpoints(ctx, by)
	if err != nil {
		return nil, err
	}
	n := len(checkpoints)
	if n == 0 || bytes.Equal(checkpoints[n-1].PublicKey, key.Public()) {
		return nil, ErrSameKey
	}
	entry.Action, entry.Records = ActionRekey, []string{FormatPublicKey(checkpoints[n-1].PublicKey), FormatPublicKey(key.Public())}
	if err := journal.Audit(ctx, entry); err != nil {
		return nil, err
	}
	return journal.CloseSegment(ctx, entry.At, key.Sign)
}

// hands tells whether a record hands the journal over from the key of one checkpoint to
// that of the next.
func hands(r *data.AuditRecord, from, to *data.Checkpoint) bool {
	return r.Action == ActionRekey && slices.Equal(r.Records, []string{FormatPublicKey(from.PublicKey), FormatPublicKey(to.PublicKey)})
}
