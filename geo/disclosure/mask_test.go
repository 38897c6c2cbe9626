package disclosure

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"vigie/geo/crs"
)

// drawHomes makes fictitious homes, many of them close together, some at the same address.
func drawHomes(t *rapid.T) []Home {
	n := rapid.IntRange(1, 60).Draw(t, "homes")
	spread := rapid.SampledFrom([]float64{0.01, 0.1, 0.6}).Draw(t, "spread")
	homes := make([]Home, n)
	for i := range homes {
		at := orb.Point{
			2.6 + spread*rapid.Float64Range(-1, 1).Draw(t, "lon"),
			46.4 + spread*rapid.Float64Range(-1, 1).Draw(t, "lat"),
		}
		if rapid.IntRange(0, 30).Draw(t, "position") == 0 {
			at = orb.Point{math.NaN(), math.NaN()}
		}
		homes[i] = Home{
			Position:   at,
			Department: rapid.SampledFrom([]string{"03", "23"}).Draw(t, "department"),
			Category:   rapid.SampledFrom([]string{"", "mecs"}).Draw(t, "category"),
			Address:    rapid.SampledFrom([]string{"", "a", "b", fmt.Sprint(i), fmt.Sprint(i), fmt.Sprint(i)}).Draw(t, "address"),
			Body:       fmt.Sprint(rapid.IntRange(0, 15).Draw(t, "body")),
			Unlisted:   rapid.IntRange(0, 9).Draw(t, "unlisted") == 0,
			Class:      rapid.IntRange(0, 5).Draw(t, "class"),
		}
	}
	return homes
}

// checkCell recounts what rule 9 asks for.
func checkCell(t *rapid.T, homes []Home, c Cell, r Rules) {
	addresses, bodies, seen := map[string]bool{}, map[string]bool{}, map[int]bool{}
	for _, i := range c.Homes {
		h := homes[i]
		if h.Department != c.Department || h.Category != c.Category {
			t.Fatalf("home %d of %s %q is shown in %s %q", i, h.Department, h.Category, c.Department, c.Category)
		}
		if h.Unlisted {
			t.Fatalf("cell %+v shows a home that the register lacks", c)
		}
		addresses[h.Address], bodies[h.Body], seen[h.Class] = true, true, true
	}
	delete(addresses, "")
	delete(bodies, "")
	delete(seen, 0)
	if c.Addresses != len(addresses) || c.Bodies != len(bodies) {
		t.Fatalf("cell %+v has %d addresses and %d bodies", c, len(addresses), len(bodies))
	}
	crowded := len(addresses) >= r.K && len(bodies) >= r.K
	if c.Grid.Size != 0 && !(crowded && len(seen) >= r.Classes) || c.ShowsLabels && !(crowded && len(seen) >= r.Classes) || c.ShowsBands && !crowded {
		t.Fatalf("cell %+v breaks rule 9 with %d classes", c, len(seen))
	}
}

// checkPartition holds that each home is in one cell, and in the smallest square of its
// département and category that is published around it: otherwise taking a square from the one
// around it would leave a set that nobody checked.
func checkPartition(t *rapid.T, homes []Home, p Partition, r Rules) {
	times := make([]int, len(homes))
	published := map[string]bool{}
	key := func(c Cell, g crs.GridCell) string { return fmt.Sprint(c.Department, "|", c.Category, "|", g.ID()) }
	for k, c := range p.Cells {
		checkCell(t, homes, c, r)
		if c.Grid.Size != 0 {
			if published[key(c, c.Grid)] {
				t.Fatalf("cell %s comes twice", c.ID())
			}
			published[key(c, c.Grid)] = true
		}
		for _, i := range c.Homes {
			times[i]++
			if p.Of[i] != k {
				t.Fatalf("home %d is in cell %d, not %d", i, k, p.Of[i])
			}
		}
	}
	for i, h := range homes {
		if h.Unlisted != (p.Of[i] < 0) {
			t.Fatalf("home %d, unlisted %t, is in cell %d", i, h.Unlisted, p.Of[i])
		}
		if h.Unlisted {
			continue
		}
		if times[i] != 1 {
			t.Fatalf("home %d is shown %d times", i, times[i])
		}
		own := p.Cells[p.Of[i]]
		for size := smallest; size <= largest; size *= 2 {
			g, ok := gridAt(h.Position, size)
			if !ok || size == own.Grid.Size {
				if ok && g != own.Grid {
					t.Fatalf("home %d lies in %s and is shown in %s", i, g.ID(), own.ID())
				}
				break
			}
			if published[key(own, g)] {
				t.Fatalf("home %d is shown in %q though %s is published around it", i, own.ID(), g.ID())
			}
		}
	}
}

