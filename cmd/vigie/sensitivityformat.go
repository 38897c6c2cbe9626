package main

import (
	"encoding/csv"
	"encoding/json"
	"io"
	"strconv"

	"vigie/data"
	"vigie/data/snapshot"
	"vigie/geo/score"
)

// sensitivityReport is what --format json writes.
type sensitivityReport struct {
	Profile         snapshot.ProfileRef   `json:"profile"`
	Sites           int                   `json:"sites"`
	Incomplete      []string              `json:"incomplete"`
	Evaluations     int                   `json:"evaluations"`
	Deviation       float64               `json:"deviation_points"`
	Interval        float64               `json:"interval"`
	ClassChange     float64               `json:"class_change"`
	ClassChangeLow  float64               `json:"class_change_low"`
	ClassChangeHigh float64               `json:"class_change_high"`
	Choices         []sensitivityChoice   `json:"choices"`
	Scenarios       []sensitivityScenario `json:"scenarios"`
	BySite          []sensitivitySite     `json:"by_site"`
}

type sensitivityChoice struct {
	ID         string    `json:"id"`
	Label      data.Text `json:"label"`
	First      float64   `json:"first_order"`
	FirstError float64   `json:"first_order_error"`
	Total      float64   `json:"total"`
	TotalError float64   `json:"total_error"`
}

type sensitivityScenario struct {
	ID            string    `json:"id"`
	Label         data.Text `json:"label"`
	ChangedClass  int       `json:"changed_class"`
	MeanShift     float64   `json:"mean_shift_points"`
	MaxShift      float64   `json:"max_shift_points"`
	MeanRankShift float64   `json:"mean_rank_shift"`
}

type sensitivitySite struct {
	ID          string  `json:"site_id"`
	Score       float64 `json:"score"`
	Low         float64 `json:"low"`
	High        float64 `json:"high"`
	ClassChange float64 `json:"class_change"`
	MainChoice  string  `json:"main_choice"`
}

func writeSensitivityJSON(w io.Writer, r *score.Sensitivity, profile snapshot.ProfileRef, interval float64) error {
	out := sensitivityReport{
		Profile: profile, Sites: r.Sites, Incomplete: append([]string{}, r.Incomplete...), Evaluations: r.Evaluations, Deviation: r.Deviation,
		Interval: interval, ClassChange: r.ClassChange, ClassChangeLow: r.ClassChangeLow, ClassChangeHigh: r.ClassChangeHigh,
	}
	for _, f := range r.Factors {
		out.Choices = append(out.Choices, sensitivityChoice{f.ID, data.Text(f.Label), f.First, f.FirstError, f.Total, f.TotalError})
	}
	for _, s := range r.Scenarios {
		out.Scenarios = append(out.Scenarios, sensitivityScenario{s.ID, data.Text(s.Label), s.ChangedClass, s.MeanShift, s.MaxShift, s.MeanRankShift})
	}
	for _, s := range r.BySite {
		out.BySite = append(out.BySite, sensitivitySite{s.ID, s.Score, s.Low, s.High, s.ClassChange, s.MainFactor})
	}
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(out)
}

// writeSensitivityCSV writes one figure a line: part, id, label, measure, value. Homes are
// only in JSON.
func writeSensitivityCSV(w io.Writer, r *score.Sensitivity, profile snapshot.ProfileRef, lang string) error {
	out := csv.NewWriter(w)
	line := func(part, id, label, measure, value string) { _ = out.Write([]string{part, id, label, measure, value}) }
	number := func(part, id string, label score.Text, measure string, value float64) {
		line(part, id, data.Text(label).In(lang), measure, strconv.FormatFloat(value, 'g', 6, 64))
	}
	line("part", "id", "label", "measure", "value")
	line("study", "", "", "profile_hash", profile.Hash)
	line("study", "", "", "seed", strconv.FormatUint(profile.Seed, 10))
	line("study", "", "", "draws", strconv.Itoa(profile.Draws))
	line("study", "", "", "sites", strconv.Itoa(r.Sites))
	line("study", "", "", "incomplete", strconv.Itoa(len(r.Incomplete)))
	none := score.Text{}
	number("study", "", none, "deviation_points", r.Deviation)
	number("study", "", none, "class_change", r.ClassChange)
	number("study", "", none, "class_change_low", r.ClassChangeLow)
	number("study", "", none, "class_change_high", r.ClassChangeHigh)
	for _, f := range r.Factors {
		number("choice", f.ID, f.Label, "first_order", f.First)
		number("choice", f.ID, f.Label, "first_order_error", f.FirstError)
		number("choice", f.ID, f.Label, "total", f.Total)
		number("choice", f.ID, f.Label, "total_error", f.TotalError)
	}
	for _, s := range r.Scenarios {
		number("scenario", s.ID, s.Label, "changed_class", float64(s.ChangedClass))
		number("scenario", s.ID, s.Label, "mean_shift_points", s.MeanShift)
		number("scenario", s.ID, s.Label, "max_shift_points", s.MaxShift)
		number("scenario", s.ID, s.Label, "mean_rank_shift", s.MeanRankShift)
	}
	out.Flush()
	return out.Error()
}
