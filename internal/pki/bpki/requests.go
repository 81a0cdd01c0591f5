package bpki

import (
	"crypto/rand"
	"fmt"
	"io"
	"math/big"
	"time"

	"golang.org/x/crypto/cryptobyte"
	tags "golang.org/x/crypto/cryptobyte/asn1"
)

// RetrieveRequest is BPKIRetrieveReq: it asks again for what was answered with
// [StatusWaiting] (STB 34.101.78, 8.12). It is sent as it is, not signed.
type RetrieveRequest struct {
	RequestID RequestID
	// Nonce makes the answer one to this question.
	Nonce [NonceOctets]byte
}

// NewRetrieveRequest asks again for a request; the nonce comes from random, or from
// crypto/rand if it is nil.
func NewRetrieveRequest(id RequestID, random io.Reader) (RetrieveRequest, error) {
	r := RetrieveRequest{RequestID: id}
	if random == nil {
		random = rand.Reader
	}
	if _, err := io.ReadFull(random, r.Nonce[:]); err != nil {
		return r, fmt.Errorf("bpki: read random octets: %w", err)
	}
	return r, nil
}

// Marshal writes the request in DER.
func (r RetrieveRequest) Marshal() ([]byte, error) {
	return build(func(b *cryptobyte.Builder) {
		b.AddASN1OctetString(r.RequestID[:])
		b.AddASN1OctetString(r.Nonce[:])
	})
}

// ParseRetrieveRequest reads BPKIRetrieveReq from DER.
func ParseRetrieveRequest(der []byte) (RetrieveRequest, error) {
	var r RetrieveRequest
	body, err := sequence(der, MaxMessage, "repeated request")
	if err != nil {
		return r, err
	}
	if !readFixed(&body, r.RequestID[:]) || !readFixed(&body, r.Nonce[:]) || !body.Empty() {
		return RetrieveRequest{}, malformed("repeated request")
	}
	return r, nil
}

// Reason is why a certificate is to be revoked, a CRLReason (RFC 5280, 5.3.1).
type Reason int

// The reasons of RFC 5280.
const (
	ReasonUnspecified          Reason = 0
	ReasonKeyCompromise        Reason = 1
	ReasonCACompromise         Reason = 2
	ReasonAffiliationChanged   Reason = 3
	ReasonSuperseded           Reason = 4
	ReasonCessationOfOperation Reason = 5
	ReasonCertificateHold      Reason = 6
	ReasonRemoveFromCRL        Reason = 8
	ReasonPrivilegeWithdrawn   Reason = 9
	ReasonAACompromise         Reason = 10
)

const (
	maxRevocationPassword = 255
	maxSerialOctets       = 20
	unusedReason          = 7
)

// RevokeRequest is BPKIRevokeReq: signed by the certificate's key, or with the
// password of revocation when the key is lost (STB 34.101.78, 8.4).
type RevokeRequest struct {
	// Issuer is the name of the certificate's issuer in DER.
	Issuer       []byte
	SerialNumber *big.Int
	// Password is empty in a signed request that needs none.
	Password string
	Reason   Reason
	// InvalidityDate is zero, and Comment empty, when not said.
	InvalidityDate time.Time
	Comment        string
}

func (r RevokeRequest) check() error {
	switch {
	case r.SerialNumber == nil || r.SerialNumber.Sign() <= 0 || r.SerialNumber.BitLen() >= 8*maxSerialOctets:
		return malformed("revocation: serial number")
	case r.Password != "" && !textWithin(r.Password, maxRevocationPassword):
		return malformed("revocation: password")
	case r.Reason < ReasonUnspecified || r.Reason > ReasonAACompromise || r.Reason == unusedReason:
		return malformed("revocation: reason")
	case r.Comment != "" && !textWithin(r.Comment, maxCommentRunes):
		return malformed("revocation: comment")
	}
	_, err := sequence(r.Issuer, MaxMessage, "revocation: issuer")
	return err
}

// Marshal writes the request in DER.
func (r RevokeRequest) Marshal() ([]byte, error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	return build(func(b *cryptobyte.Builder) {
		b.AddBytes(r.Issuer)
		b.AddASN1BigInt(r.SerialNumber)
		addUTF8(b, r.Password)
		b.AddASN1Enum(int64(r.Reason))
		if !r.InvalidityDate.IsZero() {
			b.AddASN1GeneralizedTime(r.InvalidityDate.UTC().Truncate(time.Second))
		}
		if r.Comment != "" {
			addUTF8(b, r.Comment)
		}
	})
}

// ParseRevokeRequest reads BPKIRevokeReq from DER.
func ParseRevokeRequest(der []byte) (RevokeRequest, error) {
	r := RevokeRequest{SerialNumber: new(big.Int)}
	body, err := sequence(append([]byte(nil), der...), MaxMessage, "revocation")
	if err != nil {
		return RevokeRequest{}, err
	}
	var reason int
	if !readElement(&body, &r.Issuer, tags.SEQUENCE) || !body.ReadASN1Integer(r.SerialNumber) ||
		!readUTF8(&body, &r.Password) || !body.ReadASN1Enum(&reason) ||
		body.PeekASN1Tag(tags.GeneralizedTime) && !readGeneralizedTime(&body, &r.InvalidityDate) ||
		body.PeekASN1Tag(tags.UTF8String) && (!readUTF8(&body, &r.Comment) || r.Comment == "") || !body.Empty() {
		return RevokeRequest{}, malformed("revocation")
	}
	r.Reason = Reason(reason)
	if err := r.check(); err != nil {
		return RevokeRequest{}, err
	}
	return r, nil
}

const passwordPrefix = "/RPWD:"

// MarshalRevocationPassword writes the content of a request to change the password
// of revocation: a UTF8String that begins with "/RPWD:" (STB 34.101.78, 9.6).
func MarshalRevocationPassword(password string) ([]byte, error) {
	if !textWithin(password, maxRevocationPassword) {
		return nil, malformed("revocation password")
	}
	b := cryptobyte.NewBuilder(nil)
	addUTF8(b, passwordPrefix+password)
	return b.Bytes()
}

// ParseRevocationPassword is the inverse of [MarshalRevocationPassword].
func ParseRevocationPassword(der []byte) (string, error) {
	s := cryptobyte.String(der)
	var text string
	if len(der) > MaxMessage {
		return "", ErrTooLarge
	}
	if !readUTF8(&s, &text) || !s.Empty() || len(text) <= len(passwordPrefix) || text[:len(passwordPrefix)] != passwordPrefix ||
		!textWithin(text[len(passwordPrefix):], maxRevocationPassword) {
		return "", malformed("revocation password")
	}
	return text[len(passwordPrefix):], nil
}
