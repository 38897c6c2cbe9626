package fiction

import (
	"fmt"
	"strings"
)

// weekdays are those of opening hours, as the official file writes them.
var weekdays = []string{"Lundi", "Mardi", "Mercredi", "Jeudi", "Vendredi", "Samedi", "Dimanche"}

// brigadesFile is the gendarmerie's units with their opening hours, in the layout of the
// official list of reception points. Those of towns receive round the clock.
func brigadesFile(places []amenity) File {
	var lines [][]string
	for i := range places {
		p := &places[i]
		if p.kind != kindBrigade {
			continue
		}
		hours := "8h00-12h00 14h00-18h00"
		if p.commune.town >= 0 {
			hours = "0h00-24h00"
		}
		days := make([]string, len(weekdays))
		for k, day := range weekdays {
			days[k] = day + " : " + hours
		}
		lines = append(lines, []string{
			fmt.Sprint(9_000_001 + len(lines)), p.name, p.commune.code, degrees(p.point[0]), degrees(p.point[1]), strings.Join(days, " "),
		})
	}
	return table(FileBrigades, []string{"identifiant_public_unite", "service", "code_commune_insee", "geocodage_x_GPS", "geocodage_y_GPS", "horaires_accueil"}, lines)
}
