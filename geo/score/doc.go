// Package score turns indicators into the exposure of a place ("exposition du
// lieu"): a composite index from 0 to 100 that states its own uncertainty. It is
// never a probability that a child is a victim.
//
// The package knows indicators by identifier only. A [Profile] says which ones
// count, how much, and which values mean none (0) and full (1) exposure; a
// [Scorer] is a profile made ready to compute. [Scorer.Explain] gives the score of
// one set of values and what each indicator adds, [Scorer.Run] the intervals,
// classes and ranks that follow from the uncertainty of the data, and
// [Scorer.Sensitivity] what follows from the choices of method, apart.
//
// Everything is reproducible: random numbers come from streams derived from the
// profile's seed and the site's identifier, so that a result depends neither on the
// order of sites, nor on other sites, nor on the number of processors.
//
// Sources: OECD/JRC, Handbook on Constructing Composite Indicators (2008); Saisana,
// Saltelli and Tarantola, Uncertainty and sensitivity analysis techniques as tools
// for the quality assessment of composite indicators, JRSS A 168 (2005).
package score
