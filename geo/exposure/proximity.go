package exposure

import (
	"fmt"
	"strconv"
	"strings"

	"vigie/geo/zoneindex"
)

// DefaultRadii are the radii of the proximity indicators, in metres.
var DefaultRadii = []float64{500, 1000, 2000}

// allZones names the zones of every kind together.
var allZones = Text{FR: "toutes zones", EN: "all zones"}

// view picks the measures of one group of zones out of a proximity.
type view func(*Zones, *Proximity) (*zoneindex.Measures, []ZoneRef)

// known wraps a value so that it is Null when proximity was not computed or there
// are no zones of this kind: no zone loaded is not "no zone near".
func known(v view, value func(*zoneindex.Measures, []ZoneRef) Value) func(*Zones, *Proximity) Value {
	return func(z *Zones, p *Proximity) Value {
		if p.Status != Computed {
			return Null
		}
		m, zones := v(z, p)
		if len(zones) == 0 {
			return Null
		}
		return value(m, zones)
	}
}

// ProximityIndicators are the catalogue's entries on zones, for all zones
// together and then for each kind, whose IDs are prefixed "kind_". radii are in
// metres, at most zoneindex.MaxRadii.
func ProximityIndicators(kinds []string, radii []float64) []Indicator {
	out := proximityOf("", allZones, radii, -1, func(z *Zones, p *Proximity) (*zoneindex.Measures, []ZoneRef) {
		return &p.All, z.all.zones
	})
	for i, kind := range kinds {
		out = append(out, proximityOf(kind+"_", zoneKindLabel(kind), radii, i, func(z *Zones, p *Proximity) (*zoneindex.Measures, []ZoneRef) {
			return &p.By[i], z.by[i].zones
		})...)
	}
	return out
}

var missingZones = Text{
	FR: "Inconnu si le foyer n’est pas localisé, si sa position est le centre de la commune, ou si aucune zone de ce type n’est chargée.",
	EN: "Unknown when the home is not located, when its position is the centre of the commune, or when no zone of this kind is loaded.",
}

// zonesLoaded tells whether there is a zone of the i-th kind, −1 for any.
func zonesLoaded(i int) func(*World) bool {
	return func(w *World) bool { return len(w.Zones.group(i).zones) > 0 }
}

