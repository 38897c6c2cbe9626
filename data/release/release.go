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
}

// ActionFreeze names the freezing of a release in the journal.
const ActionFreeze = "release.freeze"

// KeySize is the length in bytes of the key that names the homes of a release.
const KeySize = 32

// Freeze makes the release of a day and stores it. key names its homes and is forgotten:
// without it nobody links the pseudonyms of two releases. by must see every home exactly.
//
// The cells are coarse enough for the promise to hold against someone who also has every
// earlier release and every edition of the public statistics. The error is ErrPending while
// scores are being computed, ErrNoHome when there is nothing to release, ErrTellsTooMuch
// when no cell is coarse enough, and data.ErrConflict when the day has a release.
func Freeze(ctx context.Context, store Store, sn *snapshot.Snapshot, by data.Viewer, now time.Time, key []byte) (*data.Release, *Report, error) {
	r, err := readRegister(sn, by)
	if err != nil {
		return nil, nil, err
	}
	if len(r.homes) == 0 {
		return nil, nil, ErrNoHome
	}
	known, err := r.knowledge(ctx, store)
	if err != nil {
		return nil, nil, err
	}
	rules := disclosure.DefaultRules()
	partition, attack, err := disclosure.Enforce(r.homes, []disclosure.Secret{r.class}, rules, known)
	if err != nil {
		return nil, nil, err
	}
	pseudonyms, err := disclosure.Pseudonyms(key, r.ids)
	if err != nil {
		return nil, nil, err
	}
	release := &data.Release{
		ID: now.UTC().Format(time.DateOnly), FrozenAt: now.UTC().Truncate(time.Second), ProfileHash: sn.ProfileHash(),
		K: rules.K, Bound: rules.Bound, MaxRise: attack.MaxRise, Rows: []data.MaskedSite{},
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
	if !attack.Holds(rules) {
		return nil, r.report(attack, rules, len(known.Releases)+1, utilityOf(release, len(r.homes))), ErrTellsTooMuch
	}
	err = store.PutRelease(ctx, by, release, data.AuditEntry{
		At: now, Subject: by.Subject(), Action: ActionFreeze, Layer: data.LayerReleases, Records: []string{release.ID}, Count: len(release.Rows), Purpose: by.Purpose(),
	})
	if err != nil {
		return nil, nil, err
	}
	return release, r.report(attack, rules, len(known.Releases)+1, utilityOf(release, len(r.homes))), nil
}

// ErrNoHome refuses an empty release, which would take the day of one that is not.
var ErrNoHome error = &data.InvalidError{Problems: []data.Problem{{
	Severity: data.SeverityError, Code: "no-home", Field: "sites",
	Message: data.Text{
		FR: "Il n’y a aucun foyer ouvert dans un département connu\u00a0: importez d’abord les foyers.",
		EN: "There is no open home in a known département: import the homes first.",
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
