package bash

import "math/bits"

const (
	stateWords  = 24
	stateOctets = 8 * stateWords
	rounds      = 24

	firstConstant = 0x3BF5080AC8BA94B1
	feedback      = 0xDC2BE1997FE0D8AE
)

// state is the argument of bash-f.
type state [stateWords]uint64

// amounts are the four rotations of a bash-s step.
type amounts struct{ m1, n1, m2, n2 int }

// columnAmounts holds the rotations of the eight columns: the first is given,
// each next is the one before times 7 modulo 64.
var columnAmounts = [8]amounts{
	{8, 53, 14, 1}, {56, 51, 34, 7}, {8, 37, 46, 49}, {56, 3, 2, 23},
	{8, 21, 14, 33}, {56, 19, 34, 39}, {8, 5, 46, 17}, {56, 35, 2, 55},
}

// order says from where each word comes at the end of a round.
var order = [stateWords]int{
	15, 10, 9, 12, 11, 14, 13, 8,
	17, 16, 19, 18, 21, 20, 23, 22,
	6, 3, 0, 5, 2, 7, 4, 1,
}

// permute applies bash-f.
func (s *state) permute() {
	constant := uint64(firstConstant)
	for range rounds {
		s.round(constant)
		constant = constant>>1 ^ feedback&-(constant&1)
	}
}

func (s *state) round(constant uint64) {
	var t state
	for j, r := range &columnAmounts {
		t[j], t[8+j], t[16+j] = column(s[j], s[8+j], s[16+j], r)
	}
	for i, from := range &order {
		s[i] = t[from]
	}
	s[stateWords-1] ^= constant
}

// column is bash-s: linear diffusion over three words, then a 3-bit
// substitution on each of their 64 positions.
func column(w0, w1, w2 uint64, r amounts) (uint64, uint64, uint64) {
	t0 := bits.RotateLeft64(w0, r.m1)
	w0 ^= w1 ^ w2
	t1 := w1 ^ bits.RotateLeft64(w0, r.n1)
	w1 = t0 ^ t1
	w2 ^= bits.RotateLeft64(w2, r.m2) ^ bits.RotateLeft64(t1, r.n2)

	return w0 ^ (^w2 | w1), w1 ^ (w0 | w2), w2 ^ (w0 & w1)
}
