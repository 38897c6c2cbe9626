package siting

import (
	"strings"

	"github.com/paulmach/orb"

	"vigie/data"
	"vigie/geo/siting"
)

// Schema is the columns of the candidates as a file.
func (a *Answer) Schema() *data.Schema {
	number := func(name, fr, en string, decimals int) data.Column {
		return data.Column{Name: name, Type: data.TypeNumber, Label: data.Text{FR: fr, EN: en}, Unit: "1", Decimals: decimals}
	}
	whole := func(name, fr, en string) data.Column {
		return data.Column{Name: name, Type: data.TypeInteger, Label: data.Text{FR: fr, EN: en}, Unit: "1"}
	}
	text := func(name, fr, en string) data.Column {
		return data.Column{Name: name, Label: data.Text{FR: fr, EN: en}}
	}
	columns := []data.Column{
		text("candidate_id", "Identifiant", "Identifier"), text("label", "Nom", "Name"), text("status", "État", "Status"),
		whole("rank", "Rang", "Rank"), whole("rank_low", "Rang, au mieux", "Rank, at best"), whole("rank_high", "Rang, au pire", "Rank, at worst"),
		number("score", "Score (0–100)", "Score (0–100)", 2), number("score_low", "Score, borne basse", "Score, lower bound", 2), number("score_high", "Score, borne haute", "Score, upper bound", 2),
		number("place_exposure", "Exposition (0–100)", "Exposure (0–100)", 2), number("place_exposure_low", "Exposition, borne basse", "Exposure, lower bound", 2), number("place_exposure_high", "Exposition, borne haute", "Exposure, upper bound", 2),
		{Name: "front", Type: data.TypeBoolean, Label: data.Text{FR: "Sur le front de Pareto", EN: "On the Pareto front"}},
		number("front_share", "Part des tirages sur le front", "Share of runs on the front", 3), number("best_share", "Part des tirages en tête", "Share of runs at the top", 3),
		number("percentile_existing", "Part des foyers existants au moins aussi exposés (%)", "Share of existing homes at least as exposed (%)", 1),
		text("failed", "Contraintes non respectées", "Constraints failed"), text("unverified", "Contraintes non vérifiables", "Constraints that cannot be verified"),
		text("change", "Ce qui devrait changer", "What would have to change"),
	}
	for _, c := range siting.Criteria() {
		columns = append(columns, data.Column{Name: "criterion_" + c.ID, Type: data.TypeNumber, Label: c.Label, Unit: c.Unit, Decimals: 2})
	}
	return &data.Schema{
		Layer: "candidates", Title: data.Text{FR: "Candidats d’une étude d’implantation", EN: "Candidates of a siting study"},
		Description: a.Disclaimer, Columns: columns, Geometry: "Point",
	}
}

// Feature is a candidate as a file has it, aligned with Schema.
func (a *Answer) Feature(i int, lang string) *data.Feature {
	c := &a.Candidates[i]
	sentences := func(list []Finding) data.Value {
		var out []string
		for _, f := range list {
			out = append(out, f.Text.In(lang))
		}
		return data.StringOrNull(strings.Join(out, " / "))
	}
	var changes []string
	for _, t := range c.Change {
		changes = append(changes, t.In(lang))
	}
	rank := func(n int) data.Value {
		if c.Rank == 0 {
			return data.Null
		}
		return data.Integer(n)
	}
	number := func(n Number) data.Value { return data.Number(float64(n)) }
	values := []data.Value{
		data.String(c.ID), data.StringOrNull(c.Label), data.String(string(c.Status)), rank(c.Rank), rank(c.RankLow), rank(c.RankHigh),
		number(c.Score), number(c.Low), number(c.High), number(c.Exposure.Score), number(c.Exposure.Low), number(c.Exposure.High),
		data.Boolean(c.Front), number(c.FrontShare), number(c.BestShare), number(c.Percentile),
		sentences(c.Failed), sentences(c.Unverified), data.StringOrNull(strings.Join(changes, " / ")),
	}
	for _, criterion := range siting.Criteria() {
		value := data.Null
		for _, p := range c.Criteria {
			if p.ID == criterion.ID {
				value = number(p.Value)
			}
		}
		values = append(values, value)
	}
	return &data.Feature{ID: c.ID, Geometry: orb.Point{c.Lon, c.Lat}, Values: values}
}
