package overlay

import (
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

// gridPoint draws points near each other, a degree apart, and at the ends of the grid, so
// that 64-bit, 128-bit and big paths are all taken.
func gridPoint() *rapid.Generator[point] {
	return rapid.Custom(func(t *rapid.T) point {
		limit := rapid.SampledFrom([]int64{3, 1 << 10, 1 << 29, 1 << 31, maxSteps}).Draw(t, "limit")
		return point{rapid.Int64Range(-limit, limit).Draw(t, "x"), rapid.Int64Range(-limit, limit).Draw(t, "y")}
	})
}

func gridLine() *rapid.Generator[line] {
	return rapid.Custom(func(t *rapid.T) line {
		a := gridPoint().Draw(t, "a")
		return newLine(a, gridPoint().Filter(func(b point) bool { return b != a }).Draw(t, "b"))
	})
}

func ratio(v int64) *big.Rat { return new(big.Rat).SetInt64(v) }

func cross(ux, uy, vx, vy *big.Rat) *big.Rat {
	l := new(big.Rat).Mul(ux, vy)
	return l.Sub(l, new(big.Rat).Mul(uy, vx))
}

func minus(a, b *big.Rat) *big.Rat { return new(big.Rat).Sub(a, b) }

func TestOrientIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l, c := gridLine().Draw(t, "l"), gridPoint().Draw(t, "c")
		if rapid.Bool().Draw(t, "near") { // all but on the line
			c = point{l.b.x + rapid.Int64Range(-1, 1).Draw(t, "dx"), l.b.y + rapid.Int64Range(-1, 1).Draw(t, "dy")}
		}
		want := cross(ratio(l.b.x-l.a.x), ratio(l.b.y-l.a.y), ratio(c.x-l.a.x), ratio(c.y-l.a.y)).Sign()
		if got := orient(l.a, l.b, c); got != want {
			t.Fatalf("orient = %d, exactly %d", got, want)
		}
	})
}

// meetsPixel clips the line to the half-open pixel of c in rational arithmetic.
func meetsPixel(l line, c point) bool {
	half := big.NewRat(1, 2)
	lo, hi := ratio(0), ratio(1)
	loOpen, hiOpen := false, false
	clip := func(start, step, c int64) bool {
		from, to := minus(ratio(c), half), new(big.Rat).Add(ratio(c), half)
		if step == 0 {
			return from.Cmp(ratio(start)) <= 0 && ratio(start).Cmp(to) < 0
		}
		enter := new(big.Rat).Quo(minus(from, ratio(start)), ratio(step))
		leave := new(big.Rat).Quo(minus(to, ratio(start)), ratio(step))
		enterOpen, leaveOpen := false, true
		if step < 0 {
			enter, leave, enterOpen, leaveOpen = leave, enter, true, false
		}
		if d := enter.Cmp(lo); d > 0 || d == 0 && enterOpen {
			lo, loOpen = enter, enterOpen
		}
		if d := leave.Cmp(hi); d < 0 || d == 0 && leaveOpen {
			hi, hiOpen = leave, leaveOpen
		}
		return true
	}
	if !clip(l.a.x, l.b.x-l.a.x, c.x) || !clip(l.a.y, l.b.y-l.a.y, c.y) {
		return false
	}
	d := lo.Cmp(hi)
	return d < 0 || d == 0 && !loOpen && !hiOpen
}

func TestThroughIsExact(t *testing.T) {
	hits := 0
	rapid.Check(t, func(t *rapid.T) {
		l := gridLine().Draw(t, "l")
		// A pixel near a point of the line, else it is hardly ever met.
		k := rapid.Int64Range(0, 8).Draw(t, "k")
		c := point{
			l.a.x + (l.b.x-l.a.x)/8*k + rapid.Int64Range(-2, 2).Draw(t, "dx"),
			l.a.y + (l.b.y-l.a.y)/8*k + rapid.Int64Range(-2, 2).Draw(t, "dy"),
		}
		if c == l.a || c == l.b {
			return
		}
		want := meetsPixel(l, c)
		if want {
			hits++
		}
		if got := l.through(c); got != want {
			t.Fatalf("%v through pixel of %v = %v, exactly %v", l, c, got, want)
		}
	})
	if hits == 0 {
		t.Error("no pixel was met")
	}
}

func TestCrossingIsRoundedExactly(t *testing.T) {
	hits := 0
	rapid.Check(t, func(t *rapid.T) {
		s, u := gridLine().Draw(t, "s"), gridLine().Draw(t, "t")
		got, ok := crossing(s, u)
		dx, dy := ratio(s.b.x-s.a.x), ratio(s.b.y-s.a.y)
		ex, ey := ratio(u.b.x-u.a.x), ratio(u.b.y-u.a.y)
		fx, fy := ratio(u.a.x-s.a.x), ratio(u.a.y-s.a.y)
		den := cross(dx, dy, ex, ey)
		if den.Sign() == 0 {
			if ok {
				t.Fatal("parallel lines cross")
			}
			return
		}
		along := new(big.Rat).Quo(cross(fx, fy, ex, ey), den)
		across := new(big.Rat).Quo(cross(fx, fy, dx, dy), den)
		inside := func(r *big.Rat) bool { return r.Sign() > 0 && r.Cmp(ratio(1)) < 0 }
		if want := inside(along) && inside(across); ok != want {
			t.Fatalf("crossing = %v, exactly %v", ok, want)
		}
		if !ok {
			return
		}
		hits++
		round := func(start int64, step *big.Rat) int64 {
			v := new(big.Rat).Mul(step, along)
			v.Add(v, ratio(start)).Add(v, big.NewRat(1, 2))
			return new(big.Int).Div(v.Num(), v.Denom()).Int64()
		}
		if want := (point{round(s.a.x, dx), round(s.a.y, dy)}); got != want {
			t.Fatalf("crossing at %v, rounded exactly %v", got, want)
		}
	})
	if hits == 0 {
		t.Error("no lines crossed")
	}
}

// TestNodingSeparates: noded lines meet at ends only and stay out of the pixels of others.
func TestNodingSeparates(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limit := rapid.SampledFrom([]int64{5, 30, 1000, 1 << 32}).Draw(t, "limit")
		coordinate := rapid.Int64Range(0, limit)
		var segs []segment
		for range rapid.IntRange(1, 25).Draw(t, "n") {
			a := point{coordinate.Draw(t, "x"), coordinate.Draw(t, "y")}
			b := point{coordinate.Draw(t, "x"), coordinate.Draw(t, "y")}
			if a != b {
				segs = append(segs, segment{newLine(a, b), int32(rapid.IntRange(0, 1).Draw(t, "source"))})
			}
		}
		lines, _ := distinct(node(segs))
		for i, l := range lines {
			for j, m := range lines {
				if i == j {
					continue
				}
				for _, c := range []point{m.a, m.b} {
					if c != l.a && c != l.b && l.through(c) {
						t.Fatalf("%v passes the pixel of %v", l, c)
					}
				}
				if p, ok := crossing(l, m); ok {
					t.Fatalf("%v and %v cross near %v", l, m, p)
				}
			}
		}
	})
}
