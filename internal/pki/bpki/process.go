package bpki

import (
	"fmt"
	"io"
	"time"

	"golang.org/x/crypto/cryptobyte"
	tags "golang.org/x/crypto/cryptobyte/asn1"

	"github.com/remote-issuance/remote-issuance/internal/stb/bign"
)

// Holder is a certificate with its private key.
type Holder struct {
	Certificate *Certificate
	Key         *bign.PrivateKey
}

// SealRequest makes the container of a request that its sender signs: content of
// the given type, signed by the sender, enveloped for the CA. For [ContentReenroll]
// and [ContentSpawn] the content is a certification request, whose key must not be
// stronger than the CA's; for [ContentSetPassword] that of
// [MarshalRevocationPassword], for [ContentRevoke] a [RevokeRequest]. Keep the
// identifier: answers name it, and [RetrieveRequest] asks for it.
func SealRequest(kind ContentType, content []byte, sender Holder, ca *Certificate, at time.Time, random io.Reader) ([]byte, RequestID, error) {
	if kind == ContentReenroll || kind == ContentSpawn {
		key, err := requestKey(content)
		if err != nil {
			return nil, RequestID{}, err
		}
		if key.Curve().Level() > ca.PublicKey.Curve().Level() {
			return nil, RequestID{}, fmt.Errorf("%w: the key asked for is stronger than the issuer's", ErrMismatch)
		}
	}
	signed, err := Sign(kind, content, sender.Certificate, sender.Key, at)
	if err != nil {
		return nil, RequestID{}, err
	}
	container, err := Envelop(signed, ca, random)
	if err != nil {
		return nil, RequestID{}, err
	}
	return container, RequestIDOf(container), nil
}

// OpenRequest is the inverse of [SealRequest] at the CA: it opens the container,
// verifies the signature inside and that it was signed for the given process. The
// sender's certificate and the content remain to be checked.
func OpenRequest(kind ContentType, container []byte, ca Holder) (*Signed, RequestID, error) {
	id := RequestIDOf(container)
	e, err := ParseEnvelope(container)
	if err != nil {
		return nil, id, err
	}
	if !e.For(ca.Certificate) {
		return nil, id, ErrRecipient
	}
	content, err := e.Open(ca.Key)
	if err != nil {
		return nil, id, err
	}
	s, err := OpenSigned(content)
	if err != nil {
		return nil, id, err
	}
	if s.ContentType != kind {
		return nil, id, fmt.Errorf("%w: signed for another process", ErrMismatch)
	}
	return s, id, nil
}

// SealCertificate envelopes a new certificate for its own key, as the answer to
// [ContentReenroll] and [ContentSpawn] is.
func SealCertificate(cert *Certificate, random io.Reader) ([]byte, error) {
	return Envelop(cert.Raw, cert, random)
}

// OpenCertificate is the inverse of [SealCertificate]: the certificate is of the
// key, and the one that the envelope names. That the CA signed it remains to be
// checked.
func OpenCertificate(container []byte, key *bign.PrivateKey) (*Certificate, error) {
	e, err := ParseEnvelope(container)
	if err != nil {
		return nil, err
	}
	content, err := e.Open(key)
	if err != nil {
		return nil, err
	}
	cert, err := ParseCertificate(content)
	if err != nil {
		return nil, err
	}
	if !e.For(cert) || !cert.PublicKey.Equal(key.Public()) {
		return nil, fmt.Errorf("%w: the certificate is of another key", ErrMismatch)
	}
	return cert, nil
}

// SealResponse signs a response with the key of the CA's agent.
func SealResponse(r Response, agent Holder, at time.Time) ([]byte, error) {
	der, err := r.Marshal()
	if err != nil {
		return nil, err
	}
	return Sign(ContentResponse, der, agent.Certificate, agent.Key, at)
}

// OpenResponse reads a signed response and says who signed it; that the signer may
// speak for the CA remains to be checked, and what the response answers by
// [Response.Answers].
func OpenResponse(container []byte) (Response, *Signed, error) {
	s, err := OpenSigned(container)
	if err != nil {
		return Response{}, nil, err
	}
	if s.ContentType != ContentResponse {
		return Response{}, nil, fmt.Errorf("%w: signed for another process", ErrMismatch)
	}
	r, err := ParseResponse(s.Content)
	return r, s, err
}

// requestKey reads the public key of a certification request.
func requestKey(csr []byte) (*bign.PublicKey, error) {
	body, err := sequence(csr, MaxMessage, "certification request")
	if err != nil {
		return nil, err
	}
	var info cryptobyte.String
	if !body.ReadASN1(&info, tags.SEQUENCE) || !info.SkipASN1(tags.INTEGER) || !info.SkipASN1(tags.SEQUENCE) {
		return nil, malformed("certification request")
	}
	return readPublicKey(&info)
}
