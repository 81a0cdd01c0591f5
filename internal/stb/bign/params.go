package bign

import (
	"encoding/asn1"
	"sync"
)

// The three standard curves, STB 34.101.45 appendix B. Each is built on first
// use and never changes.
var (
	curve256v1 = sync.OnceValue(func() *Curve {
		return newCurve(params256v1)
	})
	curve384v1 = sync.OnceValue(func() *Curve {
		return newCurve(params384v1)
	})
	curve512v1 = sync.OnceValue(func() *Curve {
		return newCurve(params512v1)
	})
)

// params are the numbers that define a curve y^2 = x^3 - 3x + b over
// 2^(2l) - c with the base point (0, yG) of prime order 2^(2l) - deficit.
type params struct {
	name string
	oid  asn1.ObjectIdentifier
	// pairedHash is the DER of the hash function that STB 34.101.78 uses with
	// the curve: belt-hash, bash384, bash512.
	pairedHash []byte
	level      int
	c          uint64
	b, yG      element
	deficit    element
}

var params256v1 = params{
	name:       "bign-curve256v1",
	oid:        asn1.ObjectIdentifier{1, 2, 112, 0, 2, 0, 34, 101, 45, 3, 1},
	pairedHash: []byte{0x06, 0x09, 0x2A, 0x70, 0x00, 0x02, 0x00, 0x22, 0x65, 0x1F, 0x51},
	level:      128,
	c:          189,
	b: element{
		0xB22E7D6BD69C03F1, 0x4CF55069978B9253, 0xD2C13AABE4D8FBBE, 0x77CE6C1515F3A8ED,
	},
	yG: element{
		0x1E29CF1804516A93, 0x78913966C408F652, 0x5CE4C9A351D6835D, 0x6BF7FC3CFB16D69F,
	},
	deficit: element{
		0x81A54066D9C299F9, 0x26A37129F204B203,
	},
}

var params384v1 = params{
	name:       "bign-curve384v1",
	oid:        asn1.ObjectIdentifier{1, 2, 112, 0, 2, 0, 34, 101, 45, 3, 2},
	pairedHash: []byte{0x06, 0x09, 0x2A, 0x70, 0x00, 0x02, 0x00, 0x22, 0x65, 0x4D, 0x0C},
	level:      192,
	c:          317,
	b: element{
		0xBCA7FC236873BF64, 0x14BDE2F0F3CEBD7C, 0xA6216AF9E9712E3A, 0x712748BB0FFBB196,
		0x33075AAB655D34D2, 0x3C75DFE1959CEF20,
	},
	yG: element{
		0xEA5ECB31F733C451, 0x84403E276B2A42F9, 0x0549E79E66B1D355, 0x3A729A11DC86FFA0,
		0x6330117E432DBF89, 0x5D438224A82E9E9E,
	},
	deficit: element{
		0xC24823C00CF35849, 0x7FB92518595B00F5, 0x93333BFC8C508444, 0x0000000000000001,
	},
}

var params512v1 = params{
	name:       "bign-curve512v1",
	oid:        asn1.ObjectIdentifier{1, 2, 112, 0, 2, 0, 34, 101, 45, 3, 3},
	pairedHash: []byte{0x06, 0x09, 0x2A, 0x70, 0x00, 0x02, 0x00, 0x22, 0x65, 0x4D, 0x0D},
	level:      256,
	c:          569,
	b: element{
		0x09346998D6139C90, 0xEA8622273A49A27A, 0x2933008C87ACA243, 0x2711DCB5C4245E95,
		0x17CE13E3DAADB088, 0x5BC6A9EEDD5D2551, 0xD88C5D6A60FD5889, 0x6CB45944933B8C43,
	},
	yG: element{
		0xB792AE6FCEEFEDBD, 0x67AA83B9C94C0D04, 0xFF777395EEE82261, 0x6973DDE20EFA6FD2,
		0xD2EDF81B00CCCADA, 0xB0AB41B3B361BCE2, 0xB182E6F7A0D18FAB, 0xA826FF7AE4037681,
	},
	deficit: element{
		0x230052B6F2F9710F, 0xC9E4351A6AA920CD, 0x0D94144FD1DEEC0B, 0x4D3FF6D3FE67FFB1,
	},
}
