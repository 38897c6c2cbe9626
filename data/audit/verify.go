package audit

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"vigie/data"
)

// Report is what a verification found.
type Report struct {
	// Records and Checkpoints are how many were walked.
	Records     int64 `json:"records"`
	Checkpoints int   `json:"checkpoints"`
	// Unsigned is how many records came after the last checkpoint.
	Unsigned int64 `json:"unsigned"`
	// Dropped is how many segments left at the end of their retention.
	Dropped int `json:"dropped"`
	// Broken is where the journal is first wrong; nil when it is sound.
	Broken *Break `json:"broken"`
	// Unproven is what this verification can't show.
	Unproven []data.Text `json:"unproven,omitempty"`
	// Head is where the journal ends; nil when it holds no record.
	Head *Head `json:"head,omitempty"`
}

// OK tells whether the journal is sound as far as can be shown.
func (r *Report) OK() bool { return r.Broken == nil }

// Break is where and how a journal is wrong.
type Break struct {
	Seq    int64     `json:"seq"`
	Reason data.Text `json:"reason"`
}

// attempts bounds how often a verification starts over because segments were dropped
// while it walked.
const attempts = 3

// Verify walks the whole journal: each record follows the one before, unaltered; each
// checkpoint follows the one before, is signed and holds what it says; segments left
// in order, not before their time and with an entry that says so. The last checkpoint is
// signed with key, which vouches for all before it; where the key changes, an entry says so.
// A nil key takes the keys that the checkpoints name. noted is a head noted earlier outside
// the database, nil when there is none. data.ErrForbidden without data.RightAudit everywhere.
func Verify(ctx context.Context, journal data.Journal, by data.Viewer, key ed25519.PublicKey, noted *Head) (*Report, error) {
	for attempt := 1; ; attempt++ {
		checkpoints, err := journal.Checkpoints(ctx, by)
		if err != nil {
			return nil, err
		}
		v := newVerifier(checkpoints, key, noted)
		if err := v.walk(ctx, journal, by); err != nil {
			return nil, err
		}
		if v.report.OK() || attempt == attempts {
			return &v.report, nil
		}
		again, err := journal.Checkpoints(ctx, by)
		if err != nil {
			return nil, err
		}
		if kept(again) == kept(checkpoints) {
			return &v.report, nil
		}
	}
}

// kept is the index of the first checkpoint whose records are kept.
func kept(checkpoints []data.Checkpoint) int {
	n := slices.IndexFunc(checkpoints, func(c data.Checkpoint) bool { return c.DroppedAt == nil })
	if n < 0 {
		return len(checkpoints)
	}
	return n
}

// verifier is one walk.
type verifier struct {
	report Report
	// checkpoints are those that follow each other, signed; the rest are not looked at.
	checkpoints []data.Checkpoint
	next        int // the checkpoint whose records are walked, or come
	seq         int64
	hash        []byte
	noted       *Head
	announced   bool // an entry says that the last dropped segment was dropped
	handed      bool // an entry of the segment says that its key is another than before
	unpinned    bool // no key was given to verify with
}

func newVerifier(checkpoints []data.Checkpoint, key ed25519.PublicKey, noted *Head) *verifier {
	v := &verifier{hash: make([]byte, data.HashSize), noted: noted, unpinned: len(checkpoints) > 0 && key == nil}
	v.report.Checkpoints, v.report.Dropped = len(checkpoints), kept(checkpoints)
	vouched := len(checkpoints)
	for key != nil && vouched > 0 && !bytes.Equal(checkpoints[vouched-1].PublicKey, key) {
		vouched--
	}
	for i := range checkpoints {
		c := &checkpoints[i]
		if reason, ok := v.checkpoint(i, c, i < vouched); !ok {
			v.found(max(c.First, v.seq+1), reason)
			break
		}
		v.checkpoints = append(v.checkpoints, *c)
		v.seq, v.hash = c.Last, c.Hash
	}
	v.next = min(v.report.Dropped, len(v.checkpoints))
	v.seq, v.hash = 0, make([]byte, data.HashSize)
	if v.next > 0 {
		last := &v.checkpoints[v.next-1]
		v.seq, v.hash = last.Last, last.Hash
	}
	return v
}

