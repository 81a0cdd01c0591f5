// Package backups keeps in mind which keys need a copy outside of the service,
// and whether somebody has tried that copy lately.
package backups

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
	"github.com/remote-issuance/remote-issuance/internal/seal"
)

// Kind is what a key is for.
type Kind string

// The kinds.
const (
	// KindMaster seals the keys of orders and the secrets of webhooks.
	KindMaster Kind = "master-key"
	// KindIDHash keys the hash of persons in workflow ids.
	KindIDHash Kind = "id-hash-key"
	// KindCA signs certificates and revocation lists.
	KindCA Kind = "ca-key"
	// KindAudit signs checkpoints of the audit log.
	KindAudit Kind = "audit-key"
)

// Key names a key: kind, name if it has one, and fingerprint, separated by
// slashes. It changes when the key does, and is no secret.
type Key string

// NewKey makes the name of a key.
func NewKey(kind Kind, parts ...string) Key {
	return Key(strings.Join(append([]string{string(kind)}, parts...), "/"))
}

// Kind is what the key is for.
func (k Key) Kind() Kind {
	kind, _, _ := strings.Cut(string(k), "/")
	return Kind(kind)
}

// fingerprintSize is how many octets tell keys of a service apart.
const fingerprintSize = 8

// derivation keeps fingerprints apart from everything else that is derived from keys.
const derivation = "remote-issuance/fingerprint"

// MasterKeys names the keys of a keyring.
func MasterKeys(ring *seal.Keyring) ([]Key, error) {
	var out []Key
	for _, name := range ring.Names() {
		octets, err := ring.Derive(name, derivation)
		if err != nil {
			return nil, err
		}
		out = append(out, NewKey(KindMaster, name, hex.EncodeToString(octets[:fingerprintSize])))
	}
	return out, nil
}

// HashKey names a key of keyed hashes, of at least 256 random bits; nothing
// else can be had from the name.
func HashKey(secret []byte) Key {
	mac := hmac.New(sha256.New, secret)
	_, _ = mac.Write([]byte(derivation))
	return NewKey(KindIDHash, hex.EncodeToString(mac.Sum(nil)[:fingerprintSize]))
}

// CAKey names the key of an issuer by the identifier of the public key in its certificate (DER).
func CAKey(issuer string, certificate []byte) (Key, error) {
	c, err := pki.ParseCertificate(certificate)
	if err != nil {
		return "", fmt.Errorf("issuer %s: %w", issuer, err)
	}
	id, err := alg.KeyID(c.PublicKey)
	if err != nil {
		return "", fmt.Errorf("issuer %s: %w", issuer, err)
	}
	return NewKey(KindCA, issuer, id), nil
}

// Standing is a key that is in use, and how its backup stands.
type Standing struct {
	Key Key `json:"key"`
	// FirstSeen is since when workers hold it.
	FirstSeen time.Time `json:"firstSeen"`
	// ConfirmedBy is the account of the operator who last tried its backup, at
	// ConfirmedAt; empty when nobody has.
	ConfirmedBy string    `json:"confirmedBy,omitempty"`
	ConfirmedAt time.Time `json:"confirmedAt,omitzero"`
}

// Due is when its backup has to be tried the next time.
func (s Standing) Due(hold time.Duration) time.Time {
	if s.ConfirmedBy == "" {
		return s.FirstSeen
	}
	return s.ConfirmedAt.Add(hold)
}

// ErrNotInUse is returned for what is no key that workers hold.
var ErrNotInUse = errors.New("no worker holds this key")

// Choose gives the keys that names name among those in use, each once, all of
// them for no names. Error: ErrNotInUse.
func Choose(inUse []Standing, names ...string) ([]Key, error) {
	known := make(map[Key]bool, len(inUse))
	var all []Key
	for _, s := range inUse {
		known[s.Key] = true
		all = append(all, s.Key)
	}
	if len(names) == 0 {
		return all, nil
	}
	var chosen []Key
	for _, n := range names {
		taken, there := known[Key(n)]
		if !there {
			return nil, fmt.Errorf("%w: %q", ErrNotInUse, n)
		}
		if taken {
			chosen, known[Key(n)] = append(chosen, Key(n)), false
		}
	}
	return chosen, nil
}
