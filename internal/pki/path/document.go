package path

import (
	"time"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/cms"
)

// Document is a signed document whose signature, signer and path are verified.
type Document struct {
	cms.Signature
	// Chain leads from the signer's certificate to a trusted root.
	Chain []*pki.Certificate
	// Organisations are what the signer's valid attribute certificates say.
	Organisations []order.Subject
	// AttributeErrors tell why attribute certificates of the signer do not count.
	AttributeErrors []error
}

// Subject is the signer with their organisation: as the certificate names it,
// or for a certificate that names none as the first valid attribute
// certificate with a UNP does.
func (d *Document) Subject() order.Subject { return d.SubjectFor("") }

// SubjectFor is the signer with the organisation of a UNP, if an attribute
// certificate names that one: the owner of an ID card may have several.
func (d *Document) SubjectFor(unp order.UNP) order.Subject {
	read := d.Signer.Read()
	s := read.Subject
	if read.Says(order.FieldUNP) {
		return s
	}
	var named *order.Subject
	for i := range d.Organisations {
		o := &d.Organisations[i]
		if o.UNP != "" && (named == nil || o.UNP == string(unp) && named.UNP != string(unp)) {
			named = o
		}
	}
	if named != nil {
		s.UNP, s.Organisation, s.Unit, s.Position = named.UNP, named.Organisation, named.Unit, named.Position
	}
	return s
}

// SpeaksFor tells whether the signer signs for the organisation of a UNP, by
// the certificate or by a valid attribute certificate.
func (d *Document) SpeaksFor(unp order.UNP) bool {
	return unp != "" && d.SubjectFor(unp).UNP == string(unp)
}

// VerifyDocument checks everything about a signed document: the one signature
// over exactly the content (nil for an attached one), the signer's path and
// revocation at the instant, and the attribute certificates that come along.
// Certificates that the message leaves out are looked for among the candidates.
func (v *Validator) VerifyDocument(file, content []byte, at time.Time, candidates ...*pki.Certificate) (*Document, error) {
	sd, err := cms.ReadSignedData(file)
	if err != nil {
		return nil, err
	}
	signature, err := sd.Verify(content, candidates...)
	if err != nil {
		return nil, err
	}
	chain, err := v.Validate(signature.Signer, at, append(sd.Certificates, candidates...)...)
	if err != nil {
		return nil, err
	}
	if err := MaySignDocuments(signature.Signer, at); err != nil {
		return nil, err
	}
	d := &Document{Signature: *signature, Chain: chain}
	for _, a := range signature.AttributeCertificates {
		if err := v.ValidateAttribute(a, signature.Signer, at); err != nil {
			d.AttributeErrors = append(d.AttributeErrors, err)
			continue
		}
		d.Organisations = append(d.Organisations, a.Subject())
	}
	return d, nil
}
