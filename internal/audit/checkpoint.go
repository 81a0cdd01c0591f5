package audit

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// Checkpoint states, signed, that the log had the entry with this hash.
type Checkpoint struct {
	Sequence int64     `json:"sequence"`
	Hash     Hash      `json:"hash"`
	At       time.Time `json:"at"`
	// KeyID names the key that signed: see KeyID.
	KeyID string `json:"keyId"`
	// Signature covers Checkpoint.Canonical.
	Signature []byte `json:"signature"`
}

// LogValue is the checkpoint as log lines have it, for people and for programs:
// with the members, and in the forms, of its JSON, so that `issuance audit
// verify` reads it back.
func (c Checkpoint) LogValue() slog.Value {
	return slog.GroupValue(slog.Int64("sequence", c.Sequence), slog.String("hash", c.Hash.String()), slog.Time("at", c.At),
		slog.String("keyId", c.KeyID), slog.String("signature", base64.StdEncoding.EncodeToString(c.Signature)))
}

// ErrCheckpoint is returned for a checkpoint that no known key signed.
var ErrCheckpoint = errors.New("the checkpoint's signature is not good")

// Signer signs checkpoints. NewSigner makes one of a key of the standard
// library; a token or another family of algorithms is another implementation.
type Signer interface {
	// KeyID names the key; the verifier finds its public half by it.
	KeyID() string
	// Sign signs the message itself (not a digest of it).
	Sign(message []byte) ([]byte, error)
}

// Verifier checks a signature over a message; nil means good.
type Verifier interface {
	Verify(message, signature []byte) error
}

// Keys are the public keys of checkpoints by their KeyID, old ones included.
type Keys map[string]Verifier

const checkpointLabel = "remote-issuance/audit/checkpoint/v1"

// Canonical is what the signature covers: the label
// "remote-issuance/audit/checkpoint/v1", Sequence, At, KeyID and Hash, encoded
// like Entry.Canonical.
func (c Checkpoint) Canonical() []byte {
	b := text(nil, checkpointLabel)
	b = number(b, c.Sequence)
	b = number(b, c.At.UnixMicro())
	b = text(b, c.KeyID)
	return text(b, string(c.Hash[:]))
}

// SignCheckpoint fixes the head of a log that is not empty.
func SignCheckpoint(signer Signer, head Head, at time.Time) (Checkpoint, error) {
	if head.Sequence < 1 {
		return Checkpoint{}, errors.New("checkpoint: the log is empty")
	}
	c := Checkpoint{
		Sequence: head.Sequence, Hash: head.Hash,
		At: at.UTC().Truncate(time.Microsecond), KeyID: signer.KeyID(),
	}
	var err error
	if c.Signature, err = signer.Sign(c.Canonical()); err != nil {
		return Checkpoint{}, fmt.Errorf("sign checkpoint %d: %w", c.Sequence, err)
	}
	return c, nil
}

// VerifyCheckpoint returns ErrCheckpoint unless one of the keys signed it.
func VerifyCheckpoint(keys Keys, c Checkpoint) error {
	key, ok := keys[c.KeyID]
	if !ok {
		return fmt.Errorf("%w: unknown key %q", ErrCheckpoint, c.KeyID)
	}
	if err := key.Verify(c.Canonical(), c.Signature); err != nil {
		return fmt.Errorf("%w: %w", ErrCheckpoint, err)
	}
	return nil
}

// KeyID names an Ed25519 or ECDSA public key: the first 16 hexadecimal digits
// of the SHA-256 of its SubjectPublicKeyInfo.
func KeyID(public crypto.PublicKey) (string, error) {
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		return "", fmt.Errorf("checkpoint key: %w", err)
	}
	sum := sha256.Sum256(der)
	return hex.EncodeToString(sum[:8]), nil
}

type standardKey struct {
	id     string
	key    crypto.Signer
	public crypto.PublicKey
}

// NewSigner makes a Signer of an Ed25519 or ECDSA key (over SHA-256).
func NewSigner(key crypto.Signer) (Signer, error) { return newStandardKey(key, key.Public()) }

// NewKeys makes Keys of Ed25519 and ECDSA public keys.
func NewKeys(public ...crypto.PublicKey) (Keys, error) {
	keys := make(Keys, len(public))
	for _, p := range public {
		k, err := newStandardKey(nil, p)
		if err != nil {
			return nil, err
		}
		keys[k.id] = k
	}
	return keys, nil
}

func newStandardKey(key crypto.Signer, public crypto.PublicKey) (standardKey, error) {
	switch public.(type) {
	case ed25519.PublicKey, *ecdsa.PublicKey:
	default:
		return standardKey{}, errors.New("checkpoint key: want Ed25519 or ECDSA")
	}
	id, err := KeyID(public)
	return standardKey{id: id, key: key, public: public}, err
}

// KeyID names the key.
func (k standardKey) KeyID() string { return k.id }

// Sign signs the message itself.
func (k standardKey) Sign(message []byte) ([]byte, error) {
	if _, ok := k.public.(ed25519.PublicKey); ok {
		return k.key.Sign(rand.Reader, message, crypto.Hash(0))
	}
	digest := sha256.Sum256(message)
	return k.key.Sign(rand.Reader, digest[:], crypto.SHA256)
}

// Verify returns nil for a good signature.
func (k standardKey) Verify(message, signature []byte) error {
	good := false
	switch p := k.public.(type) {
	case ed25519.PublicKey:
		good = ed25519.Verify(p, message, signature)
	case *ecdsa.PublicKey:
		digest := sha256.Sum256(message)
		good = ecdsa.VerifyASN1(p, digest[:], signature)
	}
	if !good {
		return errors.New("bad signature")
	}
	return nil
}
