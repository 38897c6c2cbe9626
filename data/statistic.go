package data

import (
	"fmt"
	"math"
	"strings"
)

// Statistic is one published figure: an indicator of an area in a year. A figure that
// the producer withholds is a record too, whose value is unknown: never 0.
type Statistic struct {
	// Area is the INSEE code of a commune or département, or the INSPIRE identifier of
	// a grid cell ("CRS3035RES200mN2029400E4259000").
	Area string `json:"area"`
	// Level says what Area is.
	Level StatisticLevel `json:"level"`
	// Department is the INSEE code of the area's département; of a cell, that of the
	// commune where most of it lies. Empty when the file does not say.
	Department string `json:"department,omitempty"`
	// Indicator is a stable identifier: one of StatisticIndicators, or one made of the
	// producer's label.
	Indicator string `json:"indicator"`
	// Year is that of the facts or of the census, not of the publication.
	Year int `json:"year"`
	// Edition labels the publication: "2026". Editions live side by side; of two with
	// the same figure readers take the label that comes last in the order of bytes.
	Edition string `json:"edition"`
	// Source names the producer's series: SourceSSMSI, SourcePopulation, SourceFilosofi…
	Source string          `json:"source"`
	Status StatisticStatus `json:"status"`
	// Value is in Unit; nil unless Status is StatisticPublished.
	Value *float64 `json:"value,omitempty"`
	// Count is the number of facts, people or households counted; nil when unknown.
	Count *float64 `json:"count,omitempty"`
	// Denominator is what Count was divided by; nil when unknown or without meaning.
	Denominator *float64 `json:"denominator,omitempty"`
	Unit        string   `json:"unit"`
	// Estimated: the producer imputed the value, for confidentiality.
	Estimated bool `json:"estimated,omitempty"`
}

// StatisticLevel is the kind of area of a statistic.
type StatisticLevel string

// Levels of statistics. Districts of Paris, Lyon and Marseille have a level of their
// own, because the whole commune has figures as well: the two must not be added.
const (
	StatisticCommune    StatisticLevel = "commune"
	StatisticDistrict   StatisticLevel = "municipal_district" // arrondissement municipal
	StatisticDepartment StatisticLevel = "department"
	StatisticGrid200    StatisticLevel = "grid_200m"
	StatisticGrid1000   StatisticLevel = "grid_1km"
)

// StatisticLevels lists the levels.
var StatisticLevels = []StatisticLevel{StatisticCommune, StatisticDistrict, StatisticDepartment, StatisticGrid200, StatisticGrid1000}

// LevelOfCommune is the level of an INSEE commune code: StatisticDistrict for the
// districts of Paris (75101–75120), Marseille (13201–13216) and Lyon (69381–69389).
func LevelOfCommune(code string) StatisticLevel {
	if code >= "75101" && code <= "75120" || code >= "13201" && code <= "13216" || code >= "69381" && code <= "69389" {
		return StatisticDistrict
	}
	return StatisticCommune
}

// StatisticStatus tells whether a figure is known.
type StatisticStatus string

// Statuses of a statistic.
const (
	StatisticPublished    StatisticStatus = "published"
	StatisticNotPublished StatisticStatus = "not_published" // withheld by the producer: unknown, not 0
	StatisticNotAvailable StatisticStatus = "not_available" // the file has the area but no figure
)

// Sources of statistics that Vigie reads.
const (
	SourceSSMSI      = "ssmsi"      // recorded crime, service statistique ministériel de la sécurité intérieure
	SourcePopulation = "population" // populations of reference, Insee
	SourceFilosofi   = "filosofi"   // gridded income and poverty, Insee
)

// Units of statistics.
const (
	UnitPeople         = "people"
	UnitDwellings      = "dwellings"
	UnitPerInhabitants = "per_1000_inhabitants" // a year
	UnitPerDwellings   = "per_1000_dwellings"   // a year
	UnitRatio          = "1"
	UnitPerThousand    = "per_1000" // of a base that the file does not tell
)

