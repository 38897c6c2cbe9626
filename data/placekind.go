package data

import "strings"

// Kinds of places: what is around a home. They are stable identifiers, the same in
// every source; a plain file may add others, in the same form.
const (
	PlacePolice       = "police"      // commissariat
	PlaceGendarmerie  = "gendarmerie" // brigade
	PlaceSchool       = "school"      // école maternelle, élémentaire or primaire
	PlaceCollege      = "college"     // lower secondary school
	PlaceLycee        = "lycee"       // upper secondary school
	PlaceStation      = "station"     // railway station
	PlaceHospital     = "hospital"    // of short stay: medicine, surgery, obstetrics
	PlaceEmergency    = "emergency"   // emergency department
	PlaceHotel        = "hotel"
	PlaceBar          = "bar"
	PlaceRestaurant   = "restaurant"
	PlaceMotorwayExit = "motorway_exit"
)

// PlaceKind describes a kind of places.
type PlaceKind struct {
	ID    string // stable identifier
	Label Text
	// BPE are the codes (TYPEQU) of the kind in Insee's permanent database of
	// facilities, of every edition since 2021.
	BPE []string
	// OnRequest: numerous and of no use to the indicators, so that the BPE's are
	// imported only when asked for.
	OnRequest bool
}

// PlaceKinds lists the kinds with a meaning for Vigie, in the order of legends. The BPE
// has no type for bars (NAF 56.30Z) nor for motorway exits: they come from other files.
var PlaceKinds = []PlaceKind{
	{ID: PlacePolice, Label: Text{FR: "Police", EN: "Police"}, BPE: []string{"A101", "A140"}},
	{ID: PlaceGendarmerie, Label: Text{FR: "Gendarmerie", EN: "Gendarmerie"}, BPE: []string{"A104"}},
	{ID: PlaceSchool, Label: Text{FR: "École", EN: "Primary school"}, BPE: []string{"C101", "C102", "C104", "C105", "C107", "C108", "C109"}},
	{ID: PlaceCollege, Label: Text{FR: "Collège", EN: "Lower secondary school (collège)"}, BPE: []string{"C201"}},
	{ID: PlaceLycee, Label: Text{FR: "Lycée", EN: "Upper secondary school (lycée)"}, BPE: []string{"C301", "C302", "C303", "C304", "C305"}},
	{ID: PlaceStation, Label: Text{FR: "Gare", EN: "Railway station"}, BPE: []string{"E107", "E108", "E109"}},
	{ID: PlaceHospital, Label: Text{FR: "Hôpital", EN: "Hospital"}, BPE: []string{"D101"}},
	{ID: PlaceEmergency, Label: Text{FR: "Urgences", EN: "Emergency department"}, BPE: []string{"D106"}},
	{ID: PlaceHotel, Label: Text{FR: "Hôtel", EN: "Hotel"}, BPE: []string{"G102"}},
	{ID: PlaceBar, Label: Text{FR: "Bar", EN: "Bar"}},
	{ID: PlaceRestaurant, Label: Text{FR: "Restaurant", EN: "Restaurant"}, BPE: []string{"A504"}, OnRequest: true},
	{ID: PlaceMotorwayExit, Label: Text{FR: "Sortie d’autoroute", EN: "Motorway exit"}},
	{ID: KindOther, Label: Text{FR: "Autre lieu", EN: "Other place"}},
}

// PlaceKindByBPE finds the kind of a TYPEQU code of the BPE, in any case.
func PlaceKindByBPE(code string) (PlaceKind, bool) {
	for _, k := range PlaceKinds {
		for _, c := range k.BPE {
			if strings.EqualFold(c, code) {
				return k, true
			}
		}
	}
	return PlaceKind{}, false
}
