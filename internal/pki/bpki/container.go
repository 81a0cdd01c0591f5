package bpki

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"io"
	"unicode/utf8"

	"golang.org/x/crypto/cryptobyte"
	tags "golang.org/x/crypto/cryptobyte/asn1"

	"github.com/remote-issuance/remote-issuance/internal/stb/belt"
	"github.com/remote-issuance/remote-issuance/internal/stb/bign"
)

const (
	// MaxContainer is the longest container that is read, in octets; the longest of
	// the standard has 200.
	MaxContainer = 1024
	// MinIterations is what the standard demands of the password's derivation.
	MinIterations = 10_000
	// MaxIterations is the most that is done for a container of unknown origin:
	// some 20 seconds of a program, two minutes of a browser.
	MaxIterations = 1_000_000

	saltOctets = 8
)

var (
	oidPBES2  = oid{1, 2, 840, 113549, 1, 5, 13}
	oidPBKDF2 = oid{1, 2, 840, 113549, 1, 5, 12}
	keyWrap   = algorithm(oid{1, 2, 112, 0, 2, 0, 34, 101, 31, 73})
	hmacBelt  = algorithm(oid{1, 2, 112, 0, 2, 0, 34, 101, 47, 12})

	// noHeader is the header of keys in containers and messages.
	noHeader [belt.BlockOctets]byte
)

// Protection says how a container is made.
type Protection struct {
	// Iterations slow down the search for the password; 0 means [MinIterations].
	Iterations int
	// Random gives the salt; nil means crypto/rand.
	Random io.Reader
}

// SealKey puts a private key into a container under a password, text in UTF-8:
// an EncryptedPrivateKeyInfo of STB 34.101.78, 11. It fails with [ErrPasswordText]
// and [ErrIterations]. Where no hardware guards the container its strength is that
// of the password.
func SealKey(key *bign.PrivateKey, password []byte, p Protection) ([]byte, error) {
	d := key.Bytes()
	defer clear(d)
	return seal(named(oidBignPublicKey, key.Curve().OID()), d, password, p)
}

// OpenKey takes a private key out of a container. It fails with [ErrPassword] when
// the password is wrong or the container was altered, and before anything is
// computed with [ErrMalformed], [ErrTooLarge], [ErrAlgorithm] or [ErrIterations].
func OpenKey(container, password []byte) (*bign.PrivateKey, error) {
	inner, err := open(container, password)
	if err != nil {
		return nil, err
	}
	defer clear(inner)
	return parseKey(inner)
}

// parseKey reads the PrivateKeyInfo of a private key.
func parseKey(inner []byte) (*bign.PrivateKey, error) {
	id, parameters, secret, err := readPrivateKeyInfo(inner)
	if err != nil {
		return nil, err
	}
	curve, ok := bign.CurveByOID(parameters)
	if !id.Equal(oidBignPublicKey) || !ok {
		return nil, ErrAlgorithm
	}
	key, err := bign.NewPrivateKey(curve, secret)
	if err != nil {
		return nil, ErrKey
	}
	return key, nil
}

// readPrivateKeyInfo reads algorithm, its parameters and the secret itself.
func readPrivateKeyInfo(der []byte) (id, parameters oid, secret []byte, err error) {
	body, err := sequence(der, MaxContainer, "private key")
	if err != nil {
		return nil, nil, nil, err
	}
	var version int
	var alg cryptobyte.String
	if !body.ReadASN1Integer(&version) || version != 0 || !body.ReadASN1(&alg, tags.SEQUENCE) ||
		!alg.ReadASN1ObjectIdentifier(&id) || !alg.ReadASN1ObjectIdentifier(&parameters) || !alg.Empty() ||
		!body.ReadASN1Bytes(&secret, tags.OCTET_STRING) || !body.Empty() {
		return nil, nil, nil, malformed("private key")
	}
	return id, parameters, secret, nil
}

