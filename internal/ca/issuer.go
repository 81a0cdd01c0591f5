package ca

import (
	"bytes"
	"context"
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"regexp"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
)

// Application is what a certificate is to be issued for, after all checks.
type Application struct {
	OrderID string
	// New says that the order had no reservation a moment ago: none is looked for
	// before the store is asked for one.
	New bool
	// Request holds the key, and its proof of possession; nothing else of it gets
	// into the certificate.
	Request *pki.Request
	// Subject is whom the certificate is to name: what was compared (S4).
	Subject order.Subject
	Service order.Service
	Kind    order.Kind
	// Years is the term.
	Years int
	// RequestedStart is used for 6.0.01 only (I2).
	RequestedStart time.Time
	// Now is the moment of issue.
	Now time.Time
}

func (a Application) validate() error {
	switch {
	case a.OrderID == "" || a.Now.IsZero():
		return errors.New("application: want an order and a moment of issue")
	case a.Request == nil || a.Request.PublicKey == nil:
		return errors.New("application: want a request with a key that is known")
	}
	// Checked when the request was uploaded; a certificate must not depend on that alone.
	if err := a.Request.CheckSignature(); err != nil {
		return fmt.Errorf("application: proof of possession: %w", err)
	}
	if err := alg.CheckStrength(a.Request.PublicKey); err != nil {
		return fmt.Errorf("%w: %w", ErrRefused, err)
	}
	return a.compare()
}

// compare holds the subject to be certified against the request: all that the
// request says has been read, and is said in the certificate.
func (a Application) compare() error {
	read := a.Request.Read()
	if len(read.Faults) > 0 {
		return refuse(read.Faults[0].Field, string(read.Faults[0].Cause))
	}
	if len(read.Unknown) > 0 {
		return refuse(order.FieldNone, "subject attribute "+read.Unknown[0].String())
	}
	for _, v := range read.Subject.Values() {
		// The name in Belarusian may come from the current certificate.
		optional := v.Field == order.FieldBelarusianName && v.Value == ""
		if !optional && v.Value != a.Subject.Value(v.Field) {
			return refuse(v.Field, "not what was compared")
		}
	}
	return nil
}

func (a Application) keyID() string {
	id, err := alg.KeyID(a.Request.PublicKey)
	if err != nil {
		return ""
	}
	return id
}

// Issuer prepares and signs certificates and revocation lists. Prepare touches
// nothing outside; only what a Store has stored is signed.
type Issuer interface {
	// Name is the issuer's short name in configuration, in the Store and in file names.
	Name() string
	// SubjectKeys are the kinds of keys it certifies.
	SubjectKeys() []alg.KeyAlgorithm
	// Chain are the DER certificates from its own to the root.
	Chain() [][]byte
	// Prepare makes the to-be-signed bytes of a certificate and checks them
	// against the profile. ErrRefused for an application the profile refuses.
	Prepare(a Application) (Prepared, error)
	// Sign signs what is stored and verifies the signature with the issuer's
	// certificate before it returns the certificate in DER.
	Sign(ctx context.Context, stored Stored) ([]byte, error)
	// SignCRL signs a revocation list and verifies it likewise.
	SignCRL(ctx context.Context, list CRL) ([]byte, error)
}

// Errors of issuing.
var (
	// ErrNotStored is returned by Sign for what no Store has stored.
	ErrNotStored = errors.New("nothing is stored to be signed")
	// ErrSignature is returned when a fresh signature does not verify or the
	// stored bytes are not this issuer's.
	ErrSignature = errors.New("the signature is not what it must be")
	// ErrIssuer is returned for issuers that cannot work.
	ErrIssuer = errors.New("issuer")
)

