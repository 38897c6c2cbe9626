package disclosure

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"
)

// nation is n homes around towns of 100 départements.
func nation(n int, bands bool, seed uint64) ([]Home, Attribute) {
	rng := rand.New(rand.NewPCG(seed, 2))
	homes := make([]Home, 0, n)
	var prior [][]float64
	for i := range n {
		d := i % 95
		lon, lat := -1+0.7*float64(d%10), 44+0.4*float64(d/10)
		lon += 0.15 * rng.NormFloat64()
		lat += 0.1 * rng.NormFloat64()
		risk := rng.Float64()
		p := make([]float64, classes)
		sum := 0.0
		for l := range p {
			if l == 0 {
				p[l] = 0.15
			} else {
				z := (float64(l)-0.5)/5 - risk
				p[l] = math.Exp(-z * z / 0.03)
			}
			sum += p[l]
		}
		for l := range p {
			p[l] /= sum
		}
		u, class := rng.Float64(), 0
		for class < topClass && u > p[class] {
			u -= p[class]
			class++
		}
		h := Home{
			Position: orb.Point{lon, lat}, Department: fmt.Sprintf("%02d", d+1), Category: fmt.Sprint(rng.IntN(3)),
			Address: fmt.Sprint(i), Body: fmt.Sprint(d, rng.IntN(30)), Class: class, Unlisted: rng.IntN(50) == 0,
		}
		if bands {
			for range 5 {
				band := rng.IntN(5)
				h.Bands = append(h.Bands, band)
				e := make([]float64, 5)
				e[band] = 1
				h.Expected = append(h.Expected, e)
			}
		}
		homes = append(homes, h)
		prior = append(prior, p)
	}
	return homes, ExposureClass(homes, prior)
}

// uniform makes the class of exposure with the same prior for every home.
func uniform(homes []Home, prior ...float64) []Attribute {
	all := make([][]float64, len(homes))
	for i := range all {
		all[i] = prior
	}
	return []Attribute{ExposureClass(homes, all)}
}

