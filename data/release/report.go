package release

import (
	"context"
	"time"

	"vigie/data"
	"vigie/data/snapshot"
	"vigie/geo/disclosure"
)

// Report is what releases tell an attacker of each home, and what they are still good for.
// It names homes: it is for whoever sees them exactly.
type Report struct {
	Releases int `json:"releases"`
	// Bound is the promise, MaxRise the largest rise of a secret that was found: at Home, of
	// being in the top class or, when High, in one of the two highest.
	Bound   float64 `json:"bound"`
	MaxRise float64 `json:"max_rise"`
	Home    string  `json:"home,omitempty"`
	High    bool    `json:"high,omitempty"`
	Holds   bool    `json:"holds"`
	// Placed are homes that the register lacks and whose rows may be left when those of its
	// homes are taken away.
	Placed []string   `json:"placed"`
	Homes  []Standing `json:"homes"`
	// Utility is that of the newest release that is not withdrawn.
	Utility Utility `json:"utility"`
}

// Standing is what an attacker knows of one home.
type Standing struct {
	SiteID string `json:"site_id"`
	// Before and After are the probability (0–1) that the home is in the top class, from
	// public data alone and with the releases; After is nil for a home that the register
	// lacks, which nobody can ask about. HighBefore and HighAfter are the same for the two
	// highest classes.
	Before     float64  `json:"before"`
	After      *float64 `json:"after"`
	HighBefore float64  `json:"high_before"`
	HighAfter  *float64 `json:"high_after"`
	// Addresses and Bodies are the numbers of distinct ones that it is shown among.
	Addresses int `json:"addresses"`
	Bodies    int `json:"bodies"`
	// AreaM2 is the area left in doubt; nil for a whole département of unknown area.
	AreaM2 *float64 `json:"area_m2"`
}

// Utility says what masking costs.
type Utility struct {
	// Sizes counts homes by the side of their cell in metres; 0 is the département.
	Sizes map[int]int `json:"sizes"`
	// WithoutClass and WithoutBands are shares (0–1) of homes.
	WithoutClass float64 `json:"without_class"`
	WithoutBands float64 `json:"without_bands"`
	// Omitted homes are in no row.
	Omitted int `json:"omitted"`
}

// Attack measures what the stored releases, or those of exports when there are any, and the public
// statistics tell someone who holds them all of the homes of a snapshot. by must see every home exactly.
func Attack(ctx context.Context, store Store, sn *snapshot.Snapshot, by data.Viewer, exports Exports) (*Report, error) {
	r, err := readRegister(sn, by)
	if err != nil {
		return nil, err
	}
	known, stored, err := r.knowledge(ctx, store)
	if err != nil {
		return nil, err
	}
	if len(exports) > 0 {
		if known.Releases, err = exports.join(); err != nil {
			return nil, err
		}
	}
	rules := disclosure.DefaultRules()
	attack, err := disclosure.Posterior(r.homes, []disclosure.Attribute{r.class}, rules, known)
	if err != nil {
		return nil, err
	}
	var utility Utility
	for _, release := range stored {
		if !release.Withdrawn() {
			utility = utilityOf(release, len(r.homes))
		}
	}
	return r.report(attack, rules, len(known.Releases), utility), nil
}

func (r *register) report(attack disclosure.Report, rules disclosure.Rules, releases int, utility Utility) *Report {
	out := &Report{
		Releases: releases, Bound: rules.Bound, MaxRise: attack.MaxRise, Holds: attack.Holds(rules),
		Placed: []string{}, Homes: []Standing{}, Utility: utility,
	}
	if attack.Home >= 0 {
		out.Home, out.High = r.ids[attack.Home], attack.Secret == disclosure.HighClass
	}
	for _, i := range attack.Placed {
		out.Placed = append(out.Placed, r.ids[i])
	}
	for i, s := range attack.Homes {
		out.Homes = append(out.Homes, Standing{
			SiteID: r.ids[i], Before: s.Before[disclosure.TopClass], After: known(s.After[disclosure.TopClass]),
			HighBefore: s.Before[disclosure.HighClass], HighAfter: known(s.After[disclosure.HighClass]),
			Addresses: s.Addresses, Bodies: s.Bodies, AreaM2: known(s.Area),
		})
	}
	return out
}

// known is nil for NaN.
func known(f float64) *float64 {
	if f != f {
		return nil
	}
	return &f
}

func utilityOf(r *data.Release, homes int) Utility {
	out := Utility{Sizes: map[int]int{}, Omitted: max(0, homes-len(r.Rows))}
	for i := range r.Rows {
		row := &r.Rows[i]
		size := 0
		if row.Cell != "" {
			size = cellSize(row.Cell)
		}
		out.Sizes[size]++
		if row.Class < 0 {
			out.WithoutClass++
		}
		if row.Codes == nil {
			out.WithoutBands++
		}
	}
	if n := float64(len(r.Rows)); n > 0 {
		out.WithoutClass /= n
		out.WithoutBands /= n
	}
	return out
}

// Interval is the time between two releases.
const Interval = 92 * 24 * time.Hour
