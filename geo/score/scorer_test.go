package score

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func mustScorer(t interface{ Fatal(...any) }, p *Profile) *Scorer {
	s, err := New(p)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func tinyProfile(t interface{ Fatal(...any) }) *Profile {
	p, err := ParseProfile([]byte(tiny))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// anyProfile is a valid profile of up to three pillars and eight indicators.
func anyProfile(t *rapid.T) *Profile {
	label := Text{FR: "x", EN: "x"}
	p := defaults()
	p.Name, p.Version = "generated", "1"
	p.Elicitation = Elicitation{By: "test", On: "2026-01-01"}
	pillars := rapid.IntRange(1, 3).Draw(t, "pillars")
	for i := range pillars {
		p.Pillars = append(p.Pillars, Pillar{ID: string(rune('a' + i)), Label: label, Weight: rapid.Float64Range(0.1, 5).Draw(t, "pillar weight")})
	}
	n := rapid.IntRange(pillars, 8).Draw(t, "entries")
	for i := range n {
		e := Entry{
			Indicator: "i" + string(rune('a'+i)), Pillar: p.Pillars[i%pillars].ID, Reason: label, Transform: Linear,
			Weight: rapid.Float64Range(0.1, 5).Draw(t, "weight"),
		}
		a, b := rapid.Float64Range(1, 5000).Draw(t, "a"), rapid.Float64Range(1, 5000).Draw(t, "b")
		if math.Abs(a-b) < 1 {
			b = a + 1
		}
		e.Goalposts = [2]float64{a, b}
		if rapid.Bool().Draw(t, "log") {
			e.Transform = Log
		}
		p.Entries = append(p.Entries, e)
	}
	if rapid.IntRange(0, 3).Draw(t, "arithmetic") == 0 {
		p.Aggregation = Arithmetic
	}
	p.Draws = 200
	return p
}

func anyValues(t *rapid.T, s *Scorer) []float64 {
	out := make([]float64, len(s.terms))
	for i := range out {
		out[i] = rapid.Float64Range(-100, 6000).Draw(t, "value")
	}
	return out
}

func TestScoreByHand(t *testing.T) {
	s := mustScorer(t, tinyProfile(t))
	if want := []string{"near", "police", "share"}; !slices.Equal(s.Indicators(), want) {
		t.Fatalf("indicators %v", s.Indicators())
	}
	// near: 1 − 250/1000 = 0.75, weight ½·⅔; share: 0.1/0.5 = 0.2, weight ½·⅓;
	// police: ln(2000/500)/ln(8000/500) = 0.5, weight ½.
	b := s.Explain([]float64{250, 2000, 0.1})
	want := 100 * (1 - math.Pow(0.25, 1./3)*math.Pow(0.8, 1./6)*math.Pow(0.5, 0.5))
	if math.Abs(b.Score-want) > 1e-9 {
		t.Errorf("score %v, %v is expected", b.Score, want)
	}
	if b.Contributions[0].Indicator != "near" || math.Abs(b.Contributions[0].Normalised-0.75) > 1e-12 {
		t.Errorf("contributions %+v", b.Contributions)
	}
	p := tinyProfile(t)
	p.Aggregation = Arithmetic
	if got, want := mustScorer(t, p).Explain([]float64{250, 2000, 0.1}).Score, 100*(0.75/3+0.2/6+0.5/2); math.Abs(got-want) > 1e-9 {
		t.Errorf("arithmetic %v, %v is expected", got, want)
	}
}

func TestSevereExposureIsNotAveragedAway(t *testing.T) {
	p := tinyProfile(t)
	geometric := mustScorer(t, p).Explain([]float64{0, 500, 0.5}).Score // environment at its worst, guardians near
	p.Aggregation = Arithmetic
	arithmetic := mustScorer(t, p).Explain([]float64{0, 500, 0.5}).Score
	if math.Abs(geometric-90) > 1e-9 || math.Abs(arithmetic-49.5) > 1e-9 {
		t.Errorf("geometric %v (90 = 1 − √0.01), arithmetic %v (half of the cap)", geometric, arithmetic)
	}
}

func TestExtremesAndLimits(t *testing.T) {
	s := mustScorer(t, tinyProfile(t))
	inf := math.Inf(1)
	none := s.Explain([]float64{inf, 100, -1})
	if none.Score != 0 || math.Signbit(none.Score) {
		t.Errorf("nothing near: %v", none.Score)
	}
	for _, c := range none.Contributions {
		if c.Share != 0 || c.Points != 0 {
			t.Errorf("a score of 0 has no shares: %+v", c)
		}
	}
	if full := s.Explain([]float64{-inf, inf, inf}); math.Abs(full.Score-99) > 1e-9 {
		t.Errorf("everything at its worst is the cap: %v", full.Score)
	}
	// Values at and below 0 on a logarithmic scale are its limit.
	for _, police := range []float64{0, -3, -inf} {
		if b := s.Explain([]float64{inf, police, 0}); b.Score != 0 {
			t.Errorf("police at %v: %v", police, b.Score)
		}
	}
}

func TestUnknownIsNeverZero(t *testing.T) {
	s := mustScorer(t, tinyProfile(t))
	nan := math.NaN()
	known := s.Explain([]float64{1000, 500, 0}).Score // nothing near
	b := s.Explain([]float64{1000, 500, nan})
	if !b.Complete || !(b.Score > known) || !slices.Equal(b.Unknown, []string{"share"}) {
		t.Errorf("unknown share: %+v", b)
	}
	b = s.Explain([]float64{nan, 500, nan})
	if b.Complete || !math.IsNaN(b.Score) || !slices.Equal(b.MissingPillars, []string{"environment"}) || b.Contributions != nil {
		t.Errorf("a pillar without data: %+v", b)
	}
	b = s.Explain([]float64{nan, nan, nan})
	if !slices.Equal(b.MissingPillars, []string{"environment", "guardianship"}) {
		t.Errorf("missing pillars: %v", b.MissingPillars)
	}
}

func TestContributionsSum(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := mustScorer(t, anyProfile(t))
		b := s.Explain(anyValues(t, s))
		var shares, points, weights float64
		for i, c := range b.Contributions {
			shares, points, weights = shares+c.Share, points+c.Points, weights+c.Weight
			if c.Share < 0 || c.Normalised < 0 || c.Normalised > 0.99 || i > 0 && c.Points > b.Contributions[i-1].Points {
				t.Fatalf("contribution %+v", c)
			}
		}
		if math.Abs(points-b.Score) > 1e-9 || math.Abs(weights-1) > 1e-9 || b.Score > 0 && math.Abs(shares-1) > 1e-9 || b.Score < 0 || b.Score > 99+1e-9 {
			t.Fatalf("shares %v, points %v, weights %v, score %v", shares, points, weights, b.Score)
		}
	})
}

