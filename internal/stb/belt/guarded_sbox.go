package belt

// The substitution H without a table of 256 octets to look into. H is
// exponential: there is a linear map M of octets, of order 255, such that
// H(x) = M^y H(11) with y = x - 11 mod 256, except for y = 255, where H is 0.
// With y = 16i + j this is M^(16i) M^j H(11), and both powers take 16 values
// only.
//
// Let A = M^11, the step of a shift register: A v drops the lowest bit of v and
// appends v0 ^ v1 ^ v5 ^ v6 on top. M^(16i) is the sum of those A^k whose bit k
// is set in outer[i]; inner[j] is M^j H(11) with the seven bits appended that
// the register appends next, so that A^k of it is a shift by k.
//
// Four octets are substituted at once, each in a 16-bit lane of a word.
var (
	outer = newSelector([16]uint64{
		0x01, 0xCF, 0x28, 0x76, 0xAF, 0x41, 0x81, 0x53,
		0xDE, 0x45, 0x18, 0xF3, 0x65, 0x3F, 0x7F, 0x31,
	})
	inner = newSelector([16]uint64{
		0x7B8E, 0x6358, 0x7C4A, 0x305D, 0x6AE4, 0x5D85, 0x4E04, 0x27FA,
		0x799D, 0x1E1B, 0x32B6, 0x3DC7, 0x31AC, 0x3E25, 0x182E, 0x3572,
	})
)

const (
	lanes    = 0x0001_0001_0001_0001
	lowOctet = 0xFF * lanes
)

// selector picks one of 16 values in every lane. It holds each even value and
// its sum with the odd one after it.
type selector [16]uint64

func newSelector(values [16]uint64) (s selector) {
	for i := 0; i < len(values); i += 2 {
		s[i] = values[i] * lanes
		s[i+1] = (values[i] ^ values[i+1]) * lanes
	}
	return s
}

// choose returns in every lane the value whose index has the bits m0 to m3,
// each given as all ones or all zeros of the lane.
func (s *selector) choose(m0, m1, m2, m3 uint64) uint64 {
	a := s[0] ^ m0&s[1]
	b := s[4] ^ m0&s[5]
	c := s[8] ^ m0&s[9]
	d := s[12] ^ m0&s[13]
	a ^= m1 & (a ^ s[2] ^ m0&s[3])
	b ^= m1 & (b ^ s[6] ^ m0&s[7])
	c ^= m1 & (c ^ s[10] ^ m0&s[11])
	d ^= m1 & (d ^ s[14] ^ m0&s[15])
	a ^= m2 & (a ^ b)
	c ^= m2 & (c ^ d)
	return a ^ m3&(a^c)
}

// laneMask spreads bit i of every lane over the lane.
func laneMask(x uint64, i int) uint64 { return (x >> i & lanes) * 0xFFFF }

// substituteGuarded is H of the four octets of u. It branches on nothing and
// looks nothing up.
func substituteGuarded(u uint32) uint32 {
	y := uint64(u)
	y = (y | y<<16) & 0x0000FFFF_0000FFFF
	y = (y | y<<8) & lowOctet
	y = (y + (256-11)*lanes) & lowOctet

	v := inner.choose(laneMask(y, 0), laneMask(y, 1), laneMask(y, 2), laneMask(y, 3))
	m := outer.choose(laneMask(y, 4), laneMask(y, 5), laneMask(y, 6), laneMask(y, 7))
	h := v&laneMask(m, 0) ^ v>>1&laneMask(m, 1)
	h ^= v>>2&laneMask(m, 2) ^ v>>3&laneMask(m, 3)
	h ^= v>>4&laneMask(m, 4) ^ v>>5&laneMask(m, 5)
	h ^= v>>6&laneMask(m, 6) ^ v>>7&laneMask(m, 7)

	last := (y + lanes) >> 8 & lanes // lanes in which y = 255
	h &= lowOctet &^ (last * 0xFF)
	h = (h | h>>8) & 0x0000FFFF_0000FFFF
	return uint32(h | h>>16)
}
