package crs

import (
	"strings"

	"github.com/paulmach/orb"
)

// territory is a box around the land of a French territory, in degrees, and
// the EPSG code of its legal projection.
type territory struct {
	box  orb.Bound
	code int
}

// territories: the extent of the land, widened by about 25 km so that a home
// on the shore and the zones around it are within. The areas of use of the
// registry are of no help here: they include the seas, up to London or Genoa.
var territories = []territory{
	{bound(-5.5, 42.1, 8.6, 51.35), 2154}, // mainland
	{bound(8.2, 41.1, 9.9, 43.3), 2154},   // Corsica
	{bound(-63.5, 14.1, -60.5, 18.4), 5490},
	{bound(-54.9, 1.9, -51.3, 6.1), 2972},
	{bound(54.9, -21.7, 56.2, -20.6), 2975},
	{bound(44.7, -13.3, 45.6, -12.3), 4471},
	{bound(-56.8, 46.5, -55.8, 47.4), 4467},
	{bound(-178.5, -14.7, -175.8, -12.9), 8903},
	{bound(163.2, -23.0, 168.5, -19.3), 3163},
	// French Polynesia: the islands keep clear of the zones' borders but for the Tuamotus.
	{bound(-155.0, -28.0, -150, -7.5), 3296},
	{bound(-150, -28.0, -144, -7.5), 3297},
	{bound(-144, -28.0, -138, -7.5), 3298},
	{bound(-138, -28.0, -134.1, -7.5), 3299},
}

// Legal returns the legal projection (decree 2000-1276 of 26 December 2000,
// amended) of the French territory that contains a WGS84 position in degrees:
// Lambert-93 in metropolitan France, UTM overseas, Lambert New Caledonia. False
// outside France and in the uninhabited territories. Territories are boxes
// around the land: a true answer does not prove that the point is in France.
func Legal(lon, lat float64) (CRS, bool) {
	for _, t := range territories {
		if within(t.box, lon, lat) {
			return ByCode(t.code)
		}
	}
	return CRS84, false
}

// LegalForDepartment returns the legal projection of a département or overseas
// collectivity by its INSEE code: "01" to "95", "2A", "2B", "971" to "978",
// "986", "987", "988". French Polynesia spans four UTM zones: the answer is
// that of Tahiti (6S), and Legal is exact. False for other codes.
func LegalForDepartment(code string) (CRS, bool) {
	switch code = strings.ToUpper(code); code {
	case "971", "972", "977", "978":
		return ByCode(5490)
	case "973":
		return ByCode(2972)
	case "974":
		return ByCode(2975)
	case "975":
		return ByCode(4467)
	case "976":
		return ByCode(4471)
	case "986":
		return ByCode(8903)
	case "987":
		return ByCode(3297)
	case "988":
		return ByCode(3163)
	case "2A", "2B":
		return ByCode(2154)
	}
	if len(code) == 2 && code >= "01" && code <= "95" && code[0] <= '9' && code[1] >= '0' && code[1] <= '9' && code != "20" {
		return ByCode(2154)
	}
	return CRS84, false
}

// Frames lists the legal projections, each once: the planes in which distances
// are searched for.
func Frames() []CRS {
	var frames []CRS
	for i := range table {
		if table[i].legal {
			frames = append(frames, CRS{uint8(i)})
		}
	}
	return frames
}
