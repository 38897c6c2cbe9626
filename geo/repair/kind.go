package repair

// Kind is what was wrong with a geometry; stable, machine-readable, in kebab-case.
type Kind string

// Kinds of positions and rings.
const (
	// NonFinite: a coordinate is not a number or infinite. The position was left out: what the
	// ring looked like there is lost.
	NonFinite Kind = "non-finite"
	// OutOfRange: |longitude| > 180 or |latitude| > 90. The position was left out.
	OutOfRange Kind = "out-of-range"
	// UnclosedRing: the last position was not the first. The ring was closed.
	UnclosedRing Kind = "unclosed-ring"
	// RepeatedPoint: a position was given twice in a row. Valid, but useless; dropped.
	RepeatedPoint Kind = "repeated-point"
	// TooFewPoints: fewer than three different positions. The ring, which has no area, was
	// left out.
	TooFewPoints Kind = "too-few-points"
	// Orientation: an outer ring was clockwise or a hole counter-clockwise (RFC 7946, 3.1.6).
	// The ring was reversed. Valid in OGC terms.
	Orientation Kind = "orientation"
	// Spike: the ring goes out and straight back. Cut off.
	Spike Kind = "spike"
	// SelfCrossing: the ring crosses itself or runs along itself. Read by the even-odd rule.
	SelfCrossing Kind = "self-crossing"
	// SelfTouching: the ring touches itself at a point. Split there.
	SelfTouching Kind = "self-touching"
)

// Kinds of rings of one polygon against each other.
const (
	// HoleOutsideShell: a hole lies outside the first ring. It became a part of its own.
	HoleOutsideShell Kind = "hole-outside-shell"
	// HoleCrossingShell: a hole crosses the first ring. What lies outside became a part.
	HoleCrossingShell Kind = "hole-crossing-shell"
	// HoleAlongShell: a hole has a stretch of border in common with the first ring. The hole
	// became a bay or, from the outside, an annexe.
	HoleAlongShell Kind = "hole-along-shell"
	// HolesMeeting: two holes cross or have a stretch of border in common. Read by the even-odd
	// rule.
	HolesMeeting Kind = "holes-meeting"
	// NestedHoles: a hole lies inside another. It became an island.
	NestedHoles Kind = "nested-holes"
	// DisconnectedInterior: rings touch so that they cut the interior in several pieces. Each
	// piece became a part.
	DisconnectedInterior Kind = "disconnected-interior"
)

// Kinds of polygons of one multipolygon against each other, and of the whole.
const (
	// OverlappingParts: two polygons cover the same ground. They were united; Fix.Area is what
	// the even-odd rule over all parts would have lost.
	OverlappingParts Kind = "overlapping-parts"
	// TooTangled: rings meet in more than MaxCrossings places, as no outline on the ground does.
	// The polygon, or the whole where its polygons are entangled, was left out.
	TooTangled Kind = "too-tangled"
	// AdjoiningParts: two polygons have a stretch of border in common. They were united.
	AdjoiningParts Kind = "adjoining-parts"
	// ZeroArea: a ring encloses nothing, or the whole covers less than MinArea. The whole is
	// then left out: the result is empty.
	ZeroArea Kind = "zero-area"
)

// Invalid tells whether a geometry with this finding is not valid in the sense of OGC Simple
// Features. Repeated points, rings in the wrong direction and a tiny area are valid.
func (k Kind) Invalid() bool {
	return k != RepeatedPoint && k != Orientation && k != ZeroArea
}

// Lossy tells whether something that the file meant to say may be lost: positions that could
// not be used, or a geometry without area.
func (k Kind) Lossy() bool {
	return k == NonFinite || k == OutOfRange || k == ZeroArea || k == TooTangled
}

// MinArea, in m², is what a geometry must cover at least to count as having an area.
const MinArea = 1.0

// MaxCrossings is in how many places the rings of a polygon, or the polygons of a
// multipolygon, may cross or touch for a repair to be tried: memory and time go with that
// number, which grows with the square of the positions in random data. The official zones
// have a few dozen at most.
const MaxCrossings = 50_000