func attackMask(t testing.TB, homes []Home, class []Attribute, change func(*Release, *Knowledge)) Report {
	t.Helper()
	p, err := Mask(homes, DefaultRules())
	if err != nil {
		t.Fatal(err)
	}
	release, err := p.Release(homes, class, make([]string, len(homes)))
	if err != nil {
		t.Fatal(err)
	}
	known := Knowledge{Areas: map[string]float64{"03": 7.3e9}}
	if change != nil {
		change(&release, &known)
	}
	known.Releases = append(known.Releases, release)
	report, err := Posterior(homes, class, DefaultRules(), known)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func near(a, b float64) bool { return math.Abs(a-b) < 0.01 }

func TestIndistinguishableHomesShareTheirRows(t *testing.T) {
	homes := town(9, "03", 2.6003, 5, 3, 1)
	secrets := uniform(homes, 0.1, 0.2, 0.2, 0.2, 0.2, 0.1)
	r := attackMask(t, homes, secrets, nil)
	for i, s := range r.Homes {
		if !near(s.Before[0], 0.1) || !near(s.After[0], 1./3) || s.Addresses != 9 || s.Bodies != 9 || s.Area > 64e6 {
			t.Errorf("home %d: %+v", i, s)
		}
	}
	if !near(r.MaxRise, 1./3-0.1) || r.Holds(DefaultRules()) {
		t.Errorf("rise %v within the bound", r.MaxRise)
	}
	// Without labels nothing is learnt.
	r = attackMask(t, homes, secrets, func(release *Release, _ *Knowledge) {
		for k := range release.Rows {
			release.Rows[k].Labels = nil
		}
	})
	if !near(r.MaxRise, 0) || !r.Holds(DefaultRules()) {
		t.Errorf("rise %v without labels", r.MaxRise)
	}
}

func TestBandsLinkRowsToHomes(t *testing.T) {
	homes := town(8, "03", 2.6003, 5, 3, 1, 2)
	for i := range homes {
		expected := make([]float64, 8)
		expected[i] = 1
		homes[i].Bands, homes[i].Expected = []int{i}, [][]float64{expected}
	}
	secrets := uniform(homes, 0.1, 0.2, 0.2, 0.2, 0.2, 0.1)
	for i, s := range attackMask(t, homes, secrets, nil).Homes {
		if want := map[bool]float64{true: 1, false: 0}[homes[i].Class == 5]; !near(s.After[0], want) {
			t.Errorf("home %d of class %d: %v", i, homes[i].Class, s.After)
		}
	}
	// What public geometry says nothing of links nothing.
	for i := range homes {
		homes[i].Expected = [][]float64{nil}
	}
	for i, s := range attackMask(t, homes, secrets, nil).Homes {
		if !near(s.After[0], 0.25) {
			t.Errorf("home %d: %v without expectation", i, s.After)
		}
	}
	// Enforce gives up the bands that link.
	p, report, err := Enforce(homes, uniform(homes, 0.1, 0.15, 0.15, 0.15, 0.15, 0.3), DefaultRules(), Knowledge{})
	if err != nil || !report.Holds(DefaultRules()) || !p.Cells[0].ShowsLabels || !p.Cells[0].ShowsBands {
		t.Errorf("bands that tell nothing: %+v, %v", p, err)
	}
}

// TestPosteriorIsBayesRule compares with the sum over all shuffles of a cell.
func TestPosteriorIsBayesRule(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(5, 7).Draw(t, "homes")
		homes := town(n, "03", 2.6003, 0)
		prior := make([][]float64, n)
		distribution := func(size int) []float64 {
			p := make([]float64, size)
			for l := range p {
				p[l] = rapid.Float64Range(0.05, 1).Draw(t, "p")
			}
			normalise(p)
			return p
		}
		for i := range homes {
			homes[i].Class = rapid.IntRange(0, 5).Draw(t, "class")
			homes[i].Bands = []int{rapid.IntRange(0, 2).Draw(t, "band")}
			homes[i].Expected = [][]float64{distribution(3)}
			prior[i] = distribution(classes)
		}
		homes[0].Class, homes[1].Class = 1, 5
		likelihood, count := make([][]float64, n), make([]int, n)
		for i := range homes {
			count[i] = 1
			for k := range homes {
				likelihood[i] = append(likelihood[i], prior[i][homes[k].Class]*homes[i].Expected[0][homes[k].Bands[0]])
			}
		}
		want := shuffles(likelihood, count)
		p, err := Mask(homes, DefaultRules())
		if err != nil {
			t.Fatal(err)
		}
		secrets := []Attribute{ExposureClass(homes, prior)}
		release, err := p.Release(homes, secrets, make([]string, n))
		if err != nil {
			t.Fatal(err)
		}
		r, err := Posterior(homes, secrets, DefaultRules(), Knowledge{Releases: []Release{release}})
		if err != nil {
			t.Fatal(err)
		}
		for i := range homes {
			top := 0.0
			for k := range homes {
				if homes[k].Class == topClass {
					top += want[i][k]
				}
			}
			if math.Abs(r.Homes[i].After[0]-top) > 1e-6 {
				t.Fatalf("home %d: %v, want %v", i, r.Homes[i].After[0], top)
			}
		}
	})
}

func TestFilteredExports(t *testing.T) {
	homes := town(10, "03", 2.6003, 5, 3)
	secrets := uniform(homes, 0.1, 0.2, 0.2, 0.2, 0.2, 0.1)
	// Only rows of class 5: half of the ten homes.
	r := attackMask(t, homes, secrets, func(release *Release, _ *Knowledge) {
		rows := release.Rows[:0]
		for _, row := range release.Rows {
			if row.Labels[0] == topClass {
				rows = append(rows, row)
			}
		}
		release.Rows = rows
	})
	for i, s := range r.Homes {
		// The others may be in class 5 as well: the attacker does not know the filter.
		if !near(s.After[0], 0.5+0.5*0.1) {
			t.Errorf("home %d: %+v", i, s)
		}
	}
}

