package bpki

import (
	"time"

	"golang.org/x/crypto/cryptobyte"
	tags "golang.org/x/crypto/cryptobyte/asn1"

	"github.com/remote-issuance/remote-issuance/internal/stb/bign"
)

var (
	attributeChallenge  = oid{1, 2, 840, 113549, 1, 9, 7}
	attributeExtensions = oid{1, 2, 840, 113549, 1, 9, 14}
	attributeValidity   = oid{1, 2, 112, 0, 2, 0, 34, 101, 78, 4, 1}
)

// Renewal is what a request for a new certificate says besides what the present
// one does (rules S4 to S6): the rest is copied octet by octet.
type Renewal struct {
	// Position and Unit replace the present ones; empty keeps them.
	Position, Unit string
	// NotBefore and NotAfter are the period asked for, see [RenewalPeriod].
	NotBefore, NotAfter time.Time
	// Challenge goes to the CA, such as the payment; nil for none.
	Challenge *Challenge
}

// RenewalPeriod is the period of so many years, beginning so many days after the
// day of now in Minsk, to the last second of the day before the anniversary (rules
// S5 and S6; zero days for 6.0.00, those of the policy for 6.0.01).
func RenewalPeriod(now time.Time, days, years int) (notBefore, notAfter time.Time) {
	// Belarus keeps UTC+3 all year since 2011; browsers have no time zones at hand.
	minsk := time.FixedZone("+03", 3*60*60)
	y, m, d := now.In(minsk).Date()
	start := time.Date(y, m, d+days, 0, 0, 0, 0, minsk)
	y, m, d = start.Date()
	return start, time.Date(y+years, m, d, 0, 0, 0, 0, minsk).Add(-time.Second)
}

// Request makes a certification request (PKCS#10) for a new key from the present
// certificate, in DER. It fails with [ErrMalformed] for a period that ends before
// it begins, and with [ErrMismatch] for the key of the present certificate, which
// no renewal may have (rule S3).
func (r Renewal) Request(current *Certificate, key *bign.PrivateKey) ([]byte, error) {
	if !r.NotBefore.Before(r.NotAfter) {
		return nil, malformed("period")
	}
	if current.PublicKey.Equal(key.Public()) {
		return nil, ErrMismatch
	}
	subject, extensions, err := r.subject(current)
	if err != nil {
		return nil, err
	}
	attributes, err := r.attributes(extensions)
	if err != nil {
		return nil, err
	}
	info, err := build(func(b *cryptobyte.Builder) {
		b.AddASN1Int64(0)
		b.AddBytes(subject)
		addPublicKey(b, publicKey(key))
		b.AddASN1(explicit(0), func(b *cryptobyte.Builder) { addSetOf(b, attributes...) })
	})
	if err != nil {
		return nil, err
	}
	s := suiteOf(key.Curve())
	signature, err := s.sign(key, info)
	if err != nil {
		return nil, err
	}
	return build(func(b *cryptobyte.Builder) {
		b.AddBytes(info)
		b.AddBytes(s.signature)
		b.AddASN1BitString(signature)
	})
}

func (r Renewal) attributes(extensions []extension) ([][]byte, error) {
	list := [][]byte{attribute(attributeValidity, func(b *cryptobyte.Builder) {
		b.AddASN1(tags.SEQUENCE, func(b *cryptobyte.Builder) {
			addTime(b, r.NotBefore)
			addTime(b, r.NotAfter)
		})
	})}
	if len(extensions) > 0 {
		list = append(list, attribute(attributeExtensions, func(b *cryptobyte.Builder) {
			b.AddASN1(tags.SEQUENCE, func(b *cryptobyte.Builder) {
				for _, e := range extensions {
					b.AddASN1(tags.SEQUENCE, func(b *cryptobyte.Builder) {
						b.AddASN1ObjectIdentifier(e.id)
						b.AddASN1OctetString(e.value)
					})
				}
			})
		}))
	}
	if r.Challenge == nil {
		return list, nil
	}
	value, err := r.Challenge.Marshal()
	if err != nil {
		return nil, err
	}
	return append(list, attribute(attributeChallenge, func(b *cryptobyte.Builder) { b.AddBytes(value) })), nil
}
