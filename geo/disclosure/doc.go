// Package disclosure keeps what a release tells of a home within a bound, and
// measures it.
//
//   - [Mask] and [Enforce] draw the cells in which masked positions are shown.
//   - [Scale] turns an exact value into a band, [Pseudonyms] names sites in a release.
//   - [Table.Suppress] hides cells of published counts; [Table.Attack] is the
//     linear-programming attacker who tries to find them again.
//   - [Posterior] is the attacker who holds the public register and everything
//     released: what he believed of each home before, and what he believes after.
//
// The package knows homes, categories and départements by opaque keys only. Nothing
// in it is random.
package disclosure
