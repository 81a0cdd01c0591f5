package ca

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
	"github.com/remote-issuance/remote-issuance/internal/pki/der"
)

func issue(t *testing.T, a *Authority, app Application) *pki.Certificate {
	t.Helper()
	c, err := newService(t, newFakeBook(), a).Issue(t.Context(), app)
	require.NoError(t, err)
	parsed, err := pki.ParseCertificate(c.DER)
	require.NoError(t, err)
	require.NoError(t, parsed.CheckSignatureFrom(a.certificate))
	serial, err := SerialOf(parsed.SerialNumber)
	require.NoError(t, err)
	require.Equal(t, c.Serial, serial)
	require.Equal(t, c.NotBefore, parsed.NotBefore)
	require.Equal(t, c.NotAfter, parsed.NotAfter)
	return parsed
}

func TestI3_SubjectComesFromTheRequest(t *testing.T) {
	t.Parallel()
	for _, kind := range []alg.KeyAlgorithm{alg.KeyBign256, alg.KeyECDSAP256, alg.KeyRSA2048} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			issuer := alg.KeyECDSAP384
			if kind == alg.KeyBign256 {
				issuer = alg.KeyBign256
			}
			a := newAuthority(t, "x", issuer, kind)
			for _, app := range []Application{individual(t, kind), employee(t, kind)} {
				c := issue(t, a, app)
				require.Equal(t, app.Request.Subject(), c.Subject())
				require.True(t, alg.SameKey(app.Request.PublicKey, c.PublicKey))
				for _, attribute := range c.SubjectName.Attributes {
					require.NotEqual(t, der.BMPString, attribute.Encoding, "the profile says UTF8String")
				}
			}
		})
	}
}

func TestI3_ProfileDecidesTheExtensions(t *testing.T) {
	t.Parallel()
	a := newAuthority(t, "bign", alg.KeyBign256, alg.KeyBign256)
	belarusian, err := pki.NewName(der.UTF8String, pki.NameAttribute{Type: pki.OIDSurname, Value: "Тэстаў"})
	require.NoError(t, err)
	app := individual(t, alg.KeyBign256)
	app = app.of(newRequest(t, newKey(t, alg.KeyBign256), der.BMPString, individualName(),
		pki.DirectoryAltNameExtension(belarusian), pki.BasicConstraintsExtension(true, -1),
		pki.CRLDistributionExtension("http://elsewhere.example/")))
	c := issue(t, a, app)
	require.False(t, c.BasicConstraints.CA, "a request cannot ask to be a CA")
	require.True(t, c.BasicConstraints.Present)
	require.Equal(t, a.profile.CRLAddresses, c.CRLURLs)
	require.Equal(t, []string{a.profile.IssuerAddress}, c.IssuerURLs)
	require.Equal(t, []string{a.profile.OCSPAddress}, c.OCSP)
	require.Equal(t, "Тэстаў", c.AltNames[0].Get(pki.OIDSurname))
	require.Equal(t, a.certificate.SubjectKeyID, c.AuthorityKeyID)

	c = issue(t, a, employee(t, alg.KeyBign256))
	require.False(t, c.BasicConstraints.Present)
	require.Equal(t, "190000018", c.Subject().UNP)
	require.Equal(t, "Специалист", c.Subject().Position)
}

func TestI3_WhatTheProfileDoesNotAllowIsRefused(t *testing.T) {
	t.Parallel()
	a := newAuthority(t, "ecdsa", alg.KeyECDSAP256, alg.KeyECDSAP256)
	request := func(attributes []pki.NameAttribute, extensions ...pki.Extension) func(*Application) {
		return func(app *Application) {
			*app = app.of(newRequest(t, newKey(t, alg.KeyECDSAP256), der.UTF8String, attributes, extensions...))
		}
	}
	email := pki.Extension{OID: pki.OIDSubjectAltName, Value: []byte("\x30\x05\x81\x03a@b")}
	for name, spoil := range map[string]func(*Application){
		"attribute":          request(append(individualName(), pki.NameAttribute{Type: pki.OIDUnit, Value: "x"})),
		"missing attribute":  request(individualName()[1:]),
		"another subject":    func(app *Application) { app.Subject.Surname = "Тестова" },
		"a field more":       func(app *Application) { app.Subject.UNP = "190000018" },
		"a field less":       func(app *Application) { app.Subject.Email = "" },
		"control characters": request(append(individualName()[:5], pki.NameAttribute{Type: pki.OIDGivenName, Value: "a\x00b"})),
		"blank value":        request(append(individualName()[:5], pki.NameAttribute{Type: pki.OIDGivenName, Value: " "})),
		"alternative e-mail": request(individualName(), email),
		"kind of applicant":  func(app *Application) { app.Kind = "robot"; app.Years = 1 },
		"weaker proof":       func(app *Application) { app.Request.Signature[8] ^= 1 },
		"no request":         func(app *Application) { app.Request = nil },
		"no order":           func(app *Application) { app.OrderID = "" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			app := individual(t, alg.KeyECDSAP256)
			spoil(&app)
			_, err := a.Prepare(app)
			require.Error(t, err)
			require.NotContains(t, err.Error(), "Тестов")
			require.NotErrorIs(t, err, ErrLint)
		})
	}
}

