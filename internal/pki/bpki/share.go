package bpki

import (
	"encoding/hex"
	"strings"
)

// MaxShares is how many shares a secret may be divided into (STB 34.101.78, 11.1).
const MaxShares = 16

var (
	oidShare = oid{1, 2, 112, 0, 2, 0, 34, 101, 60, 11}
	// The common public keys bels-m0128v1, bels-m0192v1 and bels-m0256v1.
	oidShare128 = oid{1, 2, 112, 0, 2, 0, 34, 101, 60, 2, 1}
	oidShare192 = oid{1, 2, 112, 0, 2, 0, 34, 101, 60, 2, 2}
	oidShare256 = oid{1, 2, 112, 0, 2, 0, 34, 101, 60, 2, 3}
)

// Share is a partial secret of STB 34.101.60 under one of the standard public
// keys: with enough others it gives the secret whose hexadecimal notation is the
// password of a container.
type Share struct {
	// Number is that of the public key, 1 to [MaxShares].
	Number int
	// Value has 16, 24 or 32 octets.
	Value []byte
}

func shareKey(octets int) (oid, bool) {
	switch octets {
	case 16:
		return oidShare128, true
	case 24:
		return oidShare192, true
	case 32:
		return oidShare256, true
	default:
		return nil, false
	}
}

func (s Share) octets() ([]byte, error) {
	if _, ok := shareKey(len(s.Value)); !ok || s.Number < 1 || s.Number > MaxShares {
		return nil, malformed("share of a secret")
	}
	return append([]byte{byte(s.Number)}, s.Value...), nil
}

func shareOf(raw []byte) (Share, error) {
	if len(raw) == 0 {
		return Share{}, malformed("share of a secret")
	}
	s := Share{Number: int(raw[0]), Value: append([]byte(nil), raw[1:]...)}
	_, err := s.octets()
	return s, err
}

// Text is the share as it is kept in the open: number and value in hexadecimal.
func (s Share) Text() (string, error) {
	raw, err := s.octets()
	if err != nil {
		return "", err
	}
	return strings.ToUpper(hex.EncodeToString(raw)), nil
}

// ParseShare reads what [Share.Text] writes, in letters of either case.
func ParseShare(text string) (Share, error) {
	raw, err := hex.DecodeString(text)
	if err != nil {
		return Share{}, malformed("share of a secret")
	}
	return shareOf(raw)
}

// SealShare puts a share into a container under a password, as [SealKey] does a key.
func SealShare(s Share, password []byte, p Protection) ([]byte, error) {
	raw, err := s.octets()
	if err != nil {
		return nil, err
	}
	id, _ := shareKey(len(s.Value))
	return seal(named(oidShare, id), raw, password, p)
}

// OpenShare takes a share out of a container; it fails as [OpenKey] does.
func OpenShare(container, password []byte) (Share, error) {
	inner, err := open(container, password)
	if err != nil {
		return Share{}, err
	}
	defer clear(inner)
	id, parameters, raw, err := readPrivateKeyInfo(inner)
	if err != nil {
		return Share{}, err
	}
	if !id.Equal(oidShare) {
		return Share{}, ErrAlgorithm
	}
	s, err := shareOf(raw)
	if err != nil {
		return Share{}, err
	}
	if want, _ := shareKey(len(s.Value)); !want.Equal(parameters) {
		return Share{}, ErrAlgorithm
	}
	return s, nil
}