// checkpoint checks one against those before; ok is false with the reason. vouched: the
// key expected signed it or one after it.
func (v *verifier) checkpoint(i int, c *data.Checkpoint, vouched bool) (reason data.Text, ok bool) {
	switch {
	case !vouched:
		return data.Text{
			FR: fmt.Sprintf("le point de contrôle %d est signé d’une autre clé que celle attendue", c.Segment),
			EN: fmt.Sprintf("checkpoint %d is signed with another key than the one expected", c.Segment),
		}, false
	case !signed(c):
		return data.Text{
			FR: fmt.Sprintf("la signature du point de contrôle %d est fausse\u00a0: il a été modifié", c.Segment),
			EN: fmt.Sprintf("the signature of checkpoint %d is wrong: it was altered", c.Segment),
		}, false
	case c.Segment != int64(i+1) || c.First != v.seq+1 || c.Last < c.First || !bytes.Equal(c.Previous, v.hash):
		return data.Text{
			FR: fmt.Sprintf("le point de contrôle %d ne suit pas le précédent\u00a0: il en manque, ou ils ont changé d’ordre", c.Segment),
			EN: fmt.Sprintf("checkpoint %d does not follow the one before: some are missing or reordered", c.Segment),
		}, false
	case c.DroppedAt != nil && i >= v.report.Dropped:
		return data.Text{
			FR: fmt.Sprintf("le segment %d a été supprimé avant un segment plus ancien", c.Segment),
			EN: fmt.Sprintf("segment %d was dropped before an older one", c.Segment),
		}, false
	}
	return data.Text{}, true
}

// found keeps the first break.
func (v *verifier) found(seq int64, reason data.Text) {
	if b := v.report.Broken; b == nil || seq < b.Seq {
		v.report.Broken = &Break{Seq: seq, Reason: reason}
	}
}

// errStop ends a walk at its first break.
var errStop = errors.New("stop")

func (v *verifier) walk(ctx context.Context, journal data.Journal, by data.Viewer) error {
	err := journal.EachAuditRecord(ctx, by, func(r *data.AuditRecord) error {
		if reason, ok := v.record(r); !ok {
			v.found(min(r.Seq, v.seq+1), reason)
			return errStop
		}
		v.report.Records++
		v.seq, v.hash = r.Seq, r.Hash
		v.report.Head = &Head{Seq: r.Seq, Hash: r.Hash, At: r.At}
		return nil
	})
	switch {
	case err == nil:
		v.end()
	case !errors.Is(err, errStop):
		return err
	}
	if v.report.OK() {
		v.unproven()
	}
	return nil
}

// record checks one record; ok is false with the reason.
func (v *verifier) record(r *data.AuditRecord) (reason data.Text, ok bool) {
	switch {
	case r.Seq <= v.seq:
		return data.Text{
			FR: "cet enregistrement devrait avoir quitté le journal avec son segment",
			EN: "this record should have left the journal with its segment",
		}, false
	case r.Seq > v.seq+1:
		return data.Text{
			FR: fmt.Sprintf("les enregistrements %d à %d manquent", v.seq+1, r.Seq-1),
			EN: fmt.Sprintf("records %d to %d are missing", v.seq+1, r.Seq-1),
		}, false
	case !bytes.Equal(r.Previous, v.hash):
		return data.Text{
			FR: "cet enregistrement ne suit pas le précédent\u00a0: l’un d’eux a été modifié, ajouté ou déplacé",
			EN: "this record does not follow the one before: one of them was altered, added or moved",
		}, false
	case !r.Follows(v.seq, v.hash):
		return data.Text{FR: "cet enregistrement a été modifié", EN: "this record was altered"}, false
	case v.noted != nil && r.Seq == v.noted.Seq && !bytes.Equal(r.Hash, v.noted.Hash):
		return data.Text{
			FR: "cet enregistrement n’est pas celui qui finissait le journal le " + day(v.noted.At),
			EN: "this record is not the one that ended the journal on " + day(v.noted.At),
		}, false
	}
	if reason, ok := v.drop(r); !ok {
		return reason, false
	}
	return v.segment(r)
}

// segment checks that a record is what the checkpoint of its segment says.
func (v *verifier) segment(r *data.AuditRecord) (reason data.Text, ok bool) {
	if v.next == len(v.checkpoints) {
		v.report.Unsigned++
		return data.Text{}, true
	}
	c := &v.checkpoints[v.next]
	changed := v.changed(v.next)
	v.handed = changed && (v.handed || hands(r, &v.checkpoints[v.next-1], c))
	if r.Seq == c.Last {
		if changed && !v.handed {
			return data.Text{
				FR: fmt.Sprintf("le point de contrôle %d est signé d’une autre clé que le précédent et aucun enregistrement ne le dit", c.Segment),
				EN: fmt.Sprintf("checkpoint %d is signed with another key than the one before and no record says so", c.Segment),
			}, false
		}
		v.next, v.handed = v.next+1, false
	}
	if r.Seq == c.First && !r.At.Equal(c.From) || r.Seq == c.Last && (!bytes.Equal(r.Hash, c.Hash) || !r.At.Equal(c.To)) {
		return data.Text{
			FR: fmt.Sprintf("le segment %d n’est pas celui que son point de contrôle atteste", c.Segment),
			EN: fmt.Sprintf("segment %d is not the one that its checkpoint vouches for", c.Segment),
		}, false
	}
	return data.Text{}, true
}

