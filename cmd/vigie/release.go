package main

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"text/tabwriter"
	"time"

	"vigie/data"
	"vigie/data/release"
	"vigie/data/snapshot"
)

type releaseCmd struct {
	Freeze releaseFreezeCmd `cmd:"" help:"Freeze the masked view that analysts get / arrêter la vue masquée des analystes."`
	List   releaseListCmd   `cmd:"" help:"List the masked views / lister les vues masquées."`
}

type releaseFreezeCmd struct {
	storeFlag
	profileFlag
}

// Run freezes a masked release of every home.
func (c *releaseFreezeCmd) Run(e *environment) error {
	store, sn, done, err := openScored(e, c.storeFlag, c.profileFlag, true)
	if err != nil {
		return err
	}
	defer done()
	frozen, report, err := release.Freeze(e.ctx, store, sn, operator("release"), time.Now(), releaseKey())
	if report != nil {
		printRelease(e, report)
	}
	if err != nil {
		return err
	}
	e.say(e.stdout, data.Text{FR: "Vue masquée %s arrêtée\u00a0: %d foyers.", EN: "Masked view %s frozen: %d homes."}, frozen.ID, len(frozen.Rows))
	return nil
}

// releaseKey names the homes of one release and is kept nowhere.
func releaseKey() []byte {
	key := make([]byte, release.KeySize)
	rand.Read(key) // never fails
	return key
}

// openScored opens a database and waits for every score when scores are needed.
func openScored(e *environment, f storeFlag, p profileFlag, scores bool) (data.Store, *snapshot.Snapshot, func(), error) {
	profile, err := p.load()
	if err != nil {
		return nil, nil, nil, err
	}
	store, err := f.open(e)
	if err != nil {
		return nil, nil, nil, err
	}
	options := snapshot.Options{Clock: time.Now, Profile: profile}
	if scores {
		options.ScoreAtOnce = math.MaxInt
	}
	service, err := snapshot.Open(e.ctx, store, options)
	if err != nil {
		store.Close()
		return nil, nil, nil, err
	}
	return store, service.Current(), func() { service.Close(); store.Close() }, nil
}

type releaseListCmd struct{ storeFlag }

// Run lists the masked releases.
func (c *releaseListCmd) Run(e *environment) error {
	store, err := c.open(e)
	if err != nil {
		return err
	}
	defer store.Close()
	w := tabwriter.NewWriter(e.stdout, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, data.Text{FR: "vue\tfoyers\tk\tborne\tgain de l’attaquant\tservie", EN: "release\thomes\tk\tbound\tattacker’s gain\tserved"}.In(e.lang))
	err = store.Releases(e.ctx, func(r *data.Release) error {
		served := data.Text{FR: "oui", EN: "yes"}
		if r.Withdrawn() {
			served = data.Text{FR: "retirée", EN: "withdrawn"}
		}
		fmt.Fprintf(w, "%s\t%d\t%d\t%.2f\t%.3f\t%s\n", r.ID, len(r.Rows), r.K, r.Bound, r.MaxRise, served.In(e.lang))
		return nil
	})
	if err != nil {
		return err
	}
	return w.Flush()
}

type auditDisclosureCmd struct {
	storeFlag
	profileFlag
	Export []string `help:"Masked exports (GeoJSON or CSV) that attackers hold together, instead of the stored releases; repeatable / exports masqués réunis par des attaquants." type:"path" placeholder:"FILE" sep:"none"`
	Format string   `help:"text or json." enum:"text,json" default:"text"`
	Homes  int      `help:"How many homes to list, those that the attacker gains most on first / foyers à lister." default:"10"`
}