// SuppressedMean ends the identifier of a context record: the mean, over the communes of
// a département that the producer withholds, of the indicator before it. It has the
// level StatisticDepartment and is never the value of a commune, nor of the département.
const SuppressedMean = "_suppressed_mean"

// Identifiers of indicators that the product names.
const (
	IndicatorPopulation = "population"
	// IndicatorPopulationUnder21 is the number of inhabitants under 21, whom homes serve.
	IndicatorPopulationUnder21 = "population_under_21"
	IndicatorDwellings         = "dwellings"
	IndicatorPoorShare         = "poor_households_share" // 0–1
)

// StatisticIndicator describes an indicator.
type StatisticIndicator struct {
	ID    string
	Label Text
	Unit  string
	// Counts is what Count counts, in the words of the producer's unit: victims,
	// offences, vehicles, suspects, people, households.
	Counts Text
	// Names are the labels that files give, compared without case, accents and
	// punctuation.
	Names []string
}

var (
	victims   = Text{FR: "victimes", EN: "victims"}
	offences  = Text{FR: "infractions", EN: "offences"}
	vehicles  = Text{FR: "véhicules", EN: "vehicles"}
	suspects  = Text{FR: "mis en cause", EN: "suspects"}
	people    = Text{FR: "personnes", EN: "people"}
	dwellings = Text{FR: "logements", EN: "dwellings"}
	poor      = Text{FR: "ménages pauvres", EN: "poor households"}
)

