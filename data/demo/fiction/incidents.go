package fiction

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"vigie/geo/crs"
)

// How incidents come about. Each home that reports is a Poisson process of
//
//	ratePerPlaceYear × places × (1 + exposureGain · exp(−d / exposureLength)) × reporting
//
// events a year, d being the distance to the nearest zone in metres: a weak, known link with
// the zones, for the validation of the score to find. reporting is 1, but 0 for a few homes
// that never report: no report is not zero. On top of that comes one planted cluster.
const (
	ratePerPlaceYear = 0.15
	exposureGain     = 0.9
	exposureLength   = 400.0 // metres
	silentHomes      = 5
)

// The planted cluster: the homes nearest to the middle of zone clusterZone have, for seven
// weeks, clusterExtra more events each on average, all of clusterThreats.
const (
	clusterZone  = "Beau-Récit – L’Invention"
	clusterHomes = 4
	clusterExtra = 5.5
)

var (
	clusterFrom    = time.Date(2025, time.September, 8, 0, 0, 0, 0, time.UTC)
	clusterTo      = time.Date(2025, time.October, 26, 0, 0, 0, 0, time.UTC)
	clusterThreats = []string{"recruiter_approach", "loitering_vehicles", "runaway_exploitation"}
)

// Threats from outside, which refine the categories of the arrêté of 28 December 2016.
const threatOther = "other"

// incident is one reported event: coded facts, and of no person.
type incident struct {
	home      *home
	on        time.Time
	precision string // day, week, month
	category  int    // of the arrêté, 1 to 11
	threat    string // empty when it didn't come from outside
	severity  int    // 1 to 4
	nearSite  bool
	cell      string // of 200 m, when not near the site
	to        []string
	reported  time.Time
	confirmed time.Time // zero: not confirmed in writing
}

// cluster is the truth about the planted cluster.
type cluster struct {
	SiteIDs []string `json:"site_ids"`
	From    string   `json:"from"`
	To      string   `json:"to"`
	Threats []string `json:"threats"`
	Events  int      `json:"extra_events"`
}

// planted is what computations should find.
type planted struct {
	Comment string `json:"comment"`
	Seed    uint64 `json:"seed"`
	Period  struct {
		From string `json:"from"`
		To   string `json:"to"`
	} `json:"period"`
	Rate struct {
		PerPlaceYear    float64 `json:"per_place_year"`
		ExposureGain    float64 `json:"exposure_gain"`
		ExposureLengthM float64 `json:"exposure_length_m"`
	} `json:"rate"`
	Cluster        cluster  `json:"cluster"`
	NeverReporting []string `json:"never_reporting"`
}

func (p *planted) file(seed uint64) (File, error) {
	p.Comment = "Truth planted in the fictitious files / vérité semée dans les fichiers fictifs"
	p.Seed = seed
	p.Period.From, p.Period.To = day(From), day(To)
	p.Rate.PerPlaceYear, p.Rate.ExposureGain, p.Rate.ExposureLengthM = ratePerPlaceYear, exposureGain, exposureLength
	return document(FilePlanted, p)
}

// newIncidents gives the incidents in order of their dates, and the truth about them.
func newIncidents(seed uint64, z *zones, homes []home) ([]incident, *planted) {
	r := stream(seed, "incidents")
	truth := &planted{}
	hit := clusterOf(z, homes)
	silent := map[*home]bool{}
	for len(silent) < silentHomes {
		h := &homes[r.IntN(len(homes))]
		if h.residence && !slices.Contains(hit, h) && !silent[h] {
			silent[h] = true
		}
	}
	var all []incident
	for i := range homes {
		h := &homes[i]
		if !h.residence {
			continue
		}
		if silent[h] {
			truth.NeverReporting = append(truth.NeverReporting, h.finess)
			continue
		}
		places := float64(h.capacity)
		if places == 0 {
			places = 20
		}
		distance := h.distance
		if !h.located {
			distance = math.Inf(1)
		}
		perDay := ratePerPlaceYear * places * (1 + exposureGain*math.Exp(-distance/exposureLength)) / 365.25
		for t := r.ExpFloat64() / perDay; ; t += r.ExpFloat64() / perDay {
			on := From.Add(days(int(t)))
			if on.After(To) {
				break
			}
			if h.openOn(on) {
				all = append(all, newIncident(r, h, on, ordinary(r)))
			}
		}
	}
	truth.Cluster = cluster{From: day(clusterFrom), To: day(clusterTo), Threats: clusterThreats}
	length := int(clusterTo.Sub(clusterFrom)/days(1)) + 1
	for _, h := range hit {
		truth.Cluster.SiteIDs = append(truth.Cluster.SiteIDs, h.finess)
		for range poisson(r, clusterExtra) {
			in := newIncident(r, h, clusterFrom.Add(days(r.IntN(length))), fact{category: pick(r, 9, 11, 11), threat: pick(r, clusterThreats...)})
			in.precision = "day"
			all = append(all, in)
			truth.Cluster.Events++
		}
	}
	slices.SortStableFunc(all, func(a, b incident) int {
		return cmp.Or(a.on.Compare(b.on), cmp.Compare(a.home.finess, b.home.finess))
	})
	return all, truth
}

