package vocabulary

import "vigie/data"

// What follows is said to users only, and in this package only: labels that others need
// too stand beside what they name. A test holds that each registry is covered.

// layers are in the order of the import form; masked views are imported by nobody.
var layers = []data.Layer{
	data.LayerSites, data.LayerZones, data.LayerPlaces, data.LayerAreas, data.LayerStatistics, data.LayerReleases,
}

var rights = map[string]data.Text{
	"import":     {FR: "Importer des fichiers", EN: "Import files"},
	"edit_sites": {FR: "Corriger les fiches des foyers", EN: "Correct the records of homes"},
	"restricted": {FR: "Voir les couches réservées (zones de police)", EN: "See restricted layers (police zones)"},
	"review":     {FR: "Tenir les revues, incidents et mesures", EN: "Keep reviews, incidents and measures"},
	"report":     {FR: "Signaler un incident, répondre pour un foyer", EN: "Report an incident, answer for a home"},
	"decide":     {FR: "Décider des revues, valider, attribuer", EN: "Decide reviews, validate, assign"},
	"study":      {FR: "Mener des études d’implantation", EN: "Run siting studies"},
	"approve":    {FR: "Décider des demandes d’accès", EN: "Decide requests for access"},
	"users":      {FR: "Gérer les comptes", EN: "Manage accounts"},
	"audit":      {FR: "Lire et vérifier le journal", EN: "Read and verify the journal"},
}

var grantKinds = []struct {
	id    data.GrantKind
	label data.Text
}{
	{data.GrantExact, data.Text{FR: "Voir les foyers avec leur position exacte", EN: "See homes with their exact position"}},
	{data.GrantRegisterExport, data.Text{FR: "Exporter le registre avec les positions exactes, une fois", EN: "Export the register with exact positions, once"}},
}

// zoneWords are the kinds of zones in short and explained. A style, once given, is never
// given to another kind.
var zoneWords = map[data.ZoneKind]struct {
	style        int
	short, about data.Text
}{
	data.ZoneQPV: {1, data.Text{FR: "QPV", EN: "QPV"}, data.Text{
		FR: "Quartier retenu selon le revenu de ses habitants. Ce n’est pas une mesure de la délinquance.",
		EN: "A neighbourhood chosen by the income of its inhabitants. It is no measure of crime.",
	}},
	data.ZoneQRR: {2, data.Text{FR: "QRR", EN: "QRR"}, data.Text{
		FR: "Secteur où la police nationale est renforcée, par décision du ministère de l’Intérieur.",
		EN: "A sector where the national police are reinforced, by decision of the Ministry of the Interior.",
	}},
	data.ZoneZSP: {3, data.Text{FR: "ZSP", EN: "ZSP"}, data.Text{
		FR: "Secteur de coordination renforcée entre police, gendarmerie et justice.",
		EN: "A sector of closer coordination between police, gendarmerie and courts.",
	}},
	data.ZoneCustom: {0, data.Text{FR: "Zone ajoutée", EN: "Custom zone"}, data.Text{
		FR: "Zone ajoutée par les utilisateurs de cette installation.",
		EN: "A zone added by the users of this installation.",
	}},
}

var themes = map[string]data.Text{
	"police":        {FR: "Police ou gendarmerie", EN: "Police or gendarmerie"},
	"school":        {FR: "École, collège ou lycée", EN: "School"},
	"station":       {FR: "Gare", EN: "Railway station"},
	"hospital":      {FR: "Hôpital", EN: "Hospital"},
	"hotel":         {FR: "Hôtel", EN: "Hotel"},
	"bar":           {FR: "Bar", EN: "Bar"},
	"motorway_exit": {FR: "Sortie d’autoroute", EN: "Motorway exit"},
	"college":       {FR: "Collège", EN: "Lower secondary school (collège)"},
}

// precisions say how far a position may be off: 95 % of the errors, from data.Precision.Sigma.
var precisions = []struct {
	id           data.Precision
	label, about data.Text
}{
	{data.PrecisionSurveyed, data.Text{FR: "Placée à la main", EN: "Placed by hand"}, data.Text{
		FR: "Position placée par une personne ou relevée sur place.",
		EN: "Position placed by a person or measured on the spot.",
	}},
	{data.PrecisionHouseNumber, data.Text{FR: "Au numéro", EN: "House number"}, data.Text{
		FR: "Position au numéro de la rue, à une vingtaine de mètres près (95\u00a0%).",
		EN: "Position at the house number, to within some twenty metres (95%).",
	}},
	{data.PrecisionStreet, data.Text{FR: "À la rue", EN: "Street"}, data.Text{
		FR: "Position à la rue\u00a0: l’écart peut approcher un kilomètre.",
		EN: "Position at the street: it may be off by nearly a kilometre.",
	}},
	{data.PrecisionLocality, data.Text{FR: "Au lieu-dit", EN: "Locality"}, data.Text{
		FR: "Position au lieu-dit\u00a0: l’écart peut dépasser deux kilomètres.",
		EN: "Position at the locality: it may be off by more than two kilometres.",
	}},
	{data.PrecisionCommune, data.Text{FR: "À la commune", EN: "Commune"}, data.Text{
		FR: "Position au centre de la commune\u00a0: trop vague pour mesurer une distance.",
		EN: "Position at the centre of the commune: too vague to measure a distance.",
	}},
	{data.PrecisionUnspecified, data.Text{FR: "Non précisée", EN: "Not stated"}, data.Text{
		FR: "Le fichier ne dit pas comment la position a été obtenue.",
		EN: "The file does not say how the position was obtained.",
	}},
}

var changes = []struct {
	id    data.ChangeKind
	label data.Text // of one record
}{
	{data.ChangeNew, data.Text{FR: "Nouveau", EN: "New"}},
	{data.ChangeGone, data.Text{FR: "Disparu", EN: "Gone"}},
	{data.ChangeMoved, data.Text{FR: "Déplacé", EN: "Moved"}},
	{data.ChangeCategory, data.Text{FR: "Catégorie", EN: "Category"}},
	{data.ChangeClosed, data.Text{FR: "Fermé", EN: "Closed"}},
	{data.ChangeReopened, data.Text{FR: "Rouvert", EN: "Reopened"}},
	{data.ChangeAttributes, data.Text{FR: "Modifié", EN: "Changed"}},
	{data.ChangeKeptByHand, data.Text{FR: "Correction gardée", EN: "Correction kept"}},
}