// TestSubtractionFindsUnlistedHomes: rows that no home of the register explains are of a home
// that it lacks, however many homes of the register are around.
func TestSubtractionFindsUnlistedHomes(t *testing.T) {
	banded := func(homes []Home, band int) []Home {
		for i := range homes {
			expected := make([]float64, 3)
			expected[band] = 1
			homes[i].Bands, homes[i].Expected = []int{band}, [][]float64{expected}
		}
		return homes
	}
	for name, c := range map[string]struct {
		listed, shown, unlisted int // rows of listed homes
		band                    int // of the unlisted one
		bands                   bool
		placed                  bool
	}{
		"a row more than homes":                       {9, 9, 1, 1, false, true},
		"a row more, and too few homes":               {3, 3, 1, 0, false, true},
		"no row of the unlisted home":                 {9, 9, 0, 1, true, false},
		"a listed home has no row, bands do not tell": {9, 8, 1, 0, true, false},
		"a listed home has no row, bands tell":        {9, 8, 1, 2, true, true},
	} {
		homes := append(banded(town(c.listed, "03", 2.6003, 5, 3), 0), banded(town(1, "03", 2.601, 5), c.band)...)
		homes[c.listed].Unlisted = true
		var release Release
		for _, h := range append(homes[:c.shown:c.shown], homes[c.listed:c.listed+c.unlisted]...) {
			row := Row{Department: "03", Category: "mecs", Labels: []int{h.Class}}
			if c.bands {
				row.Bands = h.Bands
			}
			release.Rows = append(release.Rows, row)
		}
		r, err := Posterior(homes, uniform(homes, 0.1, 0.1, 0.1, 0.2, 0.2, 0.3), DefaultRules(), Knowledge{Releases: []Release{release}})
		if err != nil || len(r.Placed) > 0 != c.placed || c.placed && (r.Placed[0] != c.listed || r.Holds(DefaultRules())) {
			t.Errorf("%s: placed %v, %v", name, r.Placed, err)
		}
	}
}

// TestHighClassIsGuarded: a cell whose homes are all of classes 3 and 4 tells that half of
// them are in a high class, though none is in class 5.
func TestHighClassIsGuarded(t *testing.T) {
	homes := town(6, "03", 2.6003, 3, 4)
	class := uniform(homes, 0.1, 0.3, 0.3, 0.2, 0.05, 0.05)
	r := attackMask(t, homes, class, nil)
	if s := r.Homes[0]; !near(s.After[TopClass], 0) || !near(s.Before[HighClass], 0.1) || !near(s.After[HighClass], 0.5) || r.Secret != HighClass || r.Holds(DefaultRules()) {
		t.Errorf("%+v: rise %v", s, r.MaxRise)
	}
	p, r, err := Enforce(homes, class, DefaultRules(), Knowledge{})
	if err != nil || !r.Holds(DefaultRules()) || p.Cells[0].ShowsLabels {
		t.Errorf("%+v: rise %v, %v", p.Cells, r.MaxRise, err)
	}
}

func TestStatisticsAreSubtracted(t *testing.T) {
	shown, silent := town(6, "03", 2.6003, 5, 3), town(6, "03", 3.4003, 5, 4)
	homes := append(shown, silent...)
	secrets := uniform(homes, 0.1, 0.2, 0.2, 0.2, 0.2, 0.1)
	all := make([]int, len(homes))
	for i := range all {
		all[i] = i
	}
	r := attackMask(t, homes, secrets, func(release *Release, known *Knowledge) {
		for k := range silent {
			release.Rows[len(shown)+k].Labels = nil
		}
		known.Counts = []CountRange{{Homes: all, Low: 4, High: 8}, {Homes: all, Low: 6, High: 9}}
	})
	for i, s := range r.Homes {
		// 3 of the first six are shown in class 5, so 3 to 5 of the others are.
		want, total := 0., 0.
		for k := 3; k <= 5; k++ {
			w := []float64{20, 15, 6}[k-3] * math.Pow(0.1, float64(k)) * math.Pow(0.9, float64(6-k))
			want, total = want+w*float64(k)/6, total+w
		}
		if want /= total; i < len(shown) {
			want = 0.5
		}
		if !near(s.After[0], want) {
			t.Errorf("home %d: %v, want %v", i, s.After[0], want)
		}
	}
}

