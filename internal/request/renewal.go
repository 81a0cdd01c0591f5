package request

import (
	"time"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/der"
)

// Renewal makes the template of a request that says what a certificate says:
// the same name, and the extensions that carry personal number, UNP, position
// and unit. A position that is not empty takes the place of the present one,
// where the certificate has it.
func Renewal(cert *pki.Certificate, position string) (pki.RequestTemplate, error) {
	attributes := append([]pki.NameAttribute{}, cert.SubjectName.Attributes...)
	replaced := position == ""
	for i, a := range attributes {
		if !replaced && (a.Type.Equal(pki.OIDPosition) || a.Type.Equal(pki.OIDTitle)) {
			attributes[i].Value, replaced = position, true
		}
	}
	var t pki.RequestTemplate
	for _, oid := range []pki.OID{pki.OIDPersonalNumber, pki.OIDUNP, pki.OIDPosition, pki.OIDGosUnit} {
		value, ok := cert.Extension(oid)
		if !ok {
			continue
		}
		e := pki.Extension{OID: oid, Value: value}
		if oid.Equal(pki.OIDPosition) && !replaced {
			var err error
			if e, err = pki.TextExtension(oid, der.BMPString, position); err != nil {
				return t, err
			}
			replaced = true
		}
		t.Extensions = append(t.Extensions, e)
	}
	if !replaced {
		attributes = append(attributes, pki.NameAttribute{Type: pki.OIDTitle, Value: position})
	}
	var err error
	t.Subject, err = pki.NewName(der.UTF8String, attributes...)
	return t, err
}

// Period is the validity to ask for: from the beginning of a day in Minsk to
// the last second of the day before the anniversary.
func Period(start order.Date, years int) *pki.Validity {
	from := time.Date(start.Year, start.Month, start.Day, 0, 0, 0, 0, order.Minsk())
	to := time.Date(start.Year+years, start.Month, start.Day, 0, 0, 0, 0, order.Minsk()).Add(-time.Second)
	return &pki.Validity{NotBefore: from, NotAfter: to}
}

// StartOf is the day on which a certificate of the service may be asked to
// start when the request is uploaded now (S5).
func StartOf(service order.Service, policy order.Policy, now time.Time) order.Date {
	return Input{Service: service, Policy: policy, Now: now}.expectedStart()
}
