package bpki

import (
	"encoding/hex"
	"strings"

	"github.com/remote-issuance/remote-issuance/internal/stb/bels"
)

// bels-share of STB 34.101.60.
var oidShare = oid{1, 2, 112, 0, 2, 0, 34, 101, 60, 11}

// shareKey names the common public key of shares: bels-m0128v1, bels-m0192v1 or
// bels-m0256v1.
func shareKey(s bels.Share) oid {
	return oid{1, 2, 112, 0, 2, 0, 34, 101, 60, 2, len(s.Value)/8 - 1}
}

// SecretPassword is the password of a container that is protected with a secret
// instead of a password of a person: its hexadecimal notation. The secret is random,
// as many bits as the level of the key, and divided with [bels.Split]; among any
// shares that suffice one at least must itself be in a container.
func SecretPassword(secret []byte) []byte {
	return []byte(strings.ToUpper(hex.EncodeToString(secret)))
}

// SealShare puts a share of a secret into a container under a password, as
// [SealKey] does a key.
func SealShare(s bels.Share, password []byte, p Protection) ([]byte, error) {
	raw, err := s.Bytes()
	if err != nil {
		return nil, malformed("share of a secret")
	}
	defer clear(raw)
	return seal(named(oidShare, shareKey(s)), raw, password, p)
}

// OpenShare takes a share out of a container; it fails as [OpenKey] does.
func OpenShare(container, password []byte) (bels.Share, error) {
	inner, err := open(container, password)
	if err != nil {
		return bels.Share{}, err
	}
	defer clear(inner)
	return parseShare(inner)
}

// parseShare reads the PrivateKeyInfo of a share.
func parseShare(inner []byte) (bels.Share, error) {
	id, parameters, raw, err := readPrivateKeyInfo(inner)
	if err != nil {
		return bels.Share{}, err
	}
	if !id.Equal(oidShare) {
		return bels.Share{}, ErrAlgorithm
	}
	s, err := bels.ParseShare(raw)
	if err != nil {
		return bels.Share{}, malformed("share of a secret")
	}
	if !shareKey(s).Equal(parameters) {
		return bels.Share{}, ErrAlgorithm
	}
	return s, nil
}
