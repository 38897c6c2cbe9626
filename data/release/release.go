// Package release freezes masked views of the homes and measures what they tell.
package release

import (
	"cmp"
	"context"
	"slices"
	"time"

	"vigie/data"
	"vigie/data/snapshot"
	"vigie/geo/crs"
	"vigie/geo/disclosure"
)

// Store keeps releases and the public statistics.
type Store interface {
	data.PublishedStatistics
	Releases(ctx context.Context, fn func(*data.Release) error) error
	PutRelease(ctx context.Context, by data.Viewer, r *data.Release, entry data.AuditEntry) error
	Audit(ctx context.Context, entry data.AuditEntry) error
}

// Actions of the journal: the freezing of a release, and the withdrawal of those made under
// older rules.
const (
	ActionFreeze   = "release.freeze"
	ActionWithdraw = "release.withdraw"
)

// KeySize is the length in bytes of the key that names the homes of a release.
const KeySize = 32

// Freeze makes the release of a day and stores it. key names its homes and is forgotten:
// without it nobody links the pseudonyms of two releases. by must see every home exactly.
//
// Homes that the public register lacks are in no row. The cells are coarse enough for the
// promise to hold against someone who also has every earlier release, withdrawn ones too, and
// every edition of the public statistics; what these alone give away is out and is no reason
// to refuse. The error is ErrPending while scores are being computed, ErrNoHome when there is
// nothing to release, ErrTellsTooMuch when no cell is coarse enough, and data.ErrConflict when
// the day has a release.
//
// The first release under new rules notes in the journal that those before are withdrawn:
// since the rules changed they are served to nobody.
func Freeze(ctx context.Context, store Store, sn *snapshot.Snapshot, by data.Viewer, now time.Time, key []byte) (*data.Release, *Report, error) {
	r, err := readRegister(sn, by)
	if err != nil {
		return nil, nil, err
	}
	if !slices.ContainsFunc(r.homes, func(h disclosure.Home) bool { return !h.Unlisted }) {
		return nil, nil, ErrNoHome
	}
	known, stored, err := r.knowledge(ctx, store)
	if err != nil {
		return nil, nil, err
	}
	rules := disclosure.DefaultRules()
	attributes := []disclosure.Attribute{r.class}
	partition, attack, err := disclosure.Enforce(r.homes, attributes, rules, known)
	if err != nil {
		return nil, nil, err
	}
	pseudonyms, err := disclosure.Pseudonyms(key, r.ids)
	if err != nil {
		return nil, nil, err
	}
	release := &data.Release{
		ID: now.UTC().Format(time.DateOnly), FrozenAt: now.UTC().Truncate(time.Second), ProfileHash: sn.ProfileHash(),
		Rules: data.ReleaseRules, K: rules.K, Bound: rules.Bound, MaxRise: attack.MaxRise, Rows: []data.MaskedSite{},
	}
	for _, b := range snapshot.BandedIndicators() {
		release.Bands = append(release.Bands, b.ID)
	}
	for i, at := range partition.Of {
		if at < 0 {
			continue
		}
		release.Rows = append(release.Rows, r.row(i, &partition.Cells[at], pseudonyms[i]))
	}
	slices.SortFunc(release.Rows, func(a, b data.MaskedSite) int { return cmp.Compare(a.Pseudonym, b.Pseudonym) })
	report := r.report(attack, rules, len(known.Releases)+1, utilityOf(release, len(r.homes)))
	if !attack.Holds(rules) {
		alone, err := disclosure.Posterior(r.homes, attributes, rules, known)
		if err != nil {
			return nil, nil, err
		}
		if attack.Adds(alone, rules) {
			return nil, report, ErrTellsTooMuch
		}
	}
	if err := withdraw(ctx, store, by, now, release.ID, stored); err != nil {
		return nil, nil, err
	}
	err = store.PutRelease(ctx, by, release, data.AuditEntry{
		At: now, Subject: by.Subject(), Action: ActionFreeze, Layer: data.LayerReleases, Records: []string{release.ID}, Count: len(release.Rows), Purpose: by.Purpose(),
	})
	if err != nil {
		return nil, nil, err
	}
	return release, report, nil
}

// withdraw notes that stored releases are withdrawn before the first one under the present
// rules is frozen.
func withdraw(ctx context.Context, store Store, by data.Viewer, now time.Time, id string, stored []*data.Release) error {
	var ids []string
	for _, r := range stored {
		if !r.Withdrawn() || r.ID == id { // noted already, or about to be refused
			return nil
		}
		ids = append(ids, r.ID)
	}
	if len(ids) == 0 {
		return nil
	}
	return store.Audit(ctx, data.AuditEntry{
		At: now, Subject: by.Subject(), Action: ActionWithdraw, Layer: data.LayerReleases, Records: ids, Count: len(ids), Purpose: by.Purpose(),
	})
}

// ErrNoHome refuses an empty release, which would take the day of one that is not.
var ErrNoHome error = &data.InvalidError{Problems: []data.Problem{{
	Severity: data.SeverityError, Code: "no-home", Field: "sites",
	Message: data.Text{
		FR: "Il n’y a aucun foyer ouvert du registre public dans un département connu\u00a0: importez d’abord les foyers.",
		EN: "There is no open home of the public register in a known département: import the homes first.",
	},
}}}

// ErrTellsTooMuch refuses a release, or finds that stored ones break the promise.
var ErrTellsTooMuch error = &data.InvalidError{Problems: []data.Problem{{
	Severity: data.SeverityError, Code: "disclosure", Field: "releases",
	Message: data.Text{
		FR: "Ce qui est diffusé en dirait trop d’un foyer, même masqué au niveau du département.",
		EN: "What is released would tell too much of a home, even masked at the level of the département.",
	},
}}}

func (r *register) row(i int, cell *disclosure.Cell, pseudonym string) data.MaskedSite {
	m := r.sites[i]
	m.Pseudonym, m.Cell, m.Class = pseudonym, cell.ID(), -1
	if cell.ShowsLabels {
		m.Class = r.class.Labels[i]
	}
	if cell.ShowsBands {
		for j, b := range snapshot.BandedIndicators() {
			band := disclosure.UnknownBand()
			if k := r.homes[i].Bands[j]; k >= 0 {
				band = b.Scale.Bands()[k]
			}
			m.Codes = append(m.Codes, band.Code)
		}
	}
	return m
}

// cellSize is the side of a square in metres.
func cellSize(id string) int {
	cell, err := crs.ParseGridCell(id)
	if err != nil {
		return 0
	}
	return cell.Size
}
