package main

import (
	"errors"
	"fmt"
	"math"
	"text/tabwriter"
	"time"

	"vigie/data"
	"vigie/data/snapshot"
	"vigie/data/source"
	"vigie/data/source/incidents"
	"vigie/geo/validation"
)

type validateCmd struct {
	storeFlag
	profileFlag
	Incidents   string  `required:"" help:"CSV of incidents: site_id, occurred_on / fichier d'incidents." type:"path" placeholder:"FILE"`
	InputsUntil string  `required:"" help:"Last day that any input of the score describes (2025-12-31): only later incidents count / dernier jour que décrivent les données du score." placeholder:"DAY"`
	From        string  `help:"First day of the incidents; the day after --inputs-until when absent." placeholder:"DAY"`
	Until       string  `required:"" help:"Last day of the incidents." placeholder:"DAY"`
	Target      float64 `help:"AUC worth detecting, which decides how many incidents are needed." default:"0.7"`
	Seed        uint64  `help:"Seed of permutations and bootstrap." default:"1"`
}

// Run tests the score on incidents later than its inputs.
func (c *validateCmd) Run(e *environment) error {
	until, err := time.Parse(time.DateOnly, c.InputsUntil)
	if err != nil {
		return usageError{FR: "--inputs-until : une date est attendue, 2025-12-31.", EN: "--inputs-until: a date is expected, 2025-12-31."}
	}
	if c.From == "" {
		c.From = until.AddDate(0, 0, 1).Format(time.DateOnly)
	}
	for _, day := range []string{c.From, c.Until} {
		if _, err := time.Parse(time.DateOnly, day); err != nil {
			return usageError{FR: "--from et --until : des dates sont attendues, 2026-12-31.", EN: "--from and --until: dates are expected, 2026-12-31."}
		}
	}
	profile, err := c.load()
	if err != nil {
		return err
	}
	in, err := source.Open(c.Incidents, source.Limits{})
	if err != nil {
		return err
	}
	defer in.Close()
	store, err := c.open(e)
	if err != nil {
		return err
	}
	defer store.Close()
	service, err := snapshot.Open(e.ctx, store, snapshot.Options{Clock: time.Now, Profile: profile, ScoreAtOnce: math.MaxInt})
	if err != nil {
		return err
	}
	defer service.Close()
	viewer := operator("validate")
	cases, err := service.Current().Cases(viewer)
	if err != nil {
		return err
	}
	place := map[string]int{}
	for i := range cases {
		place[cases[i].ID] = i
	}
	unknown, outside := 0, 0
	err = incidents.Read(e.ctx, in, e.printProblem, func(i incidents.Incident) {
		at, ok := place[i.Site]
		switch {
		case !ok:
			unknown++
		case i.Day < c.From || i.Day > c.Until:
			outside++
		default:
			cases[at].Events++
		}
	})
	if err != nil {
		return err
	}
	options := validation.DefaultOptions(validation.Period{InputsUntil: c.InputsUntil, From: c.From, Until: c.Until})
	options.Target, options.Seed = c.Target, c.Seed
	report, err := validation.Validate(cases, options)
	var few *validation.TooFewError
	var circular *validation.CircularError
	switch {
	case errors.As(err, &few):
		return usageError(few.Message())
	case errors.As(err, &circular):
		return usageError(circular.Message())
	case err != nil:
		return err
	}
	if err := store.Audit(e.ctx, data.AuditEntry{At: time.Now(), Subject: viewer.Subject(), Action: "validate", Layer: data.LayerSites, Count: report.Sites, Purpose: viewer.Purpose()}); err != nil {
		return err
	}
	c.print(e, report, unknown, outside)
	return nil
}

func (c *validateCmd) print(e *environment, r *validation.Report, unknown, outside int) {
	e.say(e.stdout, data.Text{
		FR: "%d foyers avec un score, %d sans ; %d foyers ont eu un incident du %s au %s (%d incidents ; %d hors période, %d de foyers inconnus).",
		EN: "%d homes with a score, %d without; %d homes had an incident from %s to %s (%d incidents; %d out of the period, %d of unknown homes).",
	}, r.Sites, r.WithoutScore, r.WithEvent, r.Period.From, r.Period.Until, r.Events, outside, unknown)
	e.say(e.stdout, data.Text{FR: "AUC %.3f, de %.3f à %.3f (95 %%) ; 0,5 serait le hasard.", EN: "AUC %.3f, %.3f to %.3f (95%%); 0.5 would be chance."}, r.AUC.Value, r.AUC.Low, r.AUC.High)
	e.say(e.stdout, data.Text{FR: "Test de permutation : p = %.4f (%d permutations, graine %d).", EN: "Permutation test: p = %.4f (%d permutations, seed %d)."}, r.Permutation.P, r.Permutation.Permutations, r.Permutation.Seed)
	e.say(e.stdout, data.Text{FR: "Dixième le plus exposé : %.1f fois le taux d’ensemble, de %.1f à %.1f.", EN: "Most exposed tenth: %.1f times the overall rate, %.1f to %.1f."}, r.TopDecile.Value, r.TopDecile.Low, r.TopDecile.High)
	w := tabwriter.NewWriter(e.stdout, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, data.Text{FR: "score\tfoyers\tavec incident\ttaux\tintervalle", EN: "score\thomes\twith incident\trate\tinterval"}.In(e.lang))
	for _, b := range r.Calibration.Bands {
		fmt.Fprintf(w, "%.0f–%.0f\t%d\t%d\t%.2f\t%.2f–%.2f\n", b.Low, b.High, b.Rate.Of, b.Rate.Count, b.Rate.Value, b.Rate.Low, b.Rate.High)
	}
	fmt.Fprintln(w, data.Text{FR: "voisinage\tfoyers\tobservé / attendu\tintervalle\tfausses alertes\toublis", EN: "neighbourhood\thomes\tobserved / expected\tinterval\tfalse alarms\tmisses"}.In(e.lang))
	for _, g := range r.Groups {
		fmt.Fprintf(w, "%s\t%d\t%.2f\t%.2f–%.2f\t%d/%d\t%d/%d\n", g.Name, g.Sites, g.Ratio, g.RatioLow, g.RatioHigh, g.FalseAlarms.Count, g.FalseAlarms.Of, g.Misses.Count, g.Misses.Of)
	}
	w.Flush()
}