func TestMaskKeepsRuleNine(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		homes := drawHomes(t)
		p, err := Mask(homes, DefaultRules())
		if err != nil {
			t.Fatal(err)
		}
		checkPartition(t, homes, p, DefaultRules())
		// An attacker who only has the rows finds none of a home that the register lacks.
		release, err := p.Release(homes, nil, make([]string, len(homes)))
		if err != nil {
			t.Fatal(err)
		}
		report, err := Posterior(homes, nil, DefaultRules(), Knowledge{Releases: []Release{release}})
		if err != nil || len(report.Placed) > 0 {
			t.Fatal(err, report.Placed)
		}
		for i, at := range p.Of {
			if at >= 0 && (report.Homes[i].Addresses != p.Cells[at].Addresses || report.Homes[i].Bodies != p.Cells[at].Bodies) {
				t.Fatalf("home %d: the attacker sees %+v in cell %+v", i, report.Homes[i], p.Cells[at])
			}
		}
	})
}

func TestMaskDependsOnNothingElse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		homes := drawHomes(t)
		order := rapid.Permutation(slices.Collect(func(yield func(int) bool) {
			for i := range homes {
				if !yield(i) {
					return
				}
			}
		})).Draw(t, "order")
		var shuffled, alone []Home
		var aloneOf []int
		for _, i := range order {
			shuffled = append(shuffled, homes[i])
		}
		for i, h := range homes {
			if h.Department == "03" {
				alone, aloneOf = append(alone, h), append(aloneOf, i)
			}
		}
		all, err1 := Mask(homes, DefaultRules())
		other, err2 := Mask(shuffled, DefaultRules())
		part, err3 := Mask(alone, DefaultRules())
		if err1 != nil || err2 != nil || err3 != nil {
			t.Fatal(err1, err2, err3)
		}
		place := func(p Partition, i int) string {
			if p.Of[i] < 0 {
				return "left out"
			}
			c := p.Cells[p.Of[i]]
			return fmt.Sprint(c.ID(), c.ShowsLabels, c.ShowsBands, c.Addresses)
		}
		for k, i := range order {
			if place(other, k) != place(all, i) {
				t.Fatalf("home %d: %s in another order, %s", i, place(other, k), place(all, i))
			}
		}
		for k, i := range aloneOf {
			if place(part, k) != place(all, i) {
				t.Fatalf("home %d: %s in its own département, %s in all", i, place(part, k), place(all, i))
			}
		}
	})
}

// town is n homes within a few hundred metres, each with its address and body, in classes
// that alternate.
func town(n int, department string, lon float64, classes ...int) []Home {
	homes := make([]Home, n)
	for i := range homes {
		name := fmt.Sprint(department, lon, i)
		homes[i] = Home{
			Position: orb.Point{lon + 0.0004*float64(i), 46.4}, Department: department, Category: "mecs",
			Address: name, Body: name, Class: classes[i%len(classes)],
		}
	}
	return homes
}

