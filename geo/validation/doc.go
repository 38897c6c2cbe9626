// Package validation tests a score against what happened later: does a higher score
// come with more incidents? It gives discrimination (AUC with its interval and a
// permutation test), calibration (bands, isotonic rates, Hosmer–Lemeshow), lift in
// the top decile and errors by type of neighbourhood, and refuses to answer when there
// are too few events to tell.
//
// The score orders places; it is not a probability. Nothing here makes it one: the
// rates observed in each band describe the period that was looked at.
//
// The package is pure: random numbers come from the seed in the options, and the
// report carries it.
package validation