// StatisticIndicators lists the indicators that Vigie knows. Those of recorded crime are
// of every edition of the SSMSI's communal base: in July 2025 assaults were redefined as
// physical violence, whose figures are not comparable with the former ones.
var StatisticIndicators = []StatisticIndicator{
	{ID: "physical_violence_family", Label: Text{FR: "Violences physiques intrafamiliales", EN: "Physical violence within the family"}, Unit: UnitPerInhabitants, Counts: victims},
	{ID: "physical_violence_other", Label: Text{FR: "Violences physiques hors cadre familial", EN: "Physical violence outside the family"}, Unit: UnitPerInhabitants, Counts: victims},
	{ID: "assault_adult", Label: Text{FR: "Coups et blessures volontaires sur personne de 15 ans ou plus", EN: "Assault on people of 15 or more"}, Unit: UnitPerInhabitants, Counts: victims,
		Names: []string{"Coups et blessures volontaires", "Coups et blessures volontaires (15 ans ou plus)"}},
	{ID: "assault_family", Label: Text{FR: "Coups et blessures volontaires intrafamiliaux", EN: "Assault within the family"}, Unit: UnitPerInhabitants, Counts: victims,
		Names: []string{"Coups et blessures volontaires intrafamiliaux sur personne de 15 ans ou plus"}},
	{ID: "assault_other", Label: Text{FR: "Autres coups et blessures volontaires", EN: "Other assault"}, Unit: UnitPerInhabitants, Counts: victims,
		Names: []string{"Autres coups et blessures volontaires sur personne de 15 ans ou plus"}},
	{ID: "homicide", Label: Text{FR: "Homicides", EN: "Homicide"}, Unit: UnitPerInhabitants, Counts: victims},
	{ID: "attempted_homicide", Label: Text{FR: "Tentatives d’homicide", EN: "Attempted homicide"}, Unit: UnitPerInhabitants, Counts: victims},
	{ID: "sexual_violence", Label: Text{FR: "Violences sexuelles", EN: "Sexual violence"}, Unit: UnitPerInhabitants, Counts: victims},
	{ID: "armed_robbery", Label: Text{FR: "Vols avec armes", EN: "Armed robbery"}, Unit: UnitPerInhabitants, Counts: offences,
		Names: []string{"Vols avec armes (armes à feu, armes blanches ou par destination)"}},
	{ID: "robbery_unarmed", Label: Text{FR: "Vols violents sans arme", EN: "Robbery without weapon"}, Unit: UnitPerInhabitants, Counts: offences},
	{ID: "theft_person", Label: Text{FR: "Vols sans violence contre des personnes", EN: "Theft from the person without violence"}, Unit: UnitPerInhabitants, Counts: victims},
	{ID: "burglary_dwelling", Label: Text{FR: "Cambriolages de logement", EN: "Burglary of dwellings"}, Unit: UnitPerDwellings, Counts: offences},
	{ID: "vehicle_theft", Label: Text{FR: "Vols de véhicule", EN: "Theft of vehicles"}, Unit: UnitPerInhabitants, Counts: vehicles,
		Names: []string{"Vols de véhicules", "Vols de véhicules (automobiles ou deux-roues motorisés)"}},
	{ID: "theft_from_vehicle", Label: Text{FR: "Vols dans les véhicules", EN: "Theft from vehicles"}, Unit: UnitPerInhabitants, Counts: vehicles},
	{ID: "theft_vehicle_parts", Label: Text{FR: "Vols d’accessoires sur véhicules", EN: "Theft of vehicle parts"}, Unit: UnitPerInhabitants, Counts: vehicles},
	{ID: "vandalism", Label: Text{FR: "Destructions et dégradations volontaires", EN: "Wilful damage"}, Unit: UnitPerInhabitants, Counts: offences},
	{ID: "drug_use", Label: Text{FR: "Usage de stupéfiants", EN: "Drug use"}, Unit: UnitPerInhabitants, Counts: suspects},
	{ID: "drug_use_fined", Label: Text{FR: "Usage de stupéfiants (AFD)", EN: "Drug use (fixed fines)"}, Unit: UnitPerInhabitants, Counts: suspects,
		Names: []string{"Usage de stupéfiants (amendes forfaitaires délictuelles)"}},
	{ID: "drug_trafficking", Label: Text{FR: "Trafic de stupéfiants", EN: "Drug trafficking"}, Unit: UnitPerInhabitants, Counts: suspects},
	{ID: "fraud", Label: Text{FR: "Escroqueries et fraudes aux moyens de paiement", EN: "Fraud and payment fraud"}, Unit: UnitPerInhabitants, Counts: victims,
		Names: []string{"Escroqueries"}},
	{ID: IndicatorPopulation, Label: Text{FR: "Population", EN: "Population"}, Unit: UnitPeople, Counts: people},
	{ID: IndicatorPopulationUnder21, Label: Text{FR: "Population de moins de 21 ans", EN: "Population under 21"}, Unit: UnitPeople, Counts: people},
	{ID: IndicatorDwellings, Label: Text{FR: "Logements", EN: "Dwellings"}, Unit: UnitDwellings, Counts: dwellings},
	{ID: IndicatorPoorShare, Label: Text{FR: "Part des ménages pauvres", EN: "Share of poor households"}, Unit: UnitRatio, Counts: poor},
}

// StatisticIndicatorByID finds an indicator; that of a SuppressedMean record is the one
// its identifier begins with.
func StatisticIndicatorByID(id string) (StatisticIndicator, bool) {
	id = strings.TrimSuffix(id, SuppressedMean)
	for _, i := range StatisticIndicators {
		if i.ID == id {
			return i, true
		}
	}
	return StatisticIndicator{}, false
}

// StatisticFilter chooses statistics; the zero value chooses all.
type StatisticFilter struct {
	// Empty lists choose everything.
	Levels      []StatisticLevel
	Areas       []string
	Departments []string
	Indicators  []string
	Sources     []string
	Editions    []string
	// Since is the earliest year; 0 for every one.
	Since int
	// Newest keeps, of each area, source and indicator, the figures of the last edition
	// only.
	Newest bool
}

// Codes of the problems of statistics.
const (
	CodeInvalidStatistic = "invalid-statistic"
	CodeInvalidArea      = "invalid-area"
)