var issuerName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,31}$`)

// Authority is an Issuer whose key is a crypto.Signer: a file or a token.
type Authority struct {
	name        string
	certificate *pki.Certificate
	chain       [][]byte
	signer      crypto.Signer
	algorithm   alg.Identifier
	profile     Profile
	random      io.Reader
}

// NewAuthority makes an issuer of its certificates (its own first, then each
// one's issuer), its key, its profile and a source of secure random octets.
// Errors wrap ErrIssuer: a key that is not the certificate's, a certificate
// that may not issue, a chain that does not hold, a profile that is not sound.
func NewAuthority(name string, chain []*pki.Certificate, signer crypto.Signer, p Profile, random io.Reader) (*Authority, error) {
	if !issuerName.MatchString(name) {
		return nil, fmt.Errorf("%w: name: want a-z, 0-9 and hyphens", ErrIssuer)
	}
	if len(chain) == 0 || signer == nil || random == nil {
		return nil, fmt.Errorf("%w %s: want a certificate, a key and a random source", ErrIssuer, name)
	}
	if err := p.Validate(); err != nil {
		return nil, fmt.Errorf("%w %s: %w", ErrIssuer, name, err)
	}
	own := chain[0]
	const usage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign
	switch {
	case !alg.SameKey(signer.Public(), own.PublicKey):
		return nil, fmt.Errorf("%w %s: the key is not the certificate's", ErrIssuer, name)
	case !own.BasicConstraints.CA || own.HasKeyUsage && own.KeyUsage&usage != usage:
		return nil, fmt.Errorf("%w %s: the certificate may not sign certificates and lists", ErrIssuer, name)
	case len(own.SubjectKeyID) == 0:
		return nil, fmt.Errorf("%w %s: the certificate has no subject key identifier", ErrIssuer, name)
	}
	a := &Authority{name: name, certificate: own, signer: signer, profile: p, random: random}
	for i, c := range chain {
		a.chain = append(a.chain, c.Raw)
		if i > 0 && chain[i-1].CheckSignatureFrom(c) != nil {
			return nil, fmt.Errorf("%w %s: certificate %d is not signed by the next", ErrIssuer, name, i)
		}
	}
	var err error
	if a.algorithm, err = alg.SignatureAlgorithm(own.PublicKey); err != nil {
		return nil, fmt.Errorf("%w %s: %w", ErrIssuer, name, err)
	}
	return a, nil
}

// Name is the issuer's short name.
func (a *Authority) Name() string { return a.name }

// SubjectKeys are the kinds of keys it certifies.
func (a *Authority) SubjectKeys() []alg.KeyAlgorithm { return a.profile.SubjectKeys }

// Chain are the DER certificates from its own to the root.
func (a *Authority) Chain() [][]byte { return a.chain }

// Sign signs what is stored and verifies what comes out. ErrNotStored for the
// zero value, ErrSignature for bytes of another issuer or a bad signature;
// other errors are the key's.
func (a *Authority) Sign(ctx context.Context, stored Stored) ([]byte, error) {
	p := stored.Prepared()
	if len(p.TBS) == 0 {
		return nil, ErrNotStored
	}
	if p.Issuer != a.name || !bytes.Equal(p.Algorithm, a.algorithm.Raw) {
		return nil, fmt.Errorf("%w: prepared by another issuer", ErrSignature)
	}
	der, err := a.sign(ctx, p.TBS)
	if err != nil {
		return nil, err
	}
	c, err := pki.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSignature, err)
	}
	if !bytes.Equal(c.RawTBS, p.TBS) || !bytes.Equal(c.IssuerName.Raw, a.certificate.SubjectName.Raw) {
		return nil, fmt.Errorf("%w: not the stored bytes", ErrSignature)
	}
	if err := c.CheckSignatureFrom(a.certificate); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSignature, err)
	}
	return der, nil
}

func (a *Authority) sign(ctx context.Context, tbs []byte) ([]byte, error) {
	// A crypto.Signer has no context: the last chance to stop is before it.
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	algorithm, signature, err := alg.Sign(a.signer, tbs)
	if err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	return pki.Assemble(tbs, algorithm, signature)
}
