// Package data holds Vigie's records, their validation, the Viewer that decides
// who may see what, and Store, the one persistence interface.
package data

import "vigie/geo/exposure"

// Text is a sentence or label in French and English.
type Text = exposure.Text

// Layer names a family of records that is imported, versioned and served together.
type Layer string

// The layers of the product.
const (
	LayerSites  Layer = "sites"  // homes (foyers)
	LayerZones  Layer = "zones"  // priority neighbourhoods and other polygons
	LayerPlaces Layer = "places" // points of interest: police, schools, stations…
	LayerAreas  Layer = "areas"  // administrative units: départements and communes
	// LayerStatistics are figures of areas: recorded crime, population, poverty.
	LayerStatistics Layer = "statistics"
	// LayerReleases are the frozen masked views of the homes.
	LayerReleases Layer = "releases"
)

// Label is the layer's name for users.
func (l Layer) Label() Text {
	switch l {
	case LayerSites:
		return Text{FR: "Foyers", EN: "Homes"}
	case LayerZones:
		return Text{FR: "Zones", EN: "Zones"}
	case LayerPlaces:
		return Text{FR: "Lieux", EN: "Places"}
	case LayerStatistics:
		return Text{FR: "Statistiques", EN: "Statistics"}
	case LayerReleases:
		return Text{FR: "Vues masquées", EN: "Masked views"}
	}
	return Text{FR: "Départements et communes", EN: "Départements and communes"}
}
