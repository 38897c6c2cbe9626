package gpkg

import (
	"cmp"
	"encoding/binary"
	"math"
	"slices"

	"github.com/paulmach/orb"
)

// chunkEntries bounds what an index holds in memory; within a chunk it is packed as
// well as can be, and a search looks into each chunk.
const chunkEntries = 1 << 18

// entry is a bound in an R*Tree: that of a feature, or of a node of the level below.
type entry struct {
	id                     int64
	minX, maxX, minY, maxY float32
}

// A node is of the size that SQLite gives it: a header, and entries of 24 bytes.
const (
	nodeEntries = 51
	nodeBytes   = 4 + 24*nodeEntries
)

// index writes an R*Tree from its leaves up, by sort-tile-recursive packing
// (Leutenegger, Lopez and Edgington 1997): each node is written once, full, where
// SQLite's own insertions move entries from one to another.
type index struct {
	node   func(number int64, data []byte) error // writes a node
	leaf   func(id, node int64) error            // says in which leaf a feature is
	child  func(node, parent int64) error        // says in which node another one is
	last   int64                                 // number of the last node written
	chunk  []entry
	levels [][]entry // the node that fills, of each level
	bytes  []byte
}

func newIndex(node func(int64, []byte) error, leaf, child func(int64, int64) error) *index {
	return &index{node: node, leaf: leaf, child: child, last: root}
}

// root is the number of the node at the top.
const root = 1

// add adds the bound of a feature.
func (x *index) add(id int64, b orb.Bound) error {
	x.chunk = append(x.chunk, entry{id, below(b.Min[0]), above(b.Max[0]), below(b.Min[1]), above(b.Max[1])})
	if len(x.chunk) < chunkEntries {
		return nil
	}
	return x.pack()
}

// pack tiles the chunk: slices from west to east, each from south to north.
func (x *index) pack() error {
	slices.SortFunc(x.chunk, func(a, b entry) int { return cmp.Compare(a.minX+a.maxX, b.minX+b.maxX) })
	leaves := max(1, math.Ceil(float64(len(x.chunk))/nodeEntries))
	for slice := range slices.Chunk(x.chunk, nodeEntries*int(math.Ceil(math.Sqrt(leaves)))) {
		slices.SortFunc(slice, func(a, b entry) int { return cmp.Compare(a.minY+a.maxY, b.minY+b.maxY) })
		for _, e := range slice {
			if err := x.put(0, e); err != nil {
				return err
			}
		}
	}
	x.chunk = x.chunk[:0]
	return nil
}

// put puts an entry in the node that fills at a level.
func (x *index) put(level int, e entry) error {
	if level == len(x.levels) {
		x.levels = append(x.levels, nil)
	}
	if len(x.levels[level]) == nodeEntries {
		x.last++
		if err := x.write(level, x.last); err != nil {
			return err
		}
	}
	x.levels[level] = append(x.levels[level], e)
	return nil
}

// write writes the node that fills at a level, and puts it in the one above unless it
// is the root.
func (x *index) write(level int, number int64) error {
	entries, link, depth := x.levels[level], x.child, 0
	if level == 0 {
		link = x.leaf
	}
	if number == root {
		depth = level
	}
	x.bytes = binary.BigEndian.AppendUint16(x.bytes[:0], uint16(depth)) // #nosec G115 -- a few levels
	x.bytes = binary.BigEndian.AppendUint16(x.bytes, uint16(len(entries)))
	inf := float32(math.Inf(1))
	whole := entry{number, inf, -inf, inf, -inf}
	for _, e := range entries {
		x.bytes = binary.BigEndian.AppendUint64(x.bytes, uint64(e.id)) // #nosec G115 -- positive
		for _, c := range [...]float32{e.minX, e.maxX, e.minY, e.maxY} {
			x.bytes = binary.BigEndian.AppendUint32(x.bytes, math.Float32bits(c))
		}
		whole.minX, whole.maxX = min(whole.minX, e.minX), max(whole.maxX, e.maxX)
		whole.minY, whole.maxY = min(whole.minY, e.minY), max(whole.maxY, e.maxY)
		if err := link(e.id, number); err != nil {
			return err
		}
	}
	x.bytes = append(x.bytes, make([]byte, nodeBytes-len(x.bytes))...)
	if err := x.node(number, x.bytes); err != nil {
		return err
	}
	x.levels[level] = entries[:0]
	if number == root {
		return nil
	}
	return x.put(level+1, whole)
}

// finish writes the nodes that are not full, and the root last.
func (x *index) finish() error {
	if err := x.pack(); err != nil || len(x.levels) == 0 {
		return err
	}
	for level := 0; level < len(x.levels)-1; level++ {
		x.last++
		if err := x.write(level, x.last); err != nil {
			return err
		}
	}
	return x.write(len(x.levels)-1, root)
}

// below and above round outwards, as SQLite does.
func below(v float64) float32 {
	f := float32(v)
	if float64(f) > v {
		f = math.Nextafter32(f, float32(math.Inf(-1)))
	}
	return f
}

func above(v float64) float32 { return -below(-v) }