// Bounds of Statistic.Year.
const (
	minStatisticYear = 1900
	maxStatisticYear = 2200
)

// Validate lists what is wrong with a statistic; all is of error severity, because a
// figure can't be corrected without knowing what was meant.
func (s *Statistic) Validate() []Problem {
	var found []finding
	add := func(code, field, value, fr, en string) {
		found = append(found, finding{code: code, field: field, value: value, message: Text{FR: fr, EN: en}})
	}
	switch s.Level {
	case StatisticCommune, StatisticDistrict:
		if !ValidCommuneCode(s.Area) {
			add(CodeInvalidArea, "area", s.Area, communeShape.FR, communeShape.EN)
		}
	case StatisticDepartment:
		if !ValidDepartmentCode(s.Area) {
			add(CodeInvalidArea, "area", s.Area, departmentShape.FR, departmentShape.EN)
		}
	case StatisticGrid200, StatisticGrid1000:
		if !ValidID(s.Area) {
			add(CodeInvalidArea, "area", s.Area, "L’identifiant du carreau manque ou n’est pas lisible.", "The cell’s identifier is missing or not readable.")
		}
	default:
		add(CodeInvalidLevel, "level", string(s.Level), "Niveau géographique inconnu.", "Unknown geographic level.")
	}
	if s.Department != "" && !ValidDepartmentCode(s.Department) {
		add(CodeInvalidDepartment, "department", s.Department, departmentShape.FR, departmentShape.EN)
	}
	if !validSlug(s.Indicator) || !validSlug(s.Source) {
		add(CodeInvalidStatistic, "indicator", s.Source+" "+s.Indicator,
			"L’identifiant de l’indicateur et celui de la source sont faits de minuscules, de chiffres et de «\u00a0_\u00a0».",
			"The identifiers of the indicator and of the source are made of small letters, digits and “_”.")
	}
	if !ValidEditionLabel(s.Edition) {
		add(CodeInvalidEdition, "edition", s.Edition,
			"L’édition doit être un millésime ou un mot court\u00a0: lettres, chiffres, tiret.",
			"The edition must be a year or a short word: letters, digits, hyphen.")
	}
	if s.Year < minStatisticYear || s.Year > maxStatisticYear {
		add(CodeInvalidStatistic, "year", fmt.Sprint(s.Year), "L’année est hors limites.", "The year is out of range.")
	}
	switch s.Status {
	case StatisticPublished:
		if s.Value == nil {
			add(CodeInvalidStatistic, "value", "", "Un chiffre publié doit avoir une valeur.", "A published figure must have a value.")
		}
	case StatisticNotPublished, StatisticNotAvailable:
		if s.Value != nil || s.Count != nil {
			add(CodeInvalidStatistic, "value", "", "Un chiffre non publié ne peut pas avoir de valeur.", "A figure that is not published can’t have a value.")
		}
	default:
		add(CodeInvalidStatus, "status", string(s.Status), "Statut inconnu.", "Unknown status.")
	}
	for _, f := range []struct {
		field string
		value *float64
	}{{"value", s.Value}, {"count", s.Count}, {"denominator", s.Denominator}} {
		if f.value != nil && !(*f.value >= 0 && *f.value <= math.MaxFloat64) {
			add(CodeInvalidStatistic, f.field, fmt.Sprint(*f.value), "Un nombre fini et positif ou nul est attendu.", "A finite number, 0 or more, is expected.")
		}
	}
	return strict(s.Area, found)
}

// validSlug tells whether s is a stable identifier: 1 to MaxIDLength small letters,
// digits and underscores.
func validSlug(s string) bool {
	if s == "" || len(s) > MaxIDLength {
		return false
	}
	for i := range len(s) {
		if c := s[i]; !digit(c) && (c < 'a' || c > 'z') && c != '_' {
			return false
		}
	}
	return true
}
