// Package overlay computes regions from rings that may cross, touch, overlap or repeat:
// even-odd fill, union, intersection, and whether interiors overlap.
//
// # Method
//
// Coordinates are rounded to an integer grid (see Grid). The segments are then noded by
// iterated snap rounding: every segment that passes through the grid pixel of a vertex or
// of a rounded crossing is bent through the middle of that pixel, until none does. All
// predicates are exact integer arithmetic. Every bend replaces a segment by strictly shorter ones,
// so noding ends; when it has ended, segments meet at their ends only and no vertex lies
// within half a grid step of a segment that it does not belong to. One sweep over the noded
// segments tells which side of each is covered, and the border is walked into rings.
//
// Sources: J. Hobby, "Practical segment intersection with finite precision output",
// Computational Geometry 13 (1999); D. Halperin and E. Packer, "Iterated snap rounding",
// Computational Geometry 23 (2002).
//
// With n edges that cross or touch in k places, time goes with (n + k) log n for rings as they
// occur on the ground, and memory with n + k. In random data k grows with n², and 4,000 random
// positions take a minute: what comes from outside goes through geo/repair, which sets a bound.
//
// # Conventions
//
// Coordinates are planar (x, y), for geographic data longitude and latitude in degrees
// (CRS84); edges are straight in that plane. Results are valid in the sense of OGC Simple
// Features (OGC 06-103r4, 6.1.11): closed simple rings without repeated points, outer rings
// counter-clockwise and holes clockwise (RFC 7946), connected interiors, rings that touch at
// single points only. A result is in canonical order: each ring starts at its lowest
// position (smallest x, then y), polygons and holes follow in the order of those positions;
// so equal regions from permuted input are equal values. An empty region is an empty,
// non-nil multipolygon.
//
// Inputs are never modified, need not be valid, and rings need not be closed. A position
// that is not finite, or whose coordinates exceed 1e300, is left out of its ring: geo/repair
// reports such positions before it calls this package.
package overlay
