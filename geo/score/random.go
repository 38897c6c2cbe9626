package score

import (
	"crypto/sha256"
	"encoding/binary"

	"gonum.org/v1/gonum/mathext/prng"
)

// Source yields independent uniform 64-bit integers. Those of math/rand/v2 and of
// gonum's distributions fit, so that samplers can use either.
type Source interface {
	Uint64() uint64
}

// Uniform gives a number in [0, 1) with 53 random bits.
func Uniform(rng Source) float64 { return float64(rng.Uint64()>>11) * 0x1p-53 }

// stream is the generator (xoshiro256**) for one use of randomness. Its state
// depends on nothing but the seed and the names, hence neither on the order of
// sites nor on their number, and streams of different names are independent.
func stream(seed uint64, names ...string) Source {
	h := sha256.New()
	var word [8]byte
	binary.LittleEndian.PutUint64(word[:], seed)
	h.Write(word[:])
	for _, name := range names {
		binary.LittleEndian.PutUint64(word[:], uint64(len(name)))
		h.Write(word[:])
		h.Write([]byte(name))
	}
	return prng.NewXoshiro256starstar(binary.LittleEndian.Uint64(h.Sum(nil)))
}