// seal wraps a PrivateKeyInfo with a key made from the password.
func seal(algorithm, secret, password []byte, p Protection) ([]byte, error) {
	if p.Iterations == 0 {
		p.Iterations = MinIterations
	}
	if p.Iterations < MinIterations || p.Iterations > MaxIterations {
		return nil, ErrIterations
	}
	if !isPassword(password) {
		return nil, ErrPasswordText
	}
	if p.Random == nil {
		p.Random = rand.Reader
	}
	salt := make([]byte, saltOctets)
	if _, err := io.ReadFull(p.Random, salt); err != nil {
		return nil, fmt.Errorf("bpki: read random octets: %w", err)
	}
	inner, err := build(func(b *cryptobyte.Builder) {
		b.AddASN1Int64(0)
		b.AddBytes(algorithm)
		b.AddASN1OctetString(secret)
	})
	if err != nil {
		return nil, err
	}
	defer clear(inner)
	key := belt.PBKDF2(password, salt, p.Iterations)
	defer clear(key[:])
	wrapped, err := belt.WrapKey(&key, &noHeader, inner)
	if err != nil {
		return nil, err
	}
	return marshalContainer(wrapped, salt, p.Iterations)
}

// isPassword says whether a password is text in UTF-8 without NUL: HMAC fills keys
// up with zeros, so that NULs at the end would make another password the same.
func isPassword(password []byte) bool {
	return len(password) > 0 && utf8.Valid(password) && bytes.IndexByte(password, 0) < 0
}

func marshalContainer(wrapped, salt []byte, iterations int) ([]byte, error) {
	return build(func(b *cryptobyte.Builder) {
		b.AddASN1(tags.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1ObjectIdentifier(oidPBES2)
			b.AddASN1(tags.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddASN1(tags.SEQUENCE, func(b *cryptobyte.Builder) {
					b.AddASN1ObjectIdentifier(oidPBKDF2)
					b.AddASN1(tags.SEQUENCE, func(b *cryptobyte.Builder) {
						b.AddASN1OctetString(salt)
						b.AddASN1Int64(int64(iterations))
						b.AddBytes(hmacBelt)
					})
				})
				b.AddBytes(keyWrap)
			})
		})
		b.AddASN1OctetString(wrapped)
	})
}

// open is the inverse of seal; it gives the PrivateKeyInfo.
func open(container, password []byte) ([]byte, error) {
	wrapped, salt, iterations, err := parseContainer(container)
	if err != nil {
		return nil, err
	}
	if !isPassword(password) {
		return nil, ErrPassword
	}
	key := belt.PBKDF2(password, salt, iterations)
	defer clear(key[:])
	inner, err := belt.UnwrapKey(&key, &noHeader, wrapped)
	if err != nil {
		return nil, ErrPassword
	}
	return inner, nil
}

func parseContainer(container []byte) (wrapped, salt []byte, iterations int, err error) {
	body, err := sequence(container, MaxContainer, "container")
	if err != nil {
		return nil, nil, 0, err
	}
	var scheme, derivation, parameters cryptobyte.String
	var id oid
	if !body.ReadASN1(&scheme, tags.SEQUENCE) || !body.ReadASN1Bytes(&wrapped, tags.OCTET_STRING) || !body.Empty() ||
		!scheme.ReadASN1ObjectIdentifier(&id) {
		return nil, nil, 0, malformed("container")
	}
	if !id.Equal(oidPBES2) {
		return nil, nil, 0, ErrAlgorithm
	}
	if !scheme.ReadASN1(&parameters, tags.SEQUENCE) || !scheme.Empty() ||
		!parameters.ReadASN1(&derivation, tags.SEQUENCE) || !derivation.ReadASN1ObjectIdentifier(&id) {
		return nil, nil, 0, malformed("container: parameters")
	}
	if !id.Equal(oidPBKDF2) || !readExact(&parameters, keyWrap) || !parameters.Empty() {
		return nil, nil, 0, ErrAlgorithm
	}
	salt, iterations, err = parseDerivation(derivation)
	return wrapped, salt, iterations, err
}

func parseDerivation(s cryptobyte.String) (salt []byte, iterations int, err error) {
	var body cryptobyte.String
	var count int64
	if !s.ReadASN1(&body, tags.SEQUENCE) || !s.Empty() || !body.ReadASN1Bytes(&salt, tags.OCTET_STRING) ||
		len(salt) != saltOctets || !body.ReadASN1Integer(&count) {
		return nil, 0, malformed("container: derivation of the key")
	}
	// The standard has no keyLength, which could stand here.
	if !readExact(&body, hmacBelt) || !body.Empty() {
		return nil, 0, ErrAlgorithm
	}
	if count < MinIterations || count > MaxIterations {
		return nil, 0, ErrIterations
	}
	return salt, int(count), nil
}
