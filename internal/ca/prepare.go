package ca

import (
	"fmt"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
)

// Prepare makes the to-be-signed bytes of a certificate and checks them
// against the profile, RFC 5280 and, where it applies, zlint's rules. It
// touches nothing but the random source. ErrRefused or ErrTerm for an
// application the profile does not allow.
func (a *Authority) Prepare(app Application) (Prepared, error) {
	if err := app.validate(); err != nil {
		return Prepared{}, err
	}
	k, ok := a.profile.Kinds[app.Kind]
	if !ok {
		return Prepared{}, fmt.Errorf("%w: issuer %s does not serve %s", ErrRefused, a.name, app.Kind)
	}
	serial, err := NewSerial(a.random, a.profile.SerialOctets)
	if err != nil {
		return Prepared{}, err
	}
	template, err := a.template(k, app, serial)
	if err != nil {
		return Prepared{}, err
	}
	tbs, err := pki.BuildTBS(template, pki.IssuerOf(a.certificate))
	if err != nil {
		return Prepared{}, fmt.Errorf("prepare certificate: %w", err)
	}
	if err := a.lint(tbs, k, app); err != nil {
		return Prepared{}, err
	}
	return Prepared{
		OrderID: app.OrderID, Issuer: a.name, Serial: serial, TBS: tbs, Algorithm: a.algorithm.Raw,
		KeyID: app.keyID(), NotBefore: template.NotBefore, NotAfter: template.NotAfter,
	}, nil
}

func (a *Authority) template(k KindProfile, app Application, serial Serial) (pki.Template, error) {
	from, to, err := Validity(app.Service, app.Kind, app.Years, app.RequestedStart, app.Now)
	if err != nil {
		return pki.Template{}, err
	}
	subject := app.Subject
	if !app.Request.Read().Says(order.FieldBelarusianName) && !contains(k.SubjectExtensions, pki.OIDSubjectAltName) {
		// Nobody asked for it, and this profile has no place for it.
		subject.BelarusianName = ""
	}
	written, err := a.profile.encode(app.Kind, k, subject)
	if err != nil {
		return pki.Template{}, err
	}
	own, err := a.extensions(k, app)
	if err != nil {
		return pki.Template{}, err
	}
	return pki.Template{
		SerialNumber: serial.Int(), Subject: written.name, NotBefore: from, NotAfter: to,
		PublicKey: app.Request.PublicKey, Extensions: append(own, written.extensions...),
	}, nil
}

// extensions are those that the issuer itself decides about.
func (a *Authority) extensions(k KindProfile, app Application) ([]pki.Extension, error) {
	keyID, err := alg.SubjectKeyID(app.Request.PublicKey)
	if err != nil {
		return nil, err
	}
	usage, err := k.usageOf(app.Request.PublicKey)
	if err != nil {
		return nil, err
	}
	p := a.profile
	out := []pki.Extension{
		pki.SubjectKeyIDExtension(keyID), pki.AuthorityKeyIDExtension(a.certificate.SubjectKeyID),
	}
	if k.BasicConstraints {
		out = append(out, pki.BasicConstraintsExtension(false, -1))
	}
	out = append(out, pki.KeyUsageExtension(usage))
	if len(k.ExtendedKeyUsage) > 0 {
		out = append(out, pki.ExtKeyUsageExtension(plain(k.ExtendedKeyUsage)...))
	}
	if len(k.Policies) > 0 {
		out = append(out, pki.PoliciesExtension(plain(k.Policies)...))
	}
	out = append(out, pki.CRLDistributionExtension(p.CRLAddresses...))
	if p.IssuerAddress != "" || p.OCSPAddress != "" {
		out = append(out, pki.AuthorityInfoExtension(p.IssuerAddress, p.OCSPAddress))
	}
	return out, nil
}

func plain(list []OID) []pki.OID {
	out := make([]pki.OID, len(list))
	for i, o := range list {
		out[i] = o.OID
	}
	return out
}
