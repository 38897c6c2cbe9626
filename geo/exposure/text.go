// Package exposure is the catalogue of exposure indicators: what each one
// measures, in which unit, by which formula and from which source, and the pure
// functions that compute them. Everything that shows an indicator (API, CSV
// columns, legends, documentation, score) is derived from the catalogue.
package exposure

// Text is a sentence or label in the two languages of the product.
type Text struct {
	FR string `json:"fr"`
	EN string `json:"en"`
}

// In returns the text in lang ("fr" or "en"); French is the default.
func (t Text) In(lang string) string {
	if lang == "en" {
		return t.EN
	}
	return t.FR
}
