package operation

import (
	"bytes"
	"errors"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/remote-issuance/remote-issuance/internal/pki/bpki"
	"github.com/remote-issuance/remote-issuance/internal/stb/bign"
)

const (
	// MinPassword is the fewest characters of a new password: no hardware slows
	// down who tries passwords for a container (STB 34.101.78, 11).
	MinPassword = 12
	// iterations cost a browser about a second; who tries passwords pays it for each.
	iterations = 20_000
	// maxPosition is the longest position in characters, as in package bpki.
	maxPosition = 255
	maxYears    = 3
)

// Request is a request for a certificate that says what the present one does.
type Request struct {
	// Certificate is the file of the present certificate.
	Certificate []byte
	// Position replaces the present one; empty keeps it.
	Position string
	// Years is the term; StartAfterDays is the first day, counted from today (S5, S6).
	Years, StartAfterDays int
	// Password protects the container of the new key.
	Password string
	Now      time.Time
}

// Made is a request with the container of its key.
type Made struct {
	// Container is a container of STB 34.101.78, Request a PKCS#10 request, both DER.
	Container, Request  []byte
	NotBefore, NotAfter time.Time
}

// Make makes a key, its container and the request. The key is in nothing but the
// container. Errors: those of this package, bpki.ErrPasswordText, bpki.ErrTooLarge.
func (r Request) Make() (Made, error) {
	current, err := r.check()
	if err != nil {
		return Made{}, err
	}
	key, err := bign.GenerateKey(current.PublicKey.Curve(), nil)
	if err != nil {
		return Made{}, err
	}
	out, err := r.sign(current, key)
	if err != nil {
		return Made{}, err
	}
	password := []byte(r.Password)
	defer clear(password)
	if out.Container, err = bpki.SealKey(key, password, bpki.Protection{Iterations: iterations}); err != nil {
		return Made{}, err
	}
	// What is downloaded once must open: a container that does not is a lost key.
	again, err := bpki.OpenKey(out.Container, password)
	if err != nil || !bytes.Equal(key.Bytes(), again.Bytes()) {
		return Made{}, errors.Join(ErrContainer, err)
	}
	return out, nil
}

// check is the present certificate of a request that can be made.
func (r Request) check() (*bpki.Certificate, error) {
	current, err := ReadCertificate(r.Certificate)
	switch {
	case err != nil:
		return nil, err
	case r.Years < 1 || r.Years > maxYears || r.StartAfterDays < 0:
		return nil, ErrTerm
	case !positioned(r.Position):
		return nil, ErrPosition
	case utf8.RuneCountInString(r.Password) < MinPassword:
		return nil, ErrPasswordShort
	}
	return current, nil
}

// sign makes the request of a key.
func (r Request) sign(current *bpki.Certificate, key *bign.PrivateKey) (out Made, err error) {
	out.NotBefore, out.NotAfter = bpki.RenewalPeriod(r.Now, r.StartAfterDays, r.Years)
	out.Request, err = bpki.Renewal{Position: r.Position, NotBefore: out.NotBefore, NotAfter: out.NotAfter}.Request(current, key)
	return out, err
}

func positioned(text string) bool {
	if !utf8.ValidString(text) || utf8.RuneCountInString(text) > maxPosition {
		return false
	}
	for _, r := range text {
		if unicode.IsControl(r) {
			return false
		}
	}
	return true
}
