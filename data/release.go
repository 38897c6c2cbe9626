package data

import "time"

// Release is a frozen masked view of the homes, the same for every recipient: what
// changes between two releases tells nothing of a home by itself.
type Release struct {
	// ID is the day on which it was frozen, ISO 8601.
	ID       string    `json:"id"`
	FrozenAt time.Time `json:"frozen_at"`
	// ProfileHash names the profile of the scores whose classes are shown.
	ProfileHash string `json:"profile_hash"`
	// Rules is the version of the rules that it was made under; K and Bound are their
	// numbers, MaxRise what the attacker gained.
	Rules   int     `json:"rules,omitempty"`
	K       int     `json:"k"`
	Bound   float64 `json:"bound"`
	MaxRise float64 `json:"max_rise"`
	// Bands name the indicators whose bands are shown.
	Bands []string `json:"bands"`
	// Rows are in pseudonym order.
	Rows []MaskedSite `json:"rows"`
}

// ReleaseRules is the version of the rules of releases: 2 since homes that the public register
// lacks are in none and class 4 is guarded as class 5 is.
const ReleaseRules = 2

// Withdrawn tells that the release was made under rules that hold no longer: it is kept, as
// attackers may have it, and no longer served.
func (r *Release) Withdrawn() bool { return r.Rules != ReleaseRules }

// MaskedSite is one home of a release.
type MaskedSite struct {
	Pseudonym string `json:"pseudonym"`
	// SiteID is the home; it never leaves the server.
	SiteID         string `json:"site_id"`
	Category       string `json:"category,omitempty"`
	Kind           string `json:"kind"`
	DepartmentCode string `json:"department_code"`
	// Cell is the INSPIRE identifier of the square it is shown in, "" for the département.
	Cell string `json:"cell,omitempty"`
	// Class is 1 to 5, 0 when indeterminate, −1 when not shown.
	Class int `json:"class"`
	// Codes are those of the bands, aligned with Release.Bands; nil when not shown.
	Codes []string `json:"codes,omitempty"`
}
