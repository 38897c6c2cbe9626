package exposure

// RestrictedPrefix begins the identifier of what rests on police-restricted layers.
const RestrictedPrefix = "restricted_"

// restrictedBases are the open indicators that have a twin on every zone, the restricted
// ones too: proximity, presence and probability, for all zones and for the kind that the
// police designates. None names a zone, which may be one that the reader may not see.
var restrictedBases = []string{
	"in_zone", "nearest_zone_distance_m", "zone_share_500m", "in_zone_probability", "zone_kernel_share_500m", "zone_decay_300m",
	"zsp_in_zone", "zsp_nearest_zone_distance_m", "zsp_zone_share_500m", "zsp_in_zone_probability", "zsp_zone_kernel_share_500m", "zsp_zone_decay_300m",
}

// restrictedLayers are the twins of open indicators; a base that the catalogue of these
// kinds and radii does not have has none.
func restrictedLayers(kinds []string, radii []float64) []Indicator {
	open := OpenCatalogue(kinds, radii)
	var out []Indicator
	for _, id := range restrictedBases {
		for _, in := range open {
			if in.ID != id {
				continue
			}
			in.ID = RestrictedPrefix + id
			in.Label.FR += ", couches réservées comprises"
			in.Label.EN += ", restricted layers included"
			out = append(out, in)
		}
	}
	return out
}
