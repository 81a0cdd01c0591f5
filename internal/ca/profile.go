package ca

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
	"github.com/remote-issuance/remote-issuance/internal/pki/der"
)

// ErrProfile is wrapped by every error of an issuer's profile.
var ErrProfile = errors.New("issuer profile")

// OID is an object identifier that is written 1.2.3 in JSON.
type OID struct{ pki.OID }

// UnmarshalText reads 1.2.3.
func (o *OID) UnmarshalText(text []byte) error {
	parts := strings.Split(string(text), ".")
	if len(parts) < 2 {
		return errors.New("object identifier: want 1.2.3")
	}
	o.OID = make(pki.OID, len(parts))
	for i, p := range parts {
		n, err := strconv.Atoi(p)
		if err != nil || n < 0 {
			return errors.New("object identifier: want 1.2.3")
		}
		o.OID[i] = n
	}
	return nil
}

// MarshalText writes 1.2.3.
func (o OID) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// Text is the string type of names.
type Text string

// The string types of names: GosSUOK has used BMPString; STB 34.101.78 wants UTF8String.
const (
	TextBMP  Text = "bmp"
	TextUTF8 Text = "utf8"
)

func (t Text) stringType() der.StringType {
	if t == TextBMP {
		return der.BMPString
	}
	return der.UTF8String
}

// Profile says what an issuer puts into certificates and lists. Addresses,
// policies and extensions of end-entity certificates of GosSUOK are not all
// public, so that everything here is configuration.
type Profile struct {
	// SubjectKeys are the kinds of keys this issuer certifies.
	SubjectKeys []alg.KeyAlgorithm `json:"subjectKeys"`
	// SerialOctets is the length of serial numbers: 9 to 20, all but the first bit random.
	SerialOctets int  `json:"serialOctets"`
	Text         Text `json:"text"`
	// CRLAddresses are where the issuer's revocation list is, at least one.
	CRLAddresses []string `json:"crlAddresses"`
	// IssuerAddress and OCSPAddress are the issuer's certificate and its OCSP responder, if any.
	IssuerAddress string `json:"issuerAddress"`
	OCSPAddress   string `json:"ocspAddress"`
	// CRLHours is how long a revocation list holds.
	CRLHours int `json:"crlHours"`
	// LintsOff are the lints of zlint that do not apply to the issuer, each with
	// its reason, besides those of every issuer of GosSUOK.
	LintsOff map[string]string `json:"lintsOff,omitempty"`
	// Kinds are the rules for each kind of applicant that this issuer serves.
	Kinds map[order.Kind]KindProfile `json:"kinds"`
}

// KindProfile are the rules for one kind of applicant.
type KindProfile struct {
	// SubjectAttributes may stand in the subject, in this order; of several for
	// one field the first is used. A field without a place is refused.
	SubjectAttributes []OID `json:"subjectAttributes"`
	// RequiredAttributes must stand there.
	RequiredAttributes []OID `json:"requiredAttributes"`
	// KeyUsage are names of RFC 5280, 4.2.1.3; each key gets those it is able to.
	KeyUsage         []string `json:"keyUsage"`
	ExtendedKeyUsage []OID    `json:"extendedKeyUsage"`
	Policies         []OID    `json:"policies"`
	// BasicConstraints puts in the extension, empty: not a CA.
	BasicConstraints bool `json:"basicConstraints"`
	// SubjectExtensions are the fields that stand as extensions: texts of GosSUOK
	// (UNP, position and the like), and subjectAltName for the person's name in
	// Belarusian. All other fields stand in the subject.
	SubjectExtensions []OID `json:"subjectExtensions"`
}

// keyUsages name the bits of RFC 5280, 4.2.1.3, that a person's key may have.
func keyUsages() map[string]x509.KeyUsage {
	return map[string]x509.KeyUsage{
		"digitalSignature": x509.KeyUsageDigitalSignature,
		"nonRepudiation":   x509.KeyUsageContentCommitment,
		"keyEncipherment":  x509.KeyUsageKeyEncipherment,
		"dataEncipherment": x509.KeyUsageDataEncipherment,
		"keyAgreement":     x509.KeyUsageKeyAgreement,
	}
}

func (k KindProfile) keyUsage() (usage x509.KeyUsage, err error) {
	for _, name := range k.KeyUsage {
		bit, ok := keyUsages()[name]
		if !ok {
			return 0, fmt.Errorf("unknown key usage %q", name)
		}
		usage |= bit
	}
	if usage == 0 {
		return 0, errors.New("no key usage")
	}
	return usage, nil
}