func TestMonotoneInEachInput(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := anyProfile(t)
		s := mustScorer(t, p)
		values := anyValues(t, s)
		before := s.Explain(values).Score
		i := rapid.IntRange(0, len(values)-1).Draw(t, "input")
		values[i] += rapid.Float64Range(0, 3000).Draw(t, "more")
		after := s.Explain(values).Score
		if s.terms[i].span < 0 { // less is more exposed
			before, after = after, before
		}
		if after < before-1e-12 {
			t.Fatalf("more exposure lowers the score: %v to %v", before, after)
		}
	})
}

func TestWeightZeroIsAbsent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := anyProfile(t)
		s := mustScorer(t, p)
		q := p.Clone()
		e := Entry{Indicator: "zz", Pillar: p.Pillars[0].ID, Goalposts: [2]float64{0, 1}, Transform: Linear, Reason: Text{FR: "x", EN: "x"}}
		q.Entries = append([]Entry{e}, q.Entries...)
		if rapid.Bool().Draw(t, "pillar") { // the same for a whole pillar
			q.Pillars = append([]Pillar{{ID: "zero", Label: Text{FR: "x", EN: "x"}}}, q.Pillars...)
			q.Entries[0].Pillar, q.Entries[0].Weight = "zero", 1
		}
		with := mustScorer(t, q)
		if !slices.Equal(with.Indicators(), s.Indicators()) {
			t.Fatalf("indicators %v and %v", with.Indicators(), s.Indicators())
		}
		site := anySite(t, s, "s")
		a, b := assess(t, s, site), assess(t, with, site)
		sameResult(t, a, b)
	})
}

func TestOrderOfEntriesDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := anyProfile(t)
		q := p.Clone()
		q.Entries = rapid.Permutation(q.Entries).Draw(t, "entries")
		q.Pillars = rapid.Permutation(q.Pillars).Draw(t, "pillars")
		s, r := mustScorer(t, p), mustScorer(t, q)
		site := anySite(t, s, "s")
		a, b := assess(t, s, site), assess(t, r, site)
		slices.Sort(b.MissingPillars)
		slices.Sort(a.MissingPillars)
		for i := range a.Contributions { // sums of pillars' weights may differ in the last bit
			if math.Abs(a.Contributions[i].Points-b.Contributions[i].Points) > 1e-9 {
				t.Fatalf("%+v and %+v", a.Contributions[i], b.Contributions[i])
			}
		}
		if a.Complete && (math.Abs(a.Low-b.Low) > 1e-4 || math.Abs(a.High-b.High) > 1e-4 || math.Abs(a.Score-b.Score) > 1e-9) {
			t.Fatalf("%+v and %+v", a, b)
		}
	})
}
