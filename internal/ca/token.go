//go:build pkcs11

package ca

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"encoding/asn1"
	"errors"
	"fmt"
	"io"
	"math/big"
	"sync"

	"github.com/miekg/pkcs11"
)

// ErrToken is wrapped by every error of a token.
var ErrToken = errors.New("token")

// tokenKey is an ECDSA key that never leaves its token. One session at a time:
// a session of PKCS#11 carries one operation.
type tokenKey struct {
	at     Token
	pin    string
	public *ecdsa.PublicKey

	mu      sync.Mutex
	context *pkcs11.Ctx
	session pkcs11.SessionHandle
	key     pkcs11.ObjectHandle
}

// OpenToken finds an ECDSA key in a PKCS#11 token by the labels of token and
// key; secret is the user's PIN. Errors wrap ErrToken.
func OpenToken(t Token, secret []byte) (crypto.Signer, error) {
	k := &tokenKey{at: t, pin: string(secret)}
	if k.context = pkcs11.New(t.Module); k.context == nil {
		return nil, fmt.Errorf("%w: the module cannot be loaded", ErrToken)
	}
	// Another issuer of this process may have initialised the module.
	if err := k.context.Initialize(); err != nil && !errors.Is(err, pkcs11.Error(pkcs11.CKR_CRYPTOKI_ALREADY_INITIALIZED)) {
		return nil, fmt.Errorf("%w: %w", ErrToken, err)
	}
	if err := k.open(); err != nil {
		return nil, err
	}
	var err error
	k.public, err = k.readPublic()
	return k, err
}

// Public is the public key.
func (k *tokenKey) Public() crypto.PublicKey { return k.public }

// Sign signs a digest. A session that the token has dropped is opened anew, once.
func (k *tokenKey) Sign(_ io.Reader, digest []byte, _ crypto.SignerOpts) ([]byte, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	raw, err := k.sign(digest)
	if err != nil {
		if err := k.open(); err != nil {
			return nil, err
		}
		if raw, err = k.sign(digest); err != nil {
			return nil, fmt.Errorf("%w: sign: %w", ErrToken, err)
		}
	}
	if len(raw) == 0 || len(raw)%2 != 0 {
		return nil, fmt.Errorf("%w: a signature of %d octets", ErrToken, len(raw))
	}
	half := len(raw) / 2
	return asn1.Marshal(struct{ R, S *big.Int }{new(big.Int).SetBytes(raw[:half]), new(big.Int).SetBytes(raw[half:])})
}

func (k *tokenKey) sign(digest []byte) ([]byte, error) {
	mechanism := []*pkcs11.Mechanism{pkcs11.NewMechanism(pkcs11.CKM_ECDSA, nil)}
	if err := k.context.SignInit(k.session, mechanism, k.key); err != nil {
		return nil, err
	}
	return k.context.Sign(k.session, digest)
}

func (k *tokenKey) open() error {
	slot, err := k.slot()
	if err != nil {
		return err
	}
	if k.session != 0 {
		// Gone already if the token dropped it; then there is nothing to close.
		_ = k.context.CloseSession(k.session)
	}
	if k.session, err = k.context.OpenSession(slot, pkcs11.CKF_SERIAL_SESSION); err != nil {
		return fmt.Errorf("%w: open session: %w", ErrToken, err)
	}
	err = k.context.Login(k.session, pkcs11.CKU_USER, k.pin)
	if err != nil && !errors.Is(err, pkcs11.Error(pkcs11.CKR_USER_ALREADY_LOGGED_IN)) {
		return fmt.Errorf("%w: log in: %w", ErrToken, err)
	}
	k.key, err = k.find(pkcs11.CKO_PRIVATE_KEY)
	return err
}

func (k *tokenKey) slot() (uint, error) {
	slots, err := k.context.GetSlotList(true)
	if err != nil {
		return 0, fmt.Errorf("%w: list slots: %w", ErrToken, err)
	}
	for _, s := range slots {
		if info, err := k.context.GetTokenInfo(s); err == nil && info.Label == k.at.TokenLabel {
			return s, nil
		}
	}
	return 0, fmt.Errorf("%w: none is labelled %q", ErrToken, k.at.TokenLabel)
}

// find wants exactly one object: with two of one label nobody could tell which signs.
func (k *tokenKey) find(class uint) (pkcs11.ObjectHandle, error) {
	err := k.context.FindObjectsInit(k.session, []*pkcs11.Attribute{
		pkcs11.NewAttribute(pkcs11.CKA_CLASS, class),
		pkcs11.NewAttribute(pkcs11.CKA_KEY_TYPE, pkcs11.CKK_EC),
		pkcs11.NewAttribute(pkcs11.CKA_LABEL, k.at.KeyLabel),
	})
	if err != nil {
		return 0, fmt.Errorf("%w: find key: %w", ErrToken, err)
	}
	found, _, err := k.context.FindObjects(k.session, 2)
	if err := errors.Join(err, k.context.FindObjectsFinal(k.session)); err != nil {
		return 0, fmt.Errorf("%w: find key: %w", ErrToken, err)
	}
	if len(found) != 1 {
		return 0, fmt.Errorf("%w: want one EC key labelled %q, found %d", ErrToken, k.at.KeyLabel, len(found))
	}
	return found[0], nil
}

func (k *tokenKey) readPublic() (*ecdsa.PublicKey, error) {
	object, err := k.find(pkcs11.CKO_PUBLIC_KEY)
	if err != nil {
		return nil, err
	}
	values, err := k.context.GetAttributeValue(k.session, object, []*pkcs11.Attribute{
		pkcs11.NewAttribute(pkcs11.CKA_EC_PARAMS, nil), pkcs11.NewAttribute(pkcs11.CKA_EC_POINT, nil),
	})
	if err != nil || len(values) != 2 {
		return nil, fmt.Errorf("%w: read public key: %w", ErrToken, err)
	}
	var point []byte
	if rest, err := asn1.Unmarshal(values[1].Value, &point); err != nil || len(rest) != 0 {
		return nil, fmt.Errorf("%w: the public key is not an OCTET STRING with a point", ErrToken)
	}
	for _, c := range []struct {
		oid   asn1.ObjectIdentifier
		curve elliptic.Curve
	}{
		{asn1.ObjectIdentifier{1, 2, 840, 10045, 3, 1, 7}, elliptic.P256()},
		{asn1.ObjectIdentifier{1, 3, 132, 0, 34}, elliptic.P384()},
		{asn1.ObjectIdentifier{1, 3, 132, 0, 35}, elliptic.P521()},
	} {
		if der, err := asn1.Marshal(c.oid); err == nil && bytes.Equal(der, values[0].Value) {
			return ecdsa.ParseUncompressedPublicKey(c.curve, point)
		}
	}
	return nil, fmt.Errorf("%w: a curve other than P-256, P-384 and P-521", ErrToken)
}
