package exposure

import (
	"math"

	"github.com/paulmach/orb"

	"vigie/geo/pointindex"
)

// Places are the points of one kind.
type Places struct {
	index *pointindex.Index
	refs  []PlaceRef
	// departments are those (INSEE codes) of all places that were indexed together, of
	// every kind; "" is there when one has none.
	departments map[string]bool
	// standsOut is, by département, the density above which these places stand out.
	standsOut map[string]float64
	// atNight are those known to be open at night, unsure those whose hours are not known;
	// both nil when no hours are.
	atNight, unsure *pointindex.Index
}

// PlaceRef is a place as the indicators need it.
type PlaceRef struct {
	ID, Name string
	// Kind and Department (INSEE code) may be empty: the place is compared with no other,
	// and may be anywhere.
	Kind, Department string
	Point            orb.Point // lon, lat, CRS84
	// OpenAtNight tells whether it receives the public at night, nil when not known.
	OpenAtNight *bool
}

// NewPlaces indexes the places of one kind; the slice is kept. Whether their density
// stands out is left unknown: IndexPlaces works that out.
func NewPlaces(refs []PlaceRef) *Places {
	points := make([]orb.Point, len(refs))
	departments := map[string]bool{}
	var open, unsure []orb.Point
	for i := range refs {
		points[i], departments[refs[i].Department] = refs[i].Point, true
		switch night := refs[i].OpenAtNight; {
		case night == nil:
			unsure = append(unsure, points[i])
		case *night:
			open = append(open, points[i])
		}
	}
	p := &Places{index: pointindex.Build(points), refs: refs, departments: departments}
	if len(unsure) < len(refs) {
		p.atNight, p.unsure = pointindex.Build(open), pointindex.Build(unsure)
	}
	return p
}

// Nearest is the nearest place and its geodesic distance in metres.
func (p *Places) Nearest(at orb.Point) (PlaceRef, float64, bool) {
	if p == nil {
		return PlaceRef{}, 0, false
	}
	n, ok := p.index.Nearest(at)
	if !ok {
		return PlaceRef{}, 0, false
	}
	return p.refs[n.Index], n.Distance, true
}

// placesLoaded tells whether there is a place of any of these kinds.
func placesLoaded(kinds []string) func(*World) bool {
	return func(w *World) bool {
		for _, kind := range kinds {
			if p := w.Places[kind]; p != nil && p.index.Len() > 0 {
				return true
			}
		}
		return false
	}
}

// placeReach is how far, in metres, the nearest place of a kind may be and still be taken
// for the nearest that exists: beyond, places of this kind are not loaded around.
const placeReach = 200_000

// nearestPlace is the nearest place of these kinds where places are loaded; otherwise the
// distance is NaN and ok false: what is not loaded is not far.
func (e *Evaluator) nearestPlace(kinds []string) (ref PlaceRef, distance float64, ok bool) {
	distance = math.Inf(1)
	for _, kind := range kinds {
		if r, d, found := e.world.Places[kind].Nearest(e.subject.Point); found && d < distance {
			ref, distance = r, d
		}
	}
	if distance > placeReach || !e.covered(kinds) {
		return PlaceRef{}, math.NaN(), false
	}
	return ref, distance, true
}

// covered tells whether places are loaded in the subject's département, or may be: it is
// not known, or the places' are not.
func (e *Evaluator) covered(kinds []string) bool {
	department := e.subject.department()
	if department == "" {
		return true
	}
	for _, kind := range kinds {
		if p := e.world.Places[kind]; p != nil && (p.departments[department] || p.departments[""]) {
			return true
		}
	}
	return false
}

// department is the INSEE code of the subject's département, the commune's when it does not
// say; empty when it is not known.
func (s *Subject) department() string {
	switch code := s.CommuneCode; {
	case s.Department != "":
		return s.Department
	case len(code) < 5:
		return ""
	case code[:2] == "97" || code[:2] == "98":
		return code[:3]
	default:
		return code[:2]
	}
}

func (e *Evaluator) countPlaces(kinds []string, radius float64) Value {
	if _, _, ok := e.nearestPlace(kinds); !ok {
		return unknown(ReasonNotCovered)
	}
	n := 0
	for _, kind := range kinds {
		if places := e.world.Places[kind]; places != nil {
			n += len(places.index.Within(e.subject.Point, radius))
		}
	}
	return Integer(n)
}

// nightIndicators are guardianship at night.
func nightIndicators() []Indicator {
	const source = "Horaires publiés par la police et la gendarmerie (points d’accueil)"
	loaded := placesLoaded(policeKinds)
	return []Indicator{
		{
			ID: "nearest_police_open_at_night_m", Unit: "m", Type: TypeNumber, Decimals: 1, Direction: Risk,
			Label: Text{FR: "Distance à l’unité de police ou de gendarmerie ouverte la nuit la plus proche", EN: "Distance to the nearest police or gendarmerie unit open at night"},
			Formula: Text{
				FR: "Distance géodésique à l’unité la plus proche qui reçoit le public de 22\u00a0h à 6\u00a0h, tous les jours.",
				EN: "Geodesic distance to the nearest unit that receives the public from 22:00 to 6:00, every day.",
			},
			Missing: Text{
				FR: missingPlaces.FR + " Inconnu aussi si aucune unité chargée n’est ouverte la nuit, ou si les horaires d’une unité plus proche ne sont pas connus.",
				EN: missingPlaces.EN + " Unknown too when no unit that is loaded is open at night, or when the hours of a nearer unit are not known.",
			},
			Source: source, loaded: loaded,
			evaluate: (*Evaluator).nearestAtNight,
		},
		{
			ID: "nearest_police_is_open_at_night", Type: TypeBoolean, Direction: Protective,
			Label:   Text{FR: "L’unité de police ou de gendarmerie la plus proche est ouverte la nuit", EN: "The nearest police or gendarmerie unit is open at night"},
			Formula: Text{FR: "Vrai si elle reçoit le public de 22\u00a0h à 6\u00a0h, tous les jours.", EN: "True when it receives the public from 22:00 to 6:00, every day."},
			Missing: Text{
				FR: missingPlaces.FR + " Inconnu aussi si ses horaires ne sont pas connus.",
				EN: missingPlaces.EN + " Unknown too when its hours are not known.",
			},
			Source: source, loaded: loaded,
			evaluate: func(e *Evaluator) Value {
				switch ref, _, ok := e.nearestPlace(policeKinds); {
				case !ok:
					return unknown(ReasonNotCovered)
				case ref.OpenAtNight == nil:
					return unknown(ReasonNoHours)
				default:
					return Boolean(*ref.OpenAtNight)
				}
			},
		},
	}
}

func (e *Evaluator) nearestAtNight() Value {
	if _, _, ok := e.nearestPlace(policeKinds); !ok {
		return unknown(ReasonNotCovered)
	}
	open, unsure := math.Inf(1), math.Inf(1)
	for _, kind := range policeKinds {
		places := e.world.Places[kind]
		if places == nil {
			continue
		}
		if places.atNight == nil {
			if _, d, ok := places.Nearest(e.subject.Point); ok {
				unsure = min(unsure, d)
			}
			continue
		}
		if n, ok := places.atNight.Nearest(e.subject.Point); ok {
			open = min(open, n.Distance)
		}
		if n, ok := places.unsure.Nearest(e.subject.Point); ok {
			unsure = min(unsure, n.Distance)
		}
	}
	switch {
	case unsure < open:
		return unknown(ReasonNoHours)
	case open > placeReach:
		return unknown(ReasonNoneOpen)
	}
	return Number(open)
}
