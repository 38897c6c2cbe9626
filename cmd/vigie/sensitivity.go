package main

import (
	"fmt"
	"math"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/paulmach/orb"

	"vigie/data"
	"vigie/data/scoring"
	"vigie/data/snapshot"
	"vigie/data/source"
	"vigie/geo/exposure"
	"vigie/geo/score"
)

type sensitivityCmd struct {
	storeFlag
	profileFlag
	Draws      int    `help:"Size of the two base samples: draws × (choices + 2) scores are computed a home / tirages." default:"1024"`
	Seed       uint64 `help:"Seed of the draws / graine." default:"1"`
	Format     string `help:"text, json or csv." enum:"text,json,csv" default:"text"`
	Department string `help:"Homes of this département only / foyers de ce département." placeholder:"CODE"`
}

// Run tells how much scores and classes depend on the method's choices.
func (c *sensitivityCmd) Run(e *environment) error {
	if c.Draws < 16 || c.Draws > 65536 {
		return usageError{FR: "--draws\u00a0: de 16 à 65\u202f536.", EN: "--draws: 16 to 65,536."}
	}
	if c.Department != "" {
		code, ok := source.NormaliseDepartment(c.Department)
		if !ok {
			return usageError{FR: "--department\u00a0: code INSEE d’un département attendu (01, 2A, 971…).", EN: "--department: the INSEE code of a département is expected (01, 2A, 971…)."}
		}
		c.Department = code
	}
	profile, err := c.adopted()
	if err != nil {
		return err
	}
	scorer, err := score.New(profile)
	if err != nil {
		return err
	}
	store, err := c.open(e)
	if err != nil {
		return err
	}
	defer store.Close()
	service, err := snapshot.Open(e.ctx, store, snapshot.Options{Clock: time.Now, Profile: profile})
	if err != nil {
		return err
	}
	defer service.Close()
	// Without the right to restricted layers: the score is the open one.
	viewer := data.NewViewer(data.ViewerSpec{Subject: "operator", Precision: data.ViewExact, Purpose: "sensitivity"})
	sites, points := scoredHomes(service.Current(), viewer, scorer.Indicators(), c.Department)
	method := score.DefaultMethod()
	method.Samples, method.Seed = c.Draws, c.Seed
	method.Choices = scoring.Choices(scorer.Indicators(), currentZones(service.Current(), viewer), points)
	result, err := scorer.Sensitivity(e.ctx, sites, method, score.Options{})
	if err != nil {
		return err
	}
	if result.Sites == 0 {
		return failure{FR: "aucun foyer n’a de score complet\u00a0: la sensibilité n’a pas d’objet.", EN: "no home has a complete score: there is nothing to be sensitive."}
	}
	if err := store.Audit(e.ctx, data.AuditEntry{At: time.Now(), Subject: viewer.Subject(), Action: "sensitivity", Layer: data.LayerSites, Count: result.Sites, Purpose: viewer.Purpose()}); err != nil {
		return err
	}
	ref := snapshot.ProfileRef{Name: profile.Name, Version: profile.Version, Hash: result.ProfileHash, Seed: result.Seed, Draws: result.Samples}
	switch c.Format {
	case "json":
		return writeSensitivityJSON(e.output, result, ref, profile.Interval)
	case "csv":
		return writeSensitivityCSV(e.output, result, ref, e.lang)
	}
	c.print(e, result, profile.Interval)
	e.printMethod(e.stdout, ref)
	return nil
}

// scoredHomes are the homes that have a score, complete or not, with the values of
// indicators, and where they stand.
func scoredHomes(sn *snapshot.Snapshot, v data.Viewer, indicators []string, department string) (sites []score.Site, points []orb.Point) {
	homes, ok := sn.Collection(v, data.LayerSites)
	if !ok {
		return nil, nil
	}
	column := columnsOf(homes)
	query := snapshot.Query{Limit: math.MaxInt}
	if department != "" {
		query.Equal = map[string]string{"department_code": department}
	}
	page := homes.Query(query)
	_ = page.Each(func(f *data.Feature) error { // cannot fail
		point, located := f.Geometry.(orb.Point)
		if !located || f.Values[column["exposure_status"]].Format() == scoring.Unlocated {
			return nil
		}
		s := score.Site{ID: f.ID, Group: f.Values[column["department_code"]].Format(), Values: make([]float64, len(indicators))}
		for i, id := range indicators {
			s.Values[i] = math.NaN()
			if at, known := column[id]; known {
				s.Values[i] = f.Values[at].Float64()
			}
		}
		sites, points = append(sites, s), append(points, point)
		return nil
	})
	return sites, points
}