func TestPointsSharpenThePrior(t *testing.T) {
	homes := town(6, "03", 2.6003, 5, 3)
	r, err := Posterior(homes, uniform(homes, 0.1, 0.2, 0.2, 0.2, 0.2, 0.1), DefaultRules(), Knowledge{
		Points: []Point{{Home: 2, Likelihood: []float64{0.1, 0.1, 0.1, 0.1, 0.1, 0.9}}},
	})
	if err != nil || !near(r.Homes[2].After[0], 0.5) || r.Home != 2 || !near(r.MaxRise, 0.4) || !near(r.Homes[1].After[0], 0.1) {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestJoinOfColludingRecipients(t *testing.T) {
	a := Row{Pseudonym: "a", Department: "03", Cell: "x", Labels: []int{2}}
	b := Row{Pseudonym: "b", Department: "03", Cell: "x", Bands: []int{1}}
	again := a
	again.Labels, again.Bands = nil, []int{3}
	r, err := Join([]Row{a}, []Row{b, again})
	if err != nil || len(r.Rows) != 2 || r.Rows[0].Labels[0] != 2 || r.Rows[0].Bands[0] != 3 {
		t.Errorf("%+v, %v", r, err)
	}
	again.Cell = "y"
	if _, err := Join([]Row{a}, []Row{again}); err == nil {
		t.Error("two cells for one home were joined")
	}
}

func TestEnforceKeepsTheBound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		homes := drawHomes(t)
		prior := make([][]float64, len(homes))
		incidents := Attribute{
			Name: "incident", Labels: make([]int, len(homes)), Prior: make([][]float64, len(homes)),
			Secrets: []Secret{{Name: "incident", Guarded: []bool{false, true}}},
		}
		for i := range homes {
			prior[i] = make([]float64, classes)
			for l := range prior[i] {
				prior[i][l] = rapid.Float64Range(0.01, 1).Draw(t, "prior")
			}
			prior[i][homes[i].Class] += rapid.SampledFrom([]float64{0, 5}).Draw(t, "skill")
			normalise(prior[i])
			incidents.Labels[i] = rapid.IntRange(-1, 1).Draw(t, "incident")
			incidents.Prior[i] = []float64{0.7, 0.3}
			band := rapid.IntRange(0, 2).Draw(t, "band")
			homes[i].Bands, homes[i].Expected = []int{band}, [][]float64{{0.1, 0.1, 0.1}}
			homes[i].Expected[0][band] = 0.8
		}
		attributes := []Attribute{ExposureClass(homes, prior), incidents}
		r := DefaultRules()
		known := Knowledge{}
		if rapid.Bool().Draw(t, "statistics") {
			var counted []int
			top := 0
			for i, h := range homes {
				if h.Department == "03" && !h.Unlisted {
					counted = append(counted, i)
					if h.Class == topClass {
						top++
					}
				}
			}
			known.Counts = []CountRange{{Homes: counted, Low: Round(top) - 2, High: Round(top) + 2}}
		}
		if rapid.Bool().Draw(t, "earlier") {
			past := append([]Home(nil), homes...)
			past[0].Class = 3
			p, _, err := Enforce(past, attributes, r, Knowledge{})
			if err != nil {
				t.Fatal(err)
			}
			release, err := p.Release(past, attributes, make([]string, len(homes)))
			if err != nil {
				t.Fatal(err)
			}
			known.Releases = []Release{release}
		}
		alone, err := Posterior(homes, attributes, r, known)
		if err != nil {
			t.Fatal(err)
		}
		p, report, err := Enforce(homes, attributes, r, known)
		if err != nil {
			t.Fatal(err)
		}
		checkPartition(t, homes, p, r)
		release, err := p.Release(homes, attributes, make([]string, len(homes)))
		if err != nil {
			t.Fatal(err)
		}
		known.Releases = append(known.Releases, release)
		again, err := Posterior(homes, attributes, r, known)
		if err != nil {
			t.Fatal(err)
		}
		if len(again.Placed) > 0 || math.Abs(again.MaxRise-report.MaxRise) > 1e-9 {
			t.Fatalf("the attacker finds %v and %v, Enforce %v", again.MaxRise, again.Placed, report.MaxRise)
		}
		if again.MaxRise > max(r.Bound, alone.MaxRise)+1e-5 {
			t.Fatalf("a rise of %v, %v without the release", again.MaxRise, alone.MaxRise)
		}
	})
}

func TestEnforceOfANation(t *testing.T) {
	homes, class := nation(3000, true, 1)
	p, report, err := Enforce(homes, []Attribute{class}, DefaultRules(), Knowledge{})
	if err != nil {
		t.Fatal(err)
	}
	u := p.Utility()
	if !report.Holds(DefaultRules()) || u.WithoutLabels > 0.75 || u.Department == 1 {
		t.Errorf("rise %v, placed %v, %+v", report.MaxRise, report.Placed, u)
	}
	shown := 0
	for _, n := range u.Sizes {
		shown += n
	}
	if shown+u.Omitted != len(homes) {
		t.Errorf("%d homes are shown and %d left out of %d", shown, u.Omitted, len(homes))
	}
}