func proximityOf(prefix string, of Text, radii []float64, kind int, v view) []Indicator {
	missing := missingZones
	label := func(fr, en string) Text {
		return Text{FR: fr + " (" + of.FR + ")", EN: en + " (" + of.EN + ")"}
	}
	const plane = "Snyder 1987, Map Projections: A Working Manual, § 25"
	out := []Indicator{
		{
			ID: prefix + "in_zone", Label: label("Dans une zone", "Inside a zone"), Type: TypeBoolean, Direction: Risk,
			Formula: Text{FR: "Vrai si le point est dans une zone ou sur sa limite.", EN: "True when the point is in a zone or on its edge."},
			Missing: missing, Source: plane,
			value: known(v, func(m *zoneindex.Measures, _ []ZoneRef) Value { return Boolean(m.Inside) }),
		},
		{
			ID: prefix + "nearest_zone_id", Label: label("Code de la zone la plus proche", "Code of the nearest zone"), Type: TypeString, Direction: Context,
			Formula: Text{FR: "Code de la zone dont le bord est le plus proche.", EN: "Code of the zone whose edge is nearest."},
			Missing: missing, Source: plane,
			value: known(v, func(m *zoneindex.Measures, zones []ZoneRef) Value { return String(zones[m.Nearest].ID) }),
		},
		{
			ID: prefix + "nearest_zone_name", Label: label("Nom de la zone la plus proche", "Name of the nearest zone"), Type: TypeString, Direction: Context,
			Formula: Text{FR: "Nom de la zone dont le bord est le plus proche.", EN: "Name of the zone whose edge is nearest."},
			Missing: missing, Source: plane,
			value: known(v, func(m *zoneindex.Measures, zones []ZoneRef) Value { return StringOrNull(zones[m.Nearest].Name) }),
		},
	}
	if prefix == "" {
		out = append(out, Indicator{
			ID: "nearest_zone_kind", Label: label("Type de la zone la plus proche", "Kind of the nearest zone"), Type: TypeString, Direction: Context,
			Formula: Text{FR: "Type de la zone dont le bord est le plus proche.", EN: "Kind of the zone whose edge is nearest."},
			Missing: missing, Source: plane,
			value: known(v, func(m *zoneindex.Measures, zones []ZoneRef) Value { return String(zones[m.Nearest].Kind) }),
		})
	}
	out = append(out, Indicator{
		ID: prefix + "nearest_zone_distance_m", Label: label("Distance à la zone la plus proche", "Distance to the nearest zone"), Unit: "m", Type: TypeNumber, Decimals: 2, Direction: Protective,
		Formula: Text{FR: "Distance au bord de la zone la plus proche, 0 à l’intérieur.", EN: "Distance to the edge of the nearest zone, 0 inside."},
		Missing: missing, Source: plane,
		value: known(v, func(m *zoneindex.Measures, _ []ZoneRef) Value { return Number(m.Distance) }),
	})
	for i, r := range radii {
		metres := RadiusName(r)
		out = append(out, Indicator{
			ID: prefix + "zones_within_" + metres, Label: label("Zones à moins de "+spaced(r)+"\u00a0m", "Zones within "+commas(r)+" m"), Unit: "1", Type: TypeInteger, Direction: Risk,
			Formula: Text{FR: "Nombre de zones qui rencontrent le disque.", EN: "Number of zones that meet the disc."},
			Missing: missing, Source: plane,
			value: known(v, func(m *zoneindex.Measures, _ []ZoneRef) Value { return Integer(m.Within[i]) }),
		})
	}
	for i, r := range radii {
		share := shareOf(prefix, of, r)
		share.value = known(v, func(m *zoneindex.Measures, _ []ZoneRef) Value { return Number(m.Share[i]) })
		out = append(out, share)
	}
	for i := range out {
		out[i].loaded = zonesLoaded(kind)
	}
	return out
}

// shareOf is the entry of the share of a disc, without its value.
func shareOf(prefix string, of Text, radius float64) Indicator {
	return Indicator{
		ID: prefix + "zone_share_" + RadiusName(radius), Unit: "1", Type: TypeNumber, Decimals: 6, Direction: Risk,
		Label: Text{
			FR: "Part du disque de " + spaced(radius) + "\u00a0m en zone (" + of.FR + ")",
			EN: "Share of the " + commas(radius) + " m disc in zones (" + of.EN + ")",
		},
		Formula: Text{
			FR: "Aire (réunion des zones ∩ disque) / aire du disque, eau comprise\u00a0; les zones qui se chevauchent comptent une fois.",
			EN: "Area (union of zones ∩ disc) / area of the disc, water included; overlapping zones count once.",
		},
		Missing: missingZones, Source: "CGI, art. 278 sexies (300\u00a0m, 500\u00a0m)",
	}
}

// RadiusName is a radius as it appears in identifiers: "500m", "1500m", "0.5m".
func RadiusName(metres float64) string {
	return strconv.FormatFloat(metres, 'f', -1, 64) + "m"
}

// spaced writes a number of metres as French does: a narrow no-break space between thousands.
func spaced(metres float64) string { return grouped(metres, "\u202f", ",") }

// commas writes a number of metres as English does.
func commas(metres float64) string { return grouped(metres, ",", ".") }

func grouped(metres float64, thousands, point string) string {
	if metres < 1000 || metres != float64(int(metres)) {
		return strings.Replace(strconv.FormatFloat(metres, 'f', -1, 64), ".", point, 1)
	}
	return fmt.Sprintf("%d%s%03d", int(metres)/1000, thousands, int(metres)%1000)
}

// zoneKindLabel is a kind as it is written in labels.
func zoneKindLabel(kind string) Text {
	name := strings.ToUpper(kind)
	return Text{FR: name, EN: name}
}
