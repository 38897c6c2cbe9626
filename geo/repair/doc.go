// Package repair makes multipolygons in longitude and latitude (CRS84, degrees) valid in the
// sense of OGC Simple Features, loses no area on the way, and lists everything that it did.
// An official zone that vanishes, or that gets a hole where two of its parts overlap, would
// make a home look safe.
//
// The rings of one polygon are read by the even-odd rule, as GEOS' MakeValid does: a hole
// outside its shell becomes a part, a ring that crosses itself becomes its lobes. The parts
// of one multipolygon are united, where MakeValid would turn the overlap of two parts into a
// hole. What is already valid keeps its coordinates to the bit; what is not is computed on
// the grid of geo/overlay (0.11 mm).
package repair
