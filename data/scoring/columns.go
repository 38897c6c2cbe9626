package scoring

import (
	"strings"

	"vigie/data"
	"vigie/geo/score"
)

// Statuses of a score.
const (
	Computed   = "computed"
	Pending    = "pending"    // being computed
	Incomplete = "incomplete" // nothing is known in a pillar
	Unlocated  = "not_located"
)

// indeterminate is the class of a score whose uncertainty does not allow one.
const indeterminate = "indeterminate"

// Columns are what a score gives of a home.
var Columns = []data.Column{
	{Name: "exposure_status", Label: data.Text{FR: "État du score d’exposition du lieu", EN: "Status of the score of exposure of the place"}},
	{Name: "exposure_score", Label: data.Text{FR: "Exposition du lieu (0–100, médiane des tirages)", EN: "Exposure of the place (0–100, median of the draws)"}, Unit: "1", Type: data.TypeNumber, Decimals: 1},
	{Name: "exposure_low", Label: data.Text{FR: "Exposition\u00a0: borne basse de l’intervalle du profil", EN: "Exposure: lower end of the profile’s interval"}, Unit: "1", Type: data.TypeNumber, Decimals: 1},
	{Name: "exposure_high", Label: data.Text{FR: "Exposition\u00a0: borne haute de l’intervalle du profil", EN: "Exposure: upper end of the profile’s interval"}, Unit: "1", Type: data.TypeNumber, Decimals: 1},
	{Name: "exposure_class", Label: data.Text{FR: "Classe d’exposition (1 à 5, ou indéterminée)", EN: "Exposure class (1 to 5, or indeterminate)"}},
	{Name: "exposure_rank", Label: data.Text{FR: "Rang dans le département (1 = le plus exposé)", EN: "Rank within the département (1 = most exposed)"}, Unit: "1", Type: data.TypeInteger},
	{Name: "exposure_rank_low", Label: data.Text{FR: "Rang le plus exposé plausible (intervalle du profil)", EN: "Most exposed plausible rank (profile’s interval)"}, Unit: "1", Type: data.TypeInteger},
	{Name: "exposure_rank_high", Label: data.Text{FR: "Rang le moins exposé plausible (intervalle du profil)", EN: "Least exposed plausible rank (profile’s interval)"}, Unit: "1", Type: data.TypeInteger},
	{Name: "exposure_ranked", Label: data.Text{FR: "Nombre de foyers classés dans le département", EN: "Number of homes ranked in the département"}, Unit: "1", Type: data.TypeInteger},
	{Name: "exposure_top_decile_probability", Label: data.Text{FR: "Probabilité d’être dans le dixième le plus exposé du département", EN: "Probability of being in the most exposed tenth of the département"}, Unit: "1", Type: data.TypeNumber, Decimals: 3},
	{Name: "exposure_unknown", Label: data.Text{FR: "Indicateurs du score inconnus ici", EN: "Indicators of the score unknown here"}},
	{Name: "exposure_profile", Label: data.Text{FR: "Empreinte du profil de score", EN: "Hash of the score profile"}},
}

// Append adds to a row what Columns name, of the site of that identifier. A site that is
// no home has no score; one without a result in scores, which may be nil, has none yet.
func Append(row []data.Value, scores *score.Ensemble, id string, home bool, profileHash string) []data.Value {
	var r score.Result
	status := Unlocated
	if home {
		status = Pending
		if scores != nil {
			found := false
			if r, found = scores.Result(id); found {
				status = Computed
				if !r.Complete {
					status = Incomplete
				}
			}
		}
	}
	row = append(row, data.String(status))
	if status != Computed {
		for range len(Columns) - 3 {
			row = append(row, data.Null)
		}
		return append(row, list(r.MissingPillars), data.String(profileHash))
	}
	class := indeterminate
	if r.Class != score.Indeterminate {
		class = string(rune('1' + r.Class))
	}
	return append(row, data.Number(r.Score), data.Number(r.Low), data.Number(r.High), data.String(class),
		data.Integer(r.Rank.Rank), data.Integer(r.RankLow), data.Integer(r.RankHigh), data.Integer(r.Ranked), data.Number(r.TopDecile),
		list(r.Unknown), data.String(profileHash))
}

// HideRank takes from the values of Columns what compares the home with all others of its
// département: it tells of each of them.
func HideRank(values []data.Value) {
	for i := range Columns {
		if strings.HasPrefix(Columns[i].Name, "exposure_rank") || Columns[i].Name == "exposure_top_decile_probability" {
			values[i] = data.Null
		}
	}
}

// list is several texts as one value; Null when there are none.
func list(texts []string) data.Value { return data.StringOrNull(strings.Join(texts, ",")) }
