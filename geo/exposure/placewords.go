package exposure

// placeWords are the themes of places in phrases, by identifier.
var placeWords = map[string]struct {
	toNearest  Text // "Distance …", "Temps d’accès …"
	of, ofMany Text // of attractors: "Proximité …", "Densité …"
}{
	"police":        {toNearest: Text{FR: "au commissariat ou à la brigade de gendarmerie le plus proche", EN: "to the nearest police or gendarmerie unit"}},
	"school":        {toNearest: Text{FR: "à l’école, au collège ou au lycée le plus proche", EN: "to the nearest school"}},
	"college":       {toNearest: Text{FR: "au collège le plus proche", EN: "to the nearest lower secondary school"}},
	"hospital":      {toNearest: Text{FR: "à l’hôpital le plus proche", EN: "to the nearest hospital"}},
	"station":       {Text{FR: "à la gare ou station la plus proche", EN: "to the nearest station"}, Text{FR: "d’une gare ou station", EN: "of a station"}, Text{FR: "de gares et stations", EN: "of stations"}},
	"hotel":         {Text{FR: "à l’hôtel le plus proche", EN: "to the nearest hotel"}, Text{FR: "d’un hôtel", EN: "of a hotel"}, Text{FR: "d’hôtels", EN: "of hotels"}},
	"bar":           {Text{FR: "au bar le plus proche", EN: "to the nearest bar"}, Text{FR: "d’un bar", EN: "of a bar"}, Text{FR: "de bars", EN: "of bars"}},
	"motorway_exit": {Text{FR: "à la sortie d’autoroute la plus proche", EN: "to the nearest motorway exit"}, Text{FR: "d’une sortie d’autoroute", EN: "of a motorway exit"}, Text{FR: "de sorties d’autoroute", EN: "of motorway exits"}},
}
