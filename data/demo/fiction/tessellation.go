package fiction

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/paulmach/orb"
)

// A tessellation is a set of Voronoi cells whose straight edges are replaced by winding
// lines. Each line is made once and used by both cells, so that neighbours share their border
// to the last digit, as in an official administrative base.
type tessellation struct {
	seeds []vec
	// cells are the neighbours of each cell, counter-clockwise, by index of seed; nil
	// where a cell is cut by the box around everything.
	cells [][]int
	arcs  map[pair][]orb.Point
}

// pair is two neighbours, the lower index first. Their arc runs counter-clockwise around
// the lower one.
type pair struct{ low, high int }

func pairOf(a, b int) pair { return pair{min(a, b), max(a, b)} }

const (
	spacing = 7400.0 // metres between seeds
	jitter  = 0.42   // of spacing, at most
	relaxed = 1      // Lloyd iterations: enough to be rid of slivers, few enough to stay irregular
	// bend is how far the middle of a line may stray, as a share of its length. Lines of two
	// cells of a corner can't meet as long as they keep within about 25 degrees of the chord.
	bend      = 0.15
	shortestM = 400.0 // metres under which a line isn't bent any more
)

// tessellate covers a box of half-sides w and h, in metres.
func tessellate(r *rand.Rand, w, h float64) *tessellation {
	t := &tessellation{arcs: map[pair][]orb.Point{}}
	row := 0
	for y := -h; y <= h; y += spacing * math.Sqrt(3) / 2 {
		offset := float64(row%2) * spacing / 2
		for x := -w + offset; x <= w; x += spacing {
			t.seeds = append(t.seeds, vec{
				x + between(r, -jitter, jitter)*spacing, y + between(r, -jitter, jitter)*spacing,
			})
		}
		row++
	}
	for range relaxed {
		moved := slices.Clone(t.seeds)
		for i := range t.seeds {
			if neighbours := t.cell(i, w, h); neighbours != nil {
				moved[i] = centroid(t.corners(i, neighbours))
			}
		}
		t.seeds = moved
	}
	t.cells = make([][]int, len(t.seeds))
	for i := range t.seeds {
		t.cells[i] = t.cell(i, w, h)
	}
	return t
}

// side is an edge of a cell being cut out: where it begins, and the neighbour beyond it.
type side struct {
	from   vec
	beyond int // -1 for the box
}

// cell gives the neighbours of a cell by cutting the box with the bisectors to the other
// seeds; nil when the box is left in its outline.
func (t *tessellation) cell(i int, w, h float64) []int {
	w, h = w+2*spacing, h+2*spacing
	sides := []side{{vec{-w, -h}, -1}, {vec{w, -h}, -1}, {vec{w, h}, -1}, {vec{-w, h}, -1}}
	order := make([]int, 0, len(t.seeds)-1)
	for j := range t.seeds {
		if j != i {
			order = append(order, j)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Compare(t.seeds[a].sub(t.seeds[i]).length(), t.seeds[b].sub(t.seeds[i]).length())
	})
	for _, j := range order {
		sides = cut(sides, t.seeds[i], t.seeds[j], j)
	}
	neighbours := make([]int, 0, len(sides))
	for _, s := range sides {
		if s.beyond < 0 {
			return nil
		}
		neighbours = append(neighbours, s.beyond)
	}
	return neighbours
}

// cut keeps what of a convex outline is nearer to own than to other.
func cut(sides []side, own, other vec, beyond int) []side {
	normal, middle := other.sub(own), own.to(other, 0.5)
	past := func(p vec) float64 { return p.sub(middle).dot(normal) }
	var kept []side
	for k, s := range sides {
		next := sides[(k+1)%len(sides)].from
		a, b := past(s.from), past(next)
		cross := func() vec { return s.from.to(next, a/(a-b)) }
		switch {
		case a <= 0 && b <= 0:
			kept = append(kept, s)
		case a <= 0: // leaves: the rest of the outline runs along the bisector
			kept = append(kept, s, side{cross(), beyond})
		case b <= 0: // comes back
			kept = append(kept, side{cross(), s.beyond})
		}
	}
	return kept
}

// withoutCapes leaves out the cells that hang on by fewer than three others, again and again,
// so that the whole is compact.
func (t *tessellation) withoutCapes(chosen []int) []int {
	for {
		kept := slices.DeleteFunc(slices.Clone(chosen), func(i int) bool {
			held := 0
			for _, j := range t.cells[i] {
				if slices.Contains(chosen, j) {
					held++
				}
			}
			return held < 3
		})
		if len(kept) == len(chosen) {
			return kept
		}
		chosen = kept
	}
}

// corner is the common corner of three cells, the same to the last bit in whichever order
// they are given.
func (t *tessellation) corner(i, j, k int) vec {
	three := []int{i, j, k}
	slices.Sort(three)
	a, b, c := t.seeds[three[0]], t.seeds[three[1]], t.seeds[three[2]]
	b, c = b.sub(a), c.sub(a)
	d := 2 * (b.x*c.y - b.y*c.x)
	bb, cc := b.dot(b), c.dot(c)
	return a.add(vec{(c.y*bb - b.y*cc) / d, (b.x*cc - c.x*bb) / d})
}

// corners are those of a cell; the k-th begins the edge to the k-th neighbour.
func (t *tessellation) corners(i int, neighbours []int) []vec {
	n := len(neighbours)
	out := make([]vec, n)
	for k := range neighbours {
		out[k] = t.corner(i, neighbours[(k+n-1)%n], neighbours[k])
	}
	return out
}

func centroid(outline []vec) vec {
	var sum vec
	area := 0.0
	for k, a := range outline {
		b := outline[(k+1)%len(outline)]
		w := a.x*b.y - a.y*b.x
		area += w
		sum = sum.add(a.add(b).scale(w))
	}
	return sum.scale(1 / (3 * area))
}

// wind makes the lines between the chosen cells and around them.
func (t *tessellation) wind(r *rand.Rand, chosen []int) error {
	for _, i := range chosen {
		corners := t.corners(i, t.cells[i])
		for k, j := range t.cells[i] {
			if !slices.Contains(t.cells[j], i) && t.cells[j] != nil {
				return fmt.Errorf("cells %d and %d do not agree that they are neighbours", i, j)
			}
			key := pairOf(i, j)
			if _, made := t.arcs[key]; made {
				continue
			}
			from, to := corners[k], corners[(k+1)%len(corners)]
			if i != key.low {
				from, to = to, from
			}
			line := []vec{from}
			line = append(winding(r, line, from, to), to)
			points := make([]orb.Point, len(line))
			for n, v := range line {
				points[n] = v.point()
			}
			t.arcs[key] = points
		}
	}
	return nil
}

// winding appends the inner vertices of a line, by displacement of middles.
func winding(r *rand.Rand, line []vec, from, to vec) []vec {
	d := to.sub(from)
	if d.length() < shortestM {
		return line
	}
	middle := from.to(to, between(r, 0.44, 0.56)).add(d.left().scale(between(r, -bend, bend)))
	line = winding(r, line, from, middle)
	line = append(line, middle)
	return winding(r, line, middle, to)
}

// arc gives the line between i and its neighbour j, counter-clockwise around i.
func (t *tessellation) arc(i, j int) []orb.Point {
	key := pairOf(i, j)
	points := slices.Clone(t.arcs[key])
	if i != key.low {
		slices.Reverse(points)
	}
	return points
}

// outline is the ring of a cell, counter-clockwise.
func (t *tessellation) outline(i int) orb.Ring {
	var r orb.Ring
	for _, j := range t.cells[i] {
		arc := t.arc(i, j)
		r = append(r, arc[:len(arc)-1]...)
	}
	return append(r, r[0])
}

// hull is the ring around the chosen cells, counter-clockwise. It fails when they have a
// hole or lie apart.
func (t *tessellation) hull(chosen []int) (orb.Ring, error) {
	inside := map[int]bool{}
	for _, i := range chosen {
		inside[i] = true
	}
	next := map[orb.Point][]orb.Point{}
	var start orb.Point
	for _, i := range chosen {
		for _, j := range t.cells[i] {
			if inside[j] {
				continue
			}
			arc := t.arc(i, j)
			start = arc[0]
			if _, twice := next[start]; twice {
				return nil, fmt.Errorf("the département touches itself at %v", start)
			}
			next[start] = arc
		}
	}
	var r orb.Ring
	count := len(next)
	for at := start; ; count-- {
		arc := next[at]
		r = append(r, arc[:len(arc)-1]...)
		if at = arc[len(arc)-1]; at == start {
			break
		}
	}
	if count != 1 {
		return nil, fmt.Errorf("the département is not in one piece: %d lines are left", count-1)
	}
	return append(r, start), nil
}