func TestMaskAsASpecialistExpects(t *testing.T) {
	dense := town(6, "03", 2.6003, 2, 4)
	for _, c := range []struct {
		name   string
		change func([]Home) []Home
		fine   bool // in a square
		labels bool
	}{
		{"six homes of two classes", func(h []Home) []Home { return h }, true, true},
		{"four homes", func(h []Home) []Home { return h[:4] }, false, false},
		{"one body", func(h []Home) []Home {
			for i := range h {
				h[i].Body = "one"
			}
			return h
		}, false, false},
		{"one address", func(h []Home) []Home {
			for i := range h {
				h[i].Address = "one"
			}
			return h
		}, false, false},
		{"unknown bodies", func(h []Home) []Home {
			for i := range h {
				h[i].Body = ""
			}
			return h
		}, false, false},
		{"one class", func(h []Home) []Home {
			for i := range h {
				h[i].Class = 5
			}
			return h
		}, false, false},
		{"one class and indeterminate", func(h []Home) []Home {
			for i := range h {
				h[i].Class = 5 * (i % 2)
			}
			return h
		}, false, false},
		{"two categories", func(h []Home) []Home {
			for i := range h {
				h[i].Category = fmt.Sprint(i % 2)
			}
			return h
		}, false, false},
		{"a border", func(h []Home) []Home {
			for i := range h {
				h[i].Department = []string{"03", "23"}[i%2]
			}
			return h
		}, false, false},
	} {
		p, err := Mask(c.change(slices.Clone(dense)), DefaultRules())
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Cells[0]; (got.Grid.Size > 0) != c.fine || got.ShowsLabels != c.labels {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
	p, _ := Mask(dense, DefaultRules())
	got := p.Cells[0]
	back, err := crs.ParseGridCell(got.ID())
	if err != nil || back != got.Grid || back.CRS.Code() != 3035 || back.Size > 4000 || !got.Polygon().Bound().Contains(dense[0].Position) {
		t.Errorf("square %s, %v", got.ID(), err)
	}
}

func TestMaskOverseasAndAtHome(t *testing.T) {
	homes := append(town(6, "974", 55.4503, 1, 5), town(6, "03", 2.6003, 1, 5)...)
	for i := range homes[:6] {
		homes[i].Position[1] = -20.9
	}
	p, err := Mask(homes, DefaultRules())
	if err != nil {
		t.Fatal(err)
	}
	codes := map[string]int{}
	for _, c := range p.Cells {
		codes[c.Department] = c.Grid.CRS.Code()
	}
	if want := map[string]int{"974": 2975, "03": 3035}; !reflect.DeepEqual(codes, want) {
		t.Errorf("grids %v, want %v", codes, want)
	}
}

// TestRule9UnlistedHomesAreInNoRelease: neither shown nor drawn into a cell's numbers, among
// few as among many.
func TestRule9UnlistedHomesAreInNoRelease(t *testing.T) {
	for _, n := range []int{4, 5, 30} {
		homes := append(town(n, "03", 2.6003, 1, 5), town(3, "03", 2.61, 3)...)
		without, err := Mask(homes[:n], DefaultRules())
		if err != nil {
			t.Fatal(err)
		}
		for i := range homes[n:] {
			homes[n+i].Unlisted = true
		}
		p, err := Mask(homes, DefaultRules())
		if err != nil || p.Utility().Omitted != 3 || !reflect.DeepEqual(p.Cells, without.Cells) {
			t.Errorf("among %d: %+v, %v", n, p, err)
		}
	}
}

func TestMaskRefusesBadInput(t *testing.T) {
	for _, h := range []Home{{}, {Department: "03", Class: 6}, {Department: "03", Bands: []int{1}, Expected: [][]float64{{0.5, 0.4}}}} {
		if _, err := Mask([]Home{h}, DefaultRules()); err == nil {
			t.Errorf("%+v was taken", h)
		}
	}
	if _, err := Mask(nil, Rules{}); err == nil {
		t.Error("k of 0 was taken")
	}
}