// currentZones are the zones of current editions that the viewer sees.
func currentZones(sn *snapshot.Snapshot, v data.Viewer) []exposure.ZoneRef {
	zones, ok := sn.Collection(v, data.LayerZones)
	if !ok {
		return nil
	}
	column := columnsOf(zones)
	var out []exposure.ZoneRef
	page := zones.Query(snapshot.Query{Limit: math.MaxInt})
	_ = page.Each(func(f *data.Feature) error { // cannot fail
		out = append(out, exposure.ZoneRef{Kind: f.Values[column["kind"]].Format(), ID: f.ID, Geometry: f.Geometry.(orb.MultiPolygon)})
		return nil
	})
	return out
}

// columnsOf gives the place of each column by name.
func columnsOf(c *snapshot.Collection) map[string]int {
	out := map[string]int{}
	for i, column := range c.Schema().Columns {
		out[column.Name] = i
	}
	return out
}

func (c *sensitivityCmd) print(e *environment, r *score.Sensitivity, interval float64) {
	e.say(e.stdout, data.Text{
		FR: "Sensibilité à la méthode de %d foyers (%d sans score complet)\u00a0: ce que d’autres choix changeraient. L’incertitude des données n’y est pas.",
		EN: "Sensitivity to the method of %d homes (%d without a complete score): what other choices would change. The uncertainty of data is not in it.",
	}, r.Sites, len(r.Incomplete))
	homes := float64(r.Sites)
	e.say(e.stdout, data.Text{
		FR: "Changeraient de classe\u00a0: %s\u00a0foyers sur %d en moyenne (%s\u00a0%%), de %s à %s dans %s\u00a0%% des tirages. Écart type d’un score\u00a0: %s\u00a0points.",
		EN: "Would change class: %s of %d homes on average (%s%%), %s to %s in %s%% of the draws. Standard deviation of a score: %s points.",
	}, e.number(r.ClassChange*homes, 1), r.Sites, e.number(100*r.ClassChange, 0), e.number(r.ClassChangeLow*homes, 0), e.number(r.ClassChangeHigh*homes, 0),
		e.number(100*interval, 0), e.number(r.Deviation, 1))
	w := tabwriter.NewWriter(e.stdout, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w)
	fmt.Fprintln(w, data.Text{FR: "choix\tseul (1er ordre)\tavec ses interactions (total)", EN: "choice\talone (first order)\twith its interactions (total)"}.In(e.lang))
	for _, f := range r.Factors {
		fmt.Fprintf(w, "%s\t%s ± %s\t%s ± %s\n", data.Text(f.Label).In(e.lang), e.number(f.First, 2), e.number(f.FirstError, 2), e.number(f.Total, 2), e.number(f.TotalError, 2))
	}
	fmt.Fprintln(w)
	fmt.Fprintln(w, data.Text{FR: "un seul choix changé\tfoyers qui changent de classe\tpoints en moyenne\tau plus\trangs en moyenne", EN: "one choice changed\thomes that change class\tpoints on average\tat most\tranks on average"}.In(e.lang))
	for _, s := range r.Scenarios {
		fmt.Fprintf(w, "%s\t%d\t%s\t%s\t%s\n", scenarioLabel(&s).In(e.lang), s.ChangedClass, e.number(s.MeanShift, 1), e.number(s.MaxShift, 1), e.number(s.MeanRankShift, 1))
	}
	w.Flush()
	e.say(e.stdout, data.Text{
		FR: "\nLire\u00a0: «\u00a0seul\u00a0» est la part de la variance des scores qui disparaîtrait si ce choix était fixé\u00a0; «\u00a0avec ses interactions\u00a0», celle qui resterait si tous les autres l’étaient. Près de 0, le choix n’importe pas\u00a0; près de 1, c’est lui qu’il faut discuter. ± est l’erreur due au nombre de tirages (--draws).",
		EN: "\nHow to read: “alone” is the part of the scores’ variance that fixing this choice would remove; “with its interactions”, the part that would be left if all others were fixed. Near 0 the choice does not matter; near 1 it is the one to discuss. ± is the error that comes from the number of draws (--draws).",
	})
}

// scenarioLabel names a scenario, an indicator left out as the catalogue names it.
func scenarioLabel(s *score.Scenario) data.Text {
	if id, without := strings.CutPrefix(s.ID, "without:"); without {
		for _, in := range exposure.Catalogue(scoring.ZoneKinds(), exposure.DefaultRadii) {
			if in.ID == id {
				return data.Text{FR: "Sans «\u00a0" + in.Label.FR + "\u00a0»", EN: "Without “" + in.Label.EN + "”"}
			}
		}
	}
	return data.Text(s.Label)
}