// usageOf leaves out what a kind of key cannot do: ECDSA keys encipher nothing
// (RFC 8813), RSA keys agree on nothing (RFC 3279). A bign key does all of it.
func (k KindProfile) usageOf(public crypto.PublicKey) (x509.KeyUsage, error) {
	usage, err := k.keyUsage()
	switch public.(type) {
	case *ecdsa.PublicKey:
		usage &^= x509.KeyUsageKeyEncipherment | x509.KeyUsageDataEncipherment
	case *rsa.PublicKey:
		usage &^= x509.KeyUsageKeyAgreement
	}
	return usage, err
}

// ParseProfile reads a profile from JSON; unknown fields are errors, so that a
// misspelt one is noticed. Errors wrap ErrProfile.
func ParseProfile(data []byte) (Profile, error) {
	var p Profile
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&p); err != nil {
		return Profile{}, fmt.Errorf("%w: %w", ErrProfile, err)
	}
	if d.More() {
		return Profile{}, fmt.Errorf("%w: something follows the object", ErrProfile)
	}
	return p, p.Validate()
}

// Validate refuses profiles under which no sound certificate could be made.
func (p Profile) Validate() error {
	switch {
	case len(p.SubjectKeys) == 0:
		return fmt.Errorf("%w: no kind of subject keys", ErrProfile)
	case p.SerialOctets < minSerialOctets || p.SerialOctets > maxSerialOctets:
		return fmt.Errorf("%w: serial numbers of %d octets, want %d to %d", ErrProfile, p.SerialOctets, minSerialOctets, maxSerialOctets)
	case p.Text != TextBMP && p.Text != TextUTF8:
		return fmt.Errorf("%w: text %q, want bmp or utf8", ErrProfile, p.Text)
	case p.CRLHours < 1:
		return fmt.Errorf("%w: a revocation list holds at least an hour", ErrProfile)
	case len(p.CRLAddresses) == 0:
		return fmt.Errorf("%w: no address of the revocation list", ErrProfile)
	case len(p.Kinds) == 0:
		return fmt.Errorf("%w: no kind of applicant", ErrProfile)
	}
	for _, address := range p.addresses() {
		u, err := url.Parse(address)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" && u.Scheme != "ldap" {
			return fmt.Errorf("%w: address %q", ErrProfile, address)
		}
	}
	if err := p.validateLints(); err != nil {
		return err
	}
	for kind, k := range p.Kinds {
		if !slices.Contains([]order.Kind{order.KindIndividual, order.KindSoleProprietor, order.KindEmployee}, kind) {
			return fmt.Errorf("%w: unknown kind of applicant %q", ErrProfile, kind)
		}
		if err := k.validate(); err != nil {
			return fmt.Errorf("%w: %s: %w", ErrProfile, kind, err)
		}
	}
	return nil
}

func (p Profile) addresses() []string {
	all := slices.Clone(p.CRLAddresses)
	for _, optional := range []string{p.IssuerAddress, p.OCSPAddress} {
		if optional != "" {
			all = append(all, optional)
		}
	}
	return all
}

func (k KindProfile) validate() error {
	if _, err := k.keyUsage(); err != nil {
		return err
	}
	if len(k.SubjectAttributes) == 0 {
		return errors.New("no subject attributes")
	}
	for _, required := range k.RequiredAttributes {
		if !contains(k.SubjectAttributes, required.OID) {
			return fmt.Errorf("attribute %s is required and not allowed", required)
		}
	}
	for _, a := range append(slices.Clone(k.SubjectAttributes), k.RequiredAttributes...) {
		if _, known := pki.FieldOf(a.OID); !known {
			return fmt.Errorf("subject attribute %s is no field that is checked", a)
		}
	}
	for _, e := range k.SubjectExtensions {
		if _, known := pki.FieldOf(e.OID); !e.Equal(pki.OIDSubjectAltName) && (!known || !gosText(e.OID)) {
			return fmt.Errorf("extension %s carries no field that is checked", e)
		}
	}
	return nil
}

// gosText tells whether the identifier is in GosSUOK's tree of texts about the owner.
func gosText(oid pki.OID) bool {
	tree := pki.OID{1, 2, 112, 1, 2, 1, 1}
	if len(oid) <= len(tree)+1 || !oid[:len(tree)].Equal(tree) {
		return false
	}
	// 1.1 are numbers of persons and organisations, 5 is place of work; 1.2 and 1.3 are the CA's own.
	return oid[len(tree)] == 5 || oid[len(tree)] == 1 && (oid[len(tree)+1] == 1 || oid[len(tree)+1] == 4)
}

func contains(list []OID, oid pki.OID) bool {
	return slices.ContainsFunc(list, func(o OID) bool { return o.Equal(oid) })
}

// crlTerm is how long a revocation list holds.
func (p Profile) crlTerm() time.Duration { return time.Duration(p.CRLHours) * time.Hour }
