package seal

import (
	"errors"
	"fmt"
	"slices"
)

// Errors of opening an envelope.
var (
	// ErrEnvelope says that the bytes are no envelope of this package.
	ErrEnvelope = errors.New("not a sealed envelope")
	// ErrUnknownKey says that the key that sealed it is not in the keyring.
	ErrUnknownKey = errors.New("sealed with a master key that is not in the keyring")
	// ErrOpen says that the envelope, or the data it is bound to, was changed.
	ErrOpen = errors.New("sealed envelope does not open: its content or its associated data differ")
)

// envelopeVersion is the first byte of every envelope: version, length of the
// key's name, the name, then nonce (12 bytes), ciphertext and tag (16 bytes).
const envelopeVersion = 1

// Seal encrypts plaintext under the primary key and binds it to
// associatedData (which is not kept in the envelope and must be given again
// to Open). Two seals of the same plaintext differ.
func (r *Keyring) Seal(plaintext, associatedData []byte) ([]byte, error) {
	aead := r.ciphers[r.primary]
	if aead == nil {
		return nil, fmt.Errorf("%w: it is empty", ErrKeyring)
	}
	header := make([]byte, 0, 2+len(r.primary)+aead.Overhead()+len(plaintext))
	header = append(header, envelopeVersion, byte(len(r.primary)))
	header = append(header, r.primary...)
	return aead.Seal(header, nil, plaintext, bound(header, associatedData)), nil
}

// Open decrypts an envelope of any key of the ring. Errors: ErrEnvelope,
// ErrUnknownKey (names the key) or ErrOpen.
func (r *Keyring) Open(envelope, associatedData []byte) ([]byte, error) {
	id, err := KeyID(envelope)
	if err != nil {
		return nil, err
	}
	aead, ok := r.ciphers[id]
	if !ok {
		return nil, fmt.Errorf("%w: %s", ErrUnknownKey, id)
	}
	header := envelope[:2+len(id)]
	plaintext, err := aead.Open(nil, nil, envelope[len(header):], bound(header, associatedData))
	if err != nil {
		return nil, ErrOpen
	}
	return plaintext, nil
}

// KeyID is the name of the key that sealed the envelope, for finding what a
// rotation has not reached yet. It is not authenticated. Error: ErrEnvelope.
func KeyID(envelope []byte) (string, error) {
	if len(envelope) < 2 || envelope[0] != envelopeVersion || len(envelope) < 2+int(envelope[1]) {
		return "", ErrEnvelope
	}
	id := string(envelope[2 : 2+envelope[1]])
	if !keyID.MatchString(id) {
		return "", ErrEnvelope
	}
	return id, nil
}

// bound puts the header under authentication too, so that a changed key name
// is an error even where two rings give one name to different keys.
func bound(header, associatedData []byte) []byte {
	return slices.Concat(header, associatedData)
}
