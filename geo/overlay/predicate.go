package overlay

import (
	"math/big"
	"math/bits"
)

// int128 is a two's-complement 128-bit integer. Differences of grid points have at most 42
// bits with their sign, so twice the difference of two products fits with room to spare.
type int128 struct {
	hi int64
	lo uint64
}

func mul128(a, b int64) int128 {
	hi, lo := bits.Mul64(uint64(a), uint64(b))
	h := int64(hi)
	if a < 0 {
		h -= b
	}
	if b < 0 {
		h -= a
	}
	return int128{h, lo}
}

func (a int128) sub(b int128) int128 {
	lo, borrow := bits.Sub64(a.lo, b.lo, 0)
	hi, _ := bits.Sub64(uint64(a.hi), uint64(b.hi), borrow)
	return int128{int64(hi), lo}
}

func (a int128) sign() int {
	switch {
	case a.hi < 0:
		return -1
	case a.hi == 0 && a.lo == 0:
		return 0
	}
	return 1
}

func (a int128) big() *big.Int {
	v := big.NewInt(a.hi)
	v.Lsh(v, 64)
	return v.Add(v, new(big.Int).SetUint64(a.lo))
}

// small tells whether cross products of vectors with these components fit an int64, even
// doubled: components below 2^30.
func small(a, b, c, d int64) bool {
	return uint64(abs(a)|abs(b)|abs(c)|abs(d)) < 1<<30
}

func abs(v int64) int64 {
	if v < 0 {
		return -v
	}
	return v
}

// crossSign is the sign of the cross product (ux,uy)×(vx,vy): 1 when v is counter-clockwise
// of u.
func crossSign(ux, uy, vx, vy int64) int {
	if small(ux, uy, vx, vy) {
		c := ux*vy - uy*vx
		switch {
		case c > 0:
			return 1
		case c < 0:
			return -1
		}
		return 0
	}
	return mul128(ux, vy).sub(mul128(uy, vx)).sign()
}

// orient is 1 when c lies left of the line from a to b, -1 right of it, 0 on it.
func orient(a, b, c point) int {
	return crossSign(b.x-a.x, b.y-a.y, c.x-a.x, c.y-a.y)
}

// line is an undirected segment with a before b in sweep order.
type line struct{ a, b point }

func newLine(a, b point) line {
	if a.compare(b) > 0 {
		a, b = b, a
	}
	return line{a, b}
}

// through tells whether l passes through the pixel of c, the half-open square
// [c-½, c+½)² of grid steps. c must not be an end of l.
//
// Pixels are disjoint and the ends of l are middles of pixels, so a pixel that l meets has
// its middle in the box of l, and in that box the line meets a pixel only where l does.
func (l line) through(c point) bool {
	dx, dy := l.b.x-l.a.x, l.b.y-l.a.y
	if c.x < l.a.x || c.x > l.b.x || c.y < min(l.a.y, l.b.y) || c.y > max(l.a.y, l.b.y) {
		return false
	}
	ex, ey := c.x-l.a.x, c.y-l.a.y
	reach := dx + abs(dy)
	var side, excess int // signs of the cross product, and of |2·cross| − reach
	if small(dx, dy, ex, ey) {
		cross := dx*ey - dy*ex
		side = sign(cross)
		excess = sign(2*abs(cross) - reach)
	} else {
		cross := mul128(dx, ey).sub(mul128(dy, ex))
		side = cross.sign()
		if side < 0 {
			cross = int128{}.sub(cross)
		}
		twice := int128{cross.hi<<1 | int64(cross.lo>>63), cross.lo << 1}
		excess = twice.sub(int128{0, uint64(reach)}).sign()
	}
	// When the line only touches a corner, it must be the lower left one, which is the one
	// that belongs to the pixel: the line falls and the middle is above it.
	return excess < 0 || excess == 0 && dy < 0 && side > 0
}

func sign(v int64) int {
	switch {
	case v > 0:
		return 1
	case v < 0:
		return -1
	}
	return 0
}

// crossing returns the grid point nearest to where two lines cross, and true, when they
// cross in the interior of both. Other ways to meet involve an end of one of them.
func crossing(s, t line) (point, bool) {
	if orient(s.a, s.b, t.a)*orient(s.a, s.b, t.b) >= 0 || orient(t.a, t.b, s.a)*orient(t.a, t.b, s.b) >= 0 {
		return point{}, false
	}
	dx, dy := s.b.x-s.a.x, s.b.y-s.a.y
	ex, ey := t.b.x-t.a.x, t.b.y-t.a.y
	fx, fy := t.a.x-s.a.x, t.a.y-s.a.y
	// s.a + d·num/den, with 0 < num/den < 1.
	if small(dx, dy, ex, ey) && small(fx, fy, 0, 0) {
		num, den := fx*ey-fy*ex, dx*ey-dy*ex
		if den < 0 {
			num, den = -num, -den
		}
		return point{s.a.x + roundRatio(dx, num, den), s.a.y + roundRatio(dy, num, den)}, true
	}
	num := mul128(fx, ey).sub(mul128(fy, ex)).big()
	den := mul128(dx, ey).sub(mul128(dy, ex)).big()
	return point{s.a.x + roundRatioBig(dx, num, den), s.a.y + roundRatioBig(dy, num, den)}, true
}

// roundRatio is d·num/den rounded to the nearest integer, halves up, for 0 ≤ num ≤ den < 2^62.
func roundRatio(d, num, den int64) int64 {
	hi, lo := bits.Mul64(uint64(abs(d)), uint64(num))
	q, r := bits.Div64(hi, lo, uint64(den))
	if d >= 0 {
		if 2*r >= uint64(den) {
			q++
		}
		return int64(q)
	}
	if 2*r > uint64(den) { // exactly one half goes up, towards zero
		q++
	}
	return -int64(q)
}

// roundRatioBig is roundRatio for any size.
func roundRatioBig(d int64, num, den *big.Int) int64 {
	// floor((2·d·num + den) / (2·den)); Div is Euclidean, so the divisor must be positive.
	n := new(big.Int).Mul(big.NewInt(2*d), num)
	n.Add(n, den)
	m := new(big.Int).Lsh(den, 1)
	if m.Sign() < 0 {
		n.Neg(n)
		m.Neg(m)
	}
	return n.Div(n, m).Int64()
}