func TestI3_TextOfTheRequestIsReadStrictly(t *testing.T) {
	t.Parallel()
	a := newAuthority(t, "ecdsa", alg.KeyECDSAP256, alg.KeyECDSAP256)
	for _, value := range [][]byte{nil, {0x1e}, []byte("\x0c\x01a\x00"), []byte("\x30\x00"), []byte("\x0c\x01\x01")} {
		app := employee(t, alg.KeyECDSAP256)
		app.Request.Extensions = []pki.Extension{{OID: pki.OIDUNP, Value: value}}
		_, err := a.Prepare(app)
		require.ErrorIs(t, err, ErrRefused)
	}
}

func TestI2_Validity(t *testing.T) {
	t.Parallel()
	at := func(s string) time.Time {
		v, err := time.Parse(time.RFC3339, s)
		require.NoError(t, err)
		return v.UTC()
	}
	for _, c := range []struct {
		name             string
		service          order.Service
		kind             order.Kind
		years            int
		requested, issue string
		from, to         string
	}{
		{"6.0.00 starts at the moment of issue", order.ServiceIndividual, order.KindIndividual, 3, "2026-05-01T00:00:00Z",
			"2026-03-02T09:30:15.9Z", "2026-03-02T09:30:15Z", "2029-03-01T23:59:59+03:00"},
		{"6.0.01 starts at the requested date", order.ServiceEmployee, order.KindEmployee, 2, "2026-03-12T00:00:00+03:00",
			"2026-03-02T09:30:15Z", "2026-03-11T21:00:00Z", "2028-03-11T23:59:59+03:00"},
		{"6.0.01 starts at the issue when that is later", order.ServiceEmployee, order.KindEmployee, 1, "2026-03-01T00:00:00Z",
			"2026-03-02T09:30:15Z", "2026-03-02T09:30:15Z", "2027-03-01T23:59:59+03:00"},
		{"the day is Minsk's", order.ServiceIndividual, order.KindIndividual, 1, "2026-03-02T00:00:00Z",
			"2026-03-02T22:30:00Z", "2026-03-02T22:30:00Z", "2027-03-02T23:59:59+03:00"},
		{"leap day", order.ServiceIndividual, order.KindSoleProprietor, 1, "2028-02-29T00:00:00Z",
			"2028-02-29T12:00:00Z", "2028-02-29T12:00:00Z", "2029-02-28T23:59:59+03:00"},
		{"to a leap day", order.ServiceIndividual, order.KindSoleProprietor, 1, "2027-03-01T00:00:00Z",
			"2027-03-01T12:00:00Z", "2027-03-01T12:00:00Z", "2028-02-29T23:59:59+03:00"},
		{"as the request file of AvPCM counts", order.ServiceEmployee, order.KindEmployee, 1, "2026-12-02T21:00:00Z",
			"2026-11-23T09:00:00Z", "2026-12-02T21:00:00Z", "2027-12-02T20:59:59Z"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			from, to, err := Validity(c.service, c.kind, c.years, at(c.requested), at(c.issue))
			require.NoError(t, err)
			require.Equal(t, at(c.from), from)
			require.Equal(t, at(c.to), to)
		})
	}
	for kind, years := range map[order.Kind]int{order.KindIndividual: 4, order.KindSoleProprietor: 3, order.KindEmployee: 0} {
		_, _, err := Validity(order.ServiceIndividual, kind, years, issueTime, issueTime)
		require.ErrorIs(t, err, ErrTerm)
	}
}

func TestPrepareIsPure(t *testing.T) {
	t.Parallel()
	a := newAuthority(t, "ecdsa", alg.KeyECDSAP256, alg.KeyECDSAP256)
	app := individual(t, alg.KeyECDSAP256)
	prepare := func() Prepared {
		a.random = zeros{}
		p, err := a.Prepare(app)
		require.NoError(t, err)
		return p
	}
	first := prepare()
	require.Equal(t, first, prepare())

	broken := errors.New("no entropy")
	a.random = iotest.ErrReader(broken)
	_, err := a.Prepare(app)
	require.ErrorIs(t, err, broken)
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestOpenSSLAcceptsTheCertificate(t *testing.T) {
	t.Parallel()
	a := newAuthority(t, "ecdsa", alg.KeyECDSAP384, alg.KeyECDSAP256, alg.KeyRSA2048)
	for _, app := range []Application{individual(t, alg.KeyECDSAP256), individual(t, alg.KeyRSA2048), employee(t, alg.KeyECDSAP256)} {
		c := issue(t, a, app)
		dir := t.TempDir()
		root, end := filepath.Join(dir, "root.pem"), filepath.Join(dir, "end.pem")
		require.NoError(t, os.WriteFile(root, pki.EncodeCertificates(a.certificate), 0o600))
		require.NoError(t, os.WriteFile(end, pki.EncodeCertificates(c), 0o600))
		out, err := exec.Command("openssl", "verify", "-x509_strict", "-purpose", "smimesign",
			"-attime", "1773792000", "-CAfile", root, end).CombinedOutput()
		require.NoError(t, err, string(out))
		out, err = exec.Command("openssl", "x509", "-in", end, "-noout", "-serial", "-enddate").CombinedOutput()
		require.NoError(t, err, string(out))
		require.Contains(t, string(out), "20:59:59")
	}
}
