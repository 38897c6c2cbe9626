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
		return usageError{FR: "--inputs-until\u00a0: une date est attendue, 2025-12-31.", EN: "--inputs-until: a date is expected, 2025-12-31."}
	}
	if c.From == "" {
		c.From = until.AddDate(0, 0, 1).Format(time.DateOnly)
	}
	for _, day := range []string{c.From, c.Until} {
		if _, err := time.Parse(time.DateOnly, day); err != nil {
			return usageError{FR: "--from et --until\u00a0: des dates sont attendues, 2026-12-31.", EN: "--from and --until: dates are expected, 2026-12-31."}
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
		FR: "%d foyers avec un score, %d sans\u00a0; %d foyers ont eu un incident du %s au %s (%d incidents\u00a0; %d hors période, %d de foyers inconnus).",
		EN: "%d homes with a score, %d without; %d homes had an incident from %s to %s (%d incidents; %d out of the period, %d of unknown homes).",
	}, r.Sites, r.WithoutScore, r.WithEvent, r.Period.From, r.Period.Until, r.Events, outside, unknown)
	e.say(e.stdout, data.Text{FR: "AUC %s, de %s à %s (95\u00a0%%)\u00a0; 0,5 serait le hasard.", EN: "AUC %s, %s to %s (95%%); 0.5 would be chance."}, e.number(r.AUC.Value, 3), e.number(r.AUC.Low, 3), e.number(r.AUC.High, 3))
	e.say(e.stdout, data.Text{FR: "Test de permutation\u00a0: p = %s (%d permutations, graine %d).", EN: "Permutation test: p = %s (%d permutations, seed %d)."}, e.number(r.Permutation.P, 4), r.Permutation.Permutations, r.Permutation.Seed)
	e.say(e.stdout, data.Text{FR: "Dixième le plus exposé\u00a0: %s fois le taux d’ensemble, de %s à %s.", EN: "Most exposed tenth: %s times the overall rate, %s to %s."}, e.number(r.TopDecile.Value, 1), e.number(r.TopDecile.Low, 1), e.number(r.TopDecile.High, 1))
	w := tabwriter.NewWriter(e.stdout, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, data.Text{FR: "score\tfoyers\tavec incident\ttaux\tintervalle", EN: "score\thomes\twith incident\trate\tinterval"}.In(e.lang))
	for _, b := range r.Calibration.Bands {
		fmt.Fprintf(w, "%.0f–%.0f\t%d\t%d\t%s\t%s–%s\n", b.Low, b.High, b.Rate.Of, b.Rate.Count, e.number(b.Rate.Value, 2), e.number(b.Rate.Low, 2), e.number(b.Rate.High, 2))
	}
	fmt.Fprintln(w, data.Text{FR: "voisinage\tfoyers\tobservé / attendu\tintervalle\tfausses alertes\toublis", EN: "neighbourhood\thomes\tobserved / expected\tinterval\tfalse alarms\tmisses"}.In(e.lang))
	for _, g := range r.Groups {
		fmt.Fprintf(w, "%s\t%d\t%s\t%s–%s\t%d/%d\t%d/%d\n", g.Name, g.Sites, e.number(g.Ratio, 2), e.number(g.RatioLow, 2), e.number(g.RatioHigh, 2), g.FalseAlarms.Count, g.FalseAlarms.Of, g.Misses.Count, g.Misses.Of)
	}
	w.Flush()
}