// Run plays the attacker who holds the public register, the polygons and all releases.
func (c *auditDisclosureCmd) Run(e *environment) error {
	exports := release.Exports{}
	for _, path := range c.Export {
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		err = exports.Read(filepath.Base(path), f)
		f.Close()
		if err != nil {
			return err
		}
	}
	store, sn, done, err := openScored(e, c.storeFlag, c.profileFlag, true)
	if err != nil {
		return err
	}
	defer done()
	viewer := operator("audit disclosure")
	report, err := release.Attack(e.ctx, store, sn, viewer, exports)
	if err != nil {
		return err
	}
	// The report names homes and how sure an attacker is of each.
	err = store.Audit(e.ctx, data.AuditEntry{At: time.Now(), Subject: viewer.Subject(), Action: "audit.disclosure", Layer: data.LayerSites, Count: len(report.Homes), Purpose: viewer.Purpose()})
	if err != nil {
		return err
	}
	if c.Format == "json" {
		encoder := json.NewEncoder(e.output)
		encoder.SetIndent("", "  ")
		if err := encoder.Encode(report); err != nil {
			return err
		}
	} else {
		printRelease(e, report)
		printStandings(e, report, c.Homes)
	}
	if !report.Holds {
		return release.ErrTellsTooMuch
	}
	return nil
}

func printRelease(e *environment, r *release.Report) {
	secret := data.Text{FR: "de la classe la plus exposée", EN: "in the top class"}
	if r.High {
		secret = data.Text{FR: "d’une des deux classes les plus exposées", EN: "in one of the two top classes"}
	}
	e.say(e.stdout, data.Text{
		FR: "Vues masquées réunies\u00a0: %d. Un attaquant gagne au plus %.3f sur la probabilité qu’un foyer soit %s (borne %.2f).",
		EN: "Masked releases held together: %d. An attacker gains at most %.3f on the probability that a home is %s (bound %.2f).",
	}, r.Releases, r.MaxRise, secret.In(e.lang), r.Bound)
	e.say(e.stdout, data.Text{
		FR: "Lignes qui restent une fois le registre public retranché, là où est un foyer qu’il ne montre pas\u00a0: %d.",
		EN: "Rows left over once the public register is subtracted, where a home that it does not show is: %d.",
	}, len(r.Placed))
	w := tabwriter.NewWriter(e.stdout, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, data.Text{FR: "carreau\tfoyers", EN: "cell\thomes"}.In(e.lang))
	for _, size := range slices.Sorted(maps.Keys(r.Utility.Sizes)) {
		name := strconv.Itoa(size/1000) + " km"
		if size == 0 {
			name = data.Text{FR: "département", EN: "département"}.In(e.lang)
		}
		fmt.Fprintf(w, "%s\t%d\n", name, r.Utility.Sizes[size])
	}
	w.Flush()
	e.say(e.stdout, data.Text{
		FR: "Sans classe\u00a0: %.0f\u00a0%%\u00a0; sans bandes\u00a0: %.0f\u00a0%%\u00a0; hors de la vue\u00a0: %d foyers.",
		EN: "Without class: %.0f%%; without bands: %.0f%%; not in the release: %d homes.",
	}, 100*r.Utility.WithoutClass, 100*r.Utility.WithoutBands, r.Utility.Omitted)
}

func printStandings(e *environment, r *release.Report, n int) {
	rise := func(s *release.Standing) float64 {
		if s.After == nil {
			return math.Inf(-1)
		}
		return *s.After - s.Before
	}
	homes := slices.Clone(r.Homes)
	slices.SortStableFunc(homes, func(a, b release.Standing) int {
		switch x, y := rise(&a), rise(&b); {
		case x > y:
			return -1
		case x < y:
			return 1
		}
		return 0
	})
	w := tabwriter.NewWriter(e.stdout, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, data.Text{FR: "foyer\tavant\taprès\tadresses\torganismes\taire (km²)", EN: "home\tbefore\tafter\taddresses\tbodies\tarea (km²)"}.In(e.lang))
	for _, s := range homes[:min(max(n, 0), len(homes))] {
		after, area := "–", "–"
		if s.After != nil {
			after = strconv.FormatFloat(*s.After, 'f', 3, 64)
		}
		if s.AreaM2 != nil {
			area = strconv.FormatFloat(*s.AreaM2/1e6, 'f', 0, 64)
		}
		fmt.Fprintf(w, "%s\t%.3f\t%s\t%d\t%d\t%s\n", s.SiteID, s.Before, after, s.Addresses, s.Bodies, area)
	}
	w.Flush()
}