// clusterOf finds the homes of the planted cluster.
func clusterOf(z *zones, homes []home) []*home {
	i := slices.IndexFunc(z.current, func(x zone) bool { return x.name == clusterZone })
	centre := z.current[i].centre
	var near []*home
	for k := range homes {
		if h := &homes[k]; h.residence && h.stand <= standFar && h.closed.IsZero() {
			near = append(near, h)
		}
	}
	slices.SortStableFunc(near, func(a, b *home) int {
		return cmp.Compare(plane(a.point).sub(centre).length(), plane(b.point).sub(centre).length())
	})
	return near[:clusterHomes]
}

// fact is what happened.
type fact struct {
	category int
	threat   string
}

// ordinary draws what happened outside the cluster. The weights are of the shape that
// public reports describe, not of their figures.
func ordinary(r *rand.Rand) fact {
	// Categories 1 to 11 of the arrêté.
	f := fact{category: 1 + weighted(r, []float64{1, 2, 5, 5, 9, 0.5, 2, 3, 38, 26, 8.5})}
	switch f.category {
	case 9:
		if r.Float64() < 0.12 {
			f.threat = "runaway_exploitation"
		}
	case 8:
		if r.Float64() < 0.2 {
			f.threat = "online_grooming"
		}
	case 10:
		if r.Float64() < 0.1 {
			f.threat = "staff_threat"
		}
	case 11:
		threats := []string{"recruiter_approach", "loitering_vehicles", "intrusion", "drug_dealing", "staff_threat", threatOther}
		f.threat = threats[weighted(r, []float64{1, 2, 3, 2.5, 1, 1})]
	}
	return f
}

func newIncident(r *rand.Rand, h *home, on time.Time, f fact) incident {
	in := incident{home: h, on: on, category: f.category, threat: f.threat, precision: "day", nearSite: true}
	switch x := r.Float64(); {
	case x < 0.05:
		in.precision, in.on = "month", time.Date(on.Year(), on.Month(), 1, 0, 0, 0, 0, time.UTC)
	case x < 0.14:
		monday := on.Add(-days((int(on.Weekday()) + 6) % 7))
		in.precision, in.on = "week", monday
	}
	if in.on.Before(From) {
		in.on = From
	}
	in.severity = 1 + weighted(r, []float64{40, 35, 18, 7})
	if f.threat != "" && in.severity == 1 {
		in.severity = 2
	}
	outside := f.category == 9 || f.category == 11
	if h.located && outside && r.Float64() < 0.45 {
		in.nearSite = false
		in.cell = cell(plane(h.point).add(polar(between(r, 0, 360), between(r, 150, 1600))))
	}
	in.to = []string{"departement"}
	if outside || f.threat != "" || r.Float64() < 0.15 {
		in.to = append(in.to, h.commune.force())
	}
	if f.category == 8 || f.threat == "runaway_exploitation" || f.threat == "recruiter_approach" {
		in.to = append(in.to, "prosecutor")
	}
	in.reported = on.Add(days(weighted(r, []float64{80, 15, 5})))
	switch x := r.Float64(); {
	case x < 0.84:
		in.confirmed = in.reported.Add(days(r.IntN(3))) // within 48 hours
	case x < 0.95:
		in.confirmed = in.reported.Add(days(3 + r.IntN(9)))
	}
	return in
}

// cell names the cell of 200 m of a position by its lower left corner in Lambert-93, in
// the manner of the grids of Insee.
func cell(v vec) string {
	lambert93, _ := crs.ByCode(2154) // in the table
	p := v.point()
	x, y := lambert93.FromWGS84(p[0], p[1])
	return fmt.Sprintf("CRS2154RES200mN%dE%d", int(math.Floor(y/200))*200, int(math.Floor(x/200))*200)
}

// poisson draws a number of events (Knuth; for small means).
func poisson(r *rand.Rand, mean float64) int {
	n, product := 0, r.Float64()
	for limit := math.Exp(-mean); product > limit; product *= r.Float64() {
		n++
	}
	return n
}

func incidentsFile(incidents []incident) File {
	lines := make([][]string, 0, len(incidents))
	for i := range incidents {
		in := &incidents[i]
		confirmed := ""
		if !in.confirmed.IsZero() {
			confirmed = day(in.confirmed)
		}
		lines = append(lines, []string{
			fmt.Sprintf("INC-%04d", i+1), in.home.finess, day(in.on), in.precision, number(in.category), in.threat, number(in.severity),
			fmt.Sprint(in.nearSite), in.cell, strings.Join(in.to, ","), day(in.reported), confirmed,
		})
	}
	return table(FileIncidents, []string{
		"incident_id", "site_id", "occurred_on", "date_precision", "arrete_category", "threat", "severity",
		"near_site", "cell_200m", "reported_to", "reported_on", "confirmed_on",
	}, lines)
}
