package data

// Category is a FINESS category of establishment that Vigie knows
// (nomenclature "catégorie d'établissement", DREES). Keyed on codes: labels
// change between editions.
type Category struct {
	Code string `json:"code"` // FINESS code, 3 digits
	Kind string `json:"kind"` // stable English-style identifier used in outputs
	// Label is the official name, and its English explanation.
	Label Text `json:"label"`
	// ChildProtection: aggregate 4501, imported by default when it is also a residence.
	ChildProtection bool `json:"child_protection"`
	// Residence: children sleep there. Services (placement familial, AEMO…) are not residences.
	Residence bool `json:"residence"`
	// Private: may be a private home; its position is withheld by default.
	Private bool `json:"private"`
}

// KindOther is the kind of a site whose category is not given.
const KindOther = "other"

// Categories lists the categories Vigie can import, in FINESS order.
var Categories = []Category{
	{Code: "159", Kind: "parental_centre", Label: Text{FR: "Centre parental", EN: "Parental centre"}, ChildProtection: true, Residence: true},
	{Code: "166", Kind: "mother_child_home", Label: Text{FR: "Établissement d’accueil mère-enfant", EN: "Mother-and-child home"}, ChildProtection: true, Residence: true},
	{Code: "172", Kind: "infant_home", Label: Text{FR: "Pouponnière à caractère social", EN: "Infants’ home"}, ChildProtection: true, Residence: true},
	{Code: "175", Kind: "emergency_home", Label: Text{FR: "Foyer de l’enfance", EN: "Emergency children’s home"}, ChildProtection: true, Residence: true},
	{Code: "176", Kind: "children_village", Label: Text{FR: "Village d’enfants", EN: "Children’s village"}, ChildProtection: true, Residence: true},
	{Code: "177", Kind: "mecs", Label: Text{FR: "Maison d’enfants à caractère social (MECS)", EN: "Children’s home (MECS)"}, ChildProtection: true, Residence: true},
	{Code: "236", Kind: "foster_service", Label: Text{FR: "Placement familial (service)", EN: "Foster-care service"}, ChildProtection: true},
	{Code: "295", Kind: "community_support_service", Label: Text{FR: "Service d’action éducative en milieu ouvert (AEMO)", EN: "Community support service (AEMO)"}},
	{Code: "411", Kind: "placement_service", Label: Text{FR: "Intermédiaire de placement social (service)", EN: "Placement agency (service)"}, ChildProtection: true},
	{Code: "462", Kind: "living_place", Label: Text{FR: "Lieu de vie et d’accueil", EN: "Small living place (may be a private home)"}, Residence: true, Private: true},
}

// CategoryByCode finds a category by its FINESS code.
func CategoryByCode(code string) (Category, bool) {
	for _, c := range Categories {
		if c.Code == code {
			return c, true
		}
	}
	return Category{}, false
}

// CategoryByKind finds a category by its kind.
func CategoryByKind(kind string) (Category, bool) {
	for _, c := range Categories {
		if c.Kind == kind {
			return c, true
		}
	}
	return Category{}, false
}