// changed tells whether the checkpoint at i is signed with another key than the one before.
func (v *verifier) changed(i int) bool {
	return i > 0 && !bytes.Equal(v.checkpoints[i].PublicKey, v.checkpoints[i-1].PublicKey)
}

// drop checks the entry of a drop: it names segments whose time had come.
func (v *verifier) drop(r *data.AuditRecord) (reason data.Text, ok bool) {
	if r.Action != data.ActionDropSegments {
		return data.Text{}, true
	}
	for _, id := range r.Records {
		n, err := strconv.Atoi(id)
		if err != nil || n < 1 || n > len(v.checkpoints) {
			continue
		}
		c := &v.checkpoints[n-1]
		if !c.To.Before(MinRetention.Before(r.At)) {
			return data.Text{
				FR: fmt.Sprintf("le segment %d a été supprimé avant la fin de sa conservation", n),
				EN: fmt.Sprintf("segment %d was dropped before the end of its retention", n),
			}, false
		}
		v.announced = v.announced || n == v.report.Dropped
	}
	return data.Text{}, true
}

// end checks what only the whole walk shows.
func (v *verifier) end() {
	if v.next < len(v.checkpoints) {
		last := v.checkpoints[len(v.checkpoints)-1].Last
		v.found(v.seq+1, data.Text{
			FR: fmt.Sprintf("les enregistrements %d à %d, attestés, manquent", v.seq+1, last),
			EN: fmt.Sprintf("records %d to %d, which are vouched for, are missing", v.seq+1, last),
		})
		return
	}
	if n := v.report.Dropped; n > 0 && n <= len(v.checkpoints) && !v.announced {
		v.found(v.checkpoints[n-1].First, data.Text{
			FR: fmt.Sprintf("le segment %d manque et aucun enregistrement ne dit qu’il a été supprimé", n),
			EN: fmt.Sprintf("segment %d is missing and no record says that it was dropped", n),
		})
	}
	if v.noted != nil && v.noted.Seq > v.seq {
		v.found(v.seq+1, shortened(v.noted))
	}
}

// shortened is how a journal is wrong that ends before the head noted.
func shortened(noted *Head) data.Text {
	return data.Text{
		FR: fmt.Sprintf("le journal allait jusqu’à l’enregistrement %d le %s\u00a0: sa fin a été coupée, ou la base ramenée à un état antérieur (sauvegarde)", noted.Seq, day(noted.At)),
		EN: fmt.Sprintf("the journal went up to record %d on %s: its end was cut, or the database taken back to an earlier state (backup)", noted.Seq, day(noted.At)),
	}
}

func (v *verifier) unproven() {
	add := func(fr, en string) { v.report.Unproven = append(v.report.Unproven, data.Text{FR: fr, EN: en}) }
	if v.unpinned {
		add("Clé absente\u00a0: les signatures ne sont comparées qu’aux clés publiques que la base donne elle-même\u00a0; qui a pu écrire dans la base a pu tout refaire.",
			"Key missing: the signatures are only compared with the public keys that the database itself gives; whoever could write to it could have made everything anew.")
	}
	for i := range v.checkpoints {
		if c := &v.checkpoints[i]; v.changed(i) {
			add(fmt.Sprintf("La clé a changé au point de contrôle %d, le %s\u00a0: la clé actuelle seule répond de ce qui précède.", c.Segment, day(c.SignedAt)),
				fmt.Sprintf("The key changed at checkpoint %d, on %s: the current key alone answers for what came before.", c.Segment, day(c.SignedAt)))
		}
	}
	if n := v.report.Unsigned; n > 0 {
		add(fmt.Sprintf("Les %d derniers enregistrements ne sont pas encore signés\u00a0: qui a pu écrire dans la base a pu les refaire tous.", n),
			fmt.Sprintf("The last %d records are not signed yet: whoever could write to the database could have made them all anew.", n))
	}
	switch {
	case v.noted == nil:
		add("Aucune fin du journal n’est notée hors de la base\u00a0: une base ramenée à un état antérieur ne se verrait pas.",
			"No end of the journal is noted outside the database: one taken back to an earlier state would not show.")
	case v.noted.Seq < v.seq:
		add(fmt.Sprintf("Après l’enregistrement %d, noté le %s, une coupure de la fin ne se verrait pas.", v.noted.Seq, day(v.noted.At)),
			fmt.Sprintf("After record %d, noted on %s, a cut of the end would not show.", v.noted.Seq, day(v.noted.At)))
	}
	if n := v.report.Dropped; n > 0 {
		add(fmt.Sprintf("Des %d segments supprimés au terme de leur conservation ne restent que les points de contrôle.", n),
			fmt.Sprintf("Of the %d segments dropped at the end of their retention only the checkpoints are left.", n))
	}
}

// day shows a time to the minute.
func day(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }
