package zoneindex

import (
	"math"

	"github.com/paulmach/orb"

	"vigie/geo/crs"
)

// frameMargin is how far beyond a legal projection's area of use, in degrees,
// zones are still indexed in it, so that a site near a border sees its neighbours.
const frameMargin = 2.0

// spread bounds the ratio of two scale factors inside one frame and its margin
// (Lambert-93 from Corsica to Dunkirk: 0.35 %).
const spread = 0.006

// frame is the index of the zones near one legal projection, in its plane.
type frame struct {
	crs   crs.CRS
	area  orb.Bound // area of use, where sites of this frame are
	reach float64   // metres within which the nearest zone is sure to be in the frame
	// tree, grid and closest are over the zones' rectangles; leaves are the zones in the tree's order.
	tree    tree
	grid    grid
	closest closest
	leaves  []leaf
	// unions are the outlines of the index's unions, nil where out of the frame.
	unions   []*outline
	longest2 float64 // squared length of the longest edge
}

// leaf is a zone in the frame's plane.
type leaf struct {
	outline
	zone, union int32 // as in the index
}

// frameNear is where zones are indexed in a legal projection, in degrees.
func frameNear(c crs.CRS) orb.Bound {
	area := c.Area()
	return orb.Bound{
		Min: orb.Point{area.Min[0] - frameMargin, max(area.Min[1]-frameMargin, -89)},
		Max: orb.Point{area.Max[0] + frameMargin, min(area.Max[1]+frameMargin, 89)},
	}
}

// covers tells whether sites at p are measured in this frame.
func (f *frame) covers(p orb.Point) bool { return f.area.Contains(p) }

// buildFrame indexes the zones that have an outline in c's plane, the number-th
// frame; nil when none has.
func buildFrame(number int, c crs.CRS, zones []zone, unions []union) *frame {
	var boxes []box
	var at []int32
	for i := range zones {
		if o := zones[i].outlines[number]; o != nil {
			boxes = append(boxes, o.box)
			at = append(at, int32(i))
		}
	}
	if len(at) == 0 {
		return nil
	}
	f := &frame{crs: c, area: c.Area(), unions: make([]*outline, len(unions)), leaves: make([]leaf, len(at))}
	var order []int32
	f.tree, order = packTree(boxes)
	boxes = f.tree.boxes[:len(boxes)]
	f.grid = buildGrid(boxes)
	for i, from := range order {
		z := &zones[at[from]]
		f.leaves[i] = leaf{outline: *z.outlines[number], zone: at[from], union: z.union}
		f.longest2 = max(f.longest2, f.leaves[i].longest2)
	}
	for i := range unions {
		f.unions[i] = unions[i].outlines[number]
		if f.unions[i] != nil {
			f.longest2 = max(f.longest2, f.unions[i].longest2)
		}
	}
	f.closest = buildClosest(boxes, f.longest2)
	// The narrowest side of the margin, one degree of longitude at the latitude farthest from the equator.
	near := frameNear(c)
	lat := max(math.Abs(near.Min[1]), math.Abs(near.Max[1]))
	f.reach = frameMargin * 111_000 * math.Cos(lat*math.Pi/180) * (1 - spread)
	return f
}

// cover is the outline that bounds the union of the zones at a leaf: its own, or
// that of the union it is part of.
func (f *frame) cover(z *leaf) *outline {
	if z.union < 0 {
		return &z.outline
	}
	return f.unions[z.union]
}
