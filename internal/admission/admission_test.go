package admission_test

import (
	"crypto"
	"crypto/rand"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/admission"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
	"github.com/remote-issuance/remote-issuance/internal/pki/fault"
	"github.com/remote-issuance/remote-issuance/internal/pki/path"
	"github.com/remote-issuance/remote-issuance/internal/pki/testca"
)

var now = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

const employer = order.UNP("190000018")

// authority is a CA with one key for all the persons of a test.
type authority struct {
	*testca.CA
	key crypto.Signer
}

func newAuthority(t *testing.T) authority {
	t.Helper()
	ca, err := testca.New(testca.Options{Algorithm: alg.KeyECDSAP256, From: now.AddDate(-1, 0, 0)})
	require.NoError(t, err)
	key, err := alg.GenerateKey(alg.KeyECDSAP256, rand.Reader)
	require.NoError(t, err)
	return authority{ca, key}
}

// certificate is one that lasts from yesterday for a year.
func (a authority) certificate(t *testing.T, p testca.Profile, s order.Subject) *pki.Certificate {
	t.Helper()
	return a.between(t, p, s, now.AddDate(0, 0, -1), now.AddDate(1, 0, 0))
}

func (a authority) between(t *testing.T, p testca.Profile, s order.Subject, from, to time.Time) *pki.Certificate {
	t.Helper()
	cert, err := a.Issue(p, s, a.key.Public(), from, to)
	require.NoError(t, err)
	return cert
}

// validator trusts the CA and knows its lists.
func (a authority) validator(t *testing.T, revoked ...pki.Revoked) *path.Validator {
	t.Helper()
	trust := a.Trust()
	issuing, err := a.CRL(now, revoked...)
	require.NoError(t, err)
	root, err := a.RootCRL(now)
	require.NoError(t, err)
	trust.CRLs = []*pki.CRL{issuing, root}
	return path.NewValidator(trust, path.Options{})
}

func TestA1_TheCertificateHasToBeInForce(t *testing.T) {
	ca, stranger := newAuthority(t), newAuthority(t)
	employee := testca.SampleEmployee()
	good := ca.certificate(t, testca.ProfileExtensions, employee)
	for _, c := range []struct {
		name    string
		cert    *pki.Certificate
		at      time.Time
		revoked []pki.Revoked
		cause   fault.Code
	}{
		{"good", good, now, nil, ""},
		{"expired", ca.between(t, testca.ProfileExtensions, employee, now.AddDate(0, -6, 0), now.Add(-time.Second)), now, nil, fault.Expired},
		{"not begun", ca.between(t, testca.ProfileExtensions, employee, now.Add(time.Second), now.AddDate(1, 0, 0)), now, nil, fault.NotYetValid},
		{"revoked", good, now, []pki.Revoked{{SerialNumber: good.SerialNumber, At: now, Reason: pki.ReasonSuperseded}}, fault.Revoked},
		{"of another authority", stranger.certificate(t, testca.ProfileExtensions, employee), now, nil, fault.UnknownIssuer},
		{"revocation not known any more", good, now.AddDate(0, 2, 0), nil, fault.CRLStale},
	} {
		t.Run(c.name, func(t *testing.T) {
			report := admission.Check(ca.validator(t, c.revoked...), admission.Applicant{
				Service: order.ServiceEmployee, Certificate: c.cert, UNP: employer,
			}, c.at)
			require.Equal(t, c.cause == "", report.Passed())
			require.Equal(t, order.CheckCertificate, report[0].Code)
			require.Equal(t, string(c.cause), report[0].Cause)
			require.Equal(t, []order.CheckCode{order.CheckCertificate, order.CheckIDCard, order.CheckOrganisation, order.CheckService}, codes(report))
		})
	}
}

type brokenValidator struct{}

func (brokenValidator) Validate(*pki.Certificate, time.Time, ...*pki.Certificate) ([]*pki.Certificate, error) {
	return nil, errors.New("no code at all")
}

func TestA1_AnErrorWithoutACodeStillRefuses(t *testing.T) {
	cert := newAuthority(t).certificate(t, testca.ProfileIndividual, testca.SampleIndividual())
	got := admission.Certificate(brokenValidator{}, cert, now)
	require.Equal(t, order.Check{Code: order.CheckCertificate, Verdict: order.VerdictFailed, Cause: admission.CauseUnreadable}, got)
}

func TestA2_CertificatesOnIDCardsAreRefused(t *testing.T) {
	ca := newAuthority(t)
	for number, onCard := range map[string]bool{
		"IDCBY-3010190A001PB9": true, "idcby-3010190A001PB9": true, "3010190A001PB9": false, "": false, "X-IDCBY-1": false,
	} {
		person := testca.SampleIndividual()
		person.PersonalNumber = number
		cert := ca.certificate(t, testca.ProfileIndividual, person)
		report := admission.Check(ca.validator(t), admission.Applicant{Service: order.ServiceIndividual, Certificate: cert}, now)
		require.Equal(t, !onCard, report.Passed(), number)
		if onCard {
			require.Equal(t, order.Report{{Code: order.CheckIDCard, Verdict: order.VerdictFailed, Cause: admission.CauseIDCard}}, report.Failed())
		}
	}
}

func TestA3_RepresentativesOrderNothingForIndividuals(t *testing.T) {
	ca := newAuthority(t)
	individual := ca.certificate(t, testca.ProfileIndividual, testca.SampleIndividual())
	employee := ca.certificate(t, testca.ProfileName, testca.SampleEmployee())
	for _, c := range []struct {
		name      string
		applicant admission.Applicant
		failed    order.Report
	}{
		{"individual", admission.Applicant{Service: order.ServiceIndividual, Certificate: individual}, nil},
		{"representative", admission.Applicant{Service: order.ServiceIndividual, Certificate: individual, Representative: true}, order.Report{
			{Code: order.CheckRepresentative, Verdict: order.VerdictFailed, Cause: admission.CauseRepresentative},
		}},
		{"employee, who represents an organisation", admission.Applicant{
			Service: order.ServiceEmployee, Certificate: employee, UNP: employer, Representative: true,
		}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			require.Equal(t, c.failed, admission.Check(ca.validator(t), c.applicant, now).Failed())
		})
	}
}

func TestA1_TheCertificateNamesTheOrganisationChosen(t *testing.T) {
	ca := newAuthority(t)
	for _, c := range []struct {
		name, certificate string
		chosen            order.UNP
		passed            bool
	}{
		{"the same", "190000018", employer, true},
		{"another", "190000020", employer, false},
		{"none in the certificate", "", employer, false},
		{"none chosen", "190000018", "", false},
		{"neither", "", "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			subject := testca.SampleEmployee()
			subject.UNP = c.certificate
			report := admission.Check(ca.validator(t), admission.Applicant{
				Service: order.ServiceEmployee, Certificate: ca.certificate(t, testca.ProfileExtensions, subject), UNP: c.chosen,
			}, now)
			want := order.Check{
				Code: order.CheckOrganisation, Verdict: order.VerdictPassed, Field: order.FieldUNP, Found: c.certificate, Expected: string(c.chosen),
			}
			if !c.passed {
				want.Verdict, want.Cause = order.VerdictFailed, admission.CauseOtherUNP
			}
			require.Equal(t, want, report[2])
			require.Equal(t, c.passed, report.Passed())
		})
	}
}

func TestA1d_WhoeverTakesTheWrongServiceIsToldTheRightOne(t *testing.T) {
	ca := newAuthority(t)
	individual, employee := testca.SampleIndividual(), testca.SampleEmployee()
	proprietor := employee
	proprietor.Organisation = "ИП Образцова В.П."
	foreigner := individual
	foreigner.Country = "RU"
	for _, c := range []struct {
		name    string
		profile testca.Profile
		subject order.Subject
		service order.Service
		unp     order.UNP
		reason  admission.Reason
	}{
		{"individual", testca.ProfileIndividual, individual, order.ServiceIndividual, "", admission.ReasonNone},
		{"individual at 6.0.01", testca.ProfileIndividual, individual, order.ServiceEmployee, employer, admission.ReasonOrderIndividual},
		{"employee", testca.ProfileExtensions, employee, order.ServiceEmployee, employer, admission.ReasonNone},
		{"employee at 6.0.00", testca.ProfileExtensions, employee, order.ServiceIndividual, "", admission.ReasonOrderEmployee},
		{"employee at 6.0.00 with a token of the organisation", testca.ProfileName, employee, order.ServiceIndividual, employer, admission.ReasonOrderEmployee},
		{"sole proprietor", testca.ProfileExtensions, proprietor, order.ServiceIndividual, employer, admission.ReasonNone},
		{"sole proprietor at 6.0.01", testca.ProfileExtensions, proprietor, order.ServiceEmployee, employer, admission.ReasonOrderIndividual},
		{"no resident", testca.ProfileIndividual, foreigner, order.ServiceIndividual, "", admission.ReasonResident},
	} {
		t.Run(c.name, func(t *testing.T) {
			report := admission.Check(ca.validator(t), admission.Applicant{
				Service: c.service, Certificate: ca.certificate(t, c.profile, c.subject), UNP: c.unp,
			}, now)
			require.Equal(t, c.reason == admission.ReasonNone, report.Passed())
			require.Equal(t, c.reason, admission.ReasonOf(report))
		})
	}
}

func TestA1d_WhatCannotBeReadIsNotAbsent(t *testing.T) {
	ca := newAuthority(t)
	cert := *ca.certificate(t, testca.ProfileIndividual, testca.SampleIndividual())
	kind, ok := admission.KindOf(&cert)
	require.True(t, ok)
	require.Equal(t, order.KindIndividual, kind)
	cert.Extensions = append(cert.Extensions, pki.Extension{OID: pki.OIDUNP, Value: []byte("\x1b\x09190000018")})
	_, ok = admission.KindOf(&cert)
	require.False(t, ok)
	report := admission.Check(ca.validator(t), admission.Applicant{Service: order.ServiceIndividual, Certificate: &cert}, now)
	require.Equal(t, order.Report{{Code: order.CheckService, Verdict: order.VerdictFailed, Cause: admission.CauseUnreadable}}, report.Failed()[len(report.Failed())-1:])
}

func TestA4_A5_ReasonsAreTheirOwn(t *testing.T) {
	for code, want := range map[order.CheckCode]admission.Reason{
		order.CheckContract: admission.ReasonContract, order.CheckResident: admission.ReasonResident,
		order.CheckCertificate: admission.ReasonNotInForce, order.CheckPerson: admission.ReasonOther,
		order.CheckIDCard: admission.ReasonIDCard, order.CheckRepresentative: admission.ReasonRepresentative,
	} {
		differs := order.Check{Code: order.CheckPerson, Verdict: order.VerdictFailed}
		require.Equal(t, want, admission.ReasonOf(order.Report{differs, {Code: code, Verdict: order.VerdictFailed}}), code)
	}
	require.Equal(t, admission.ReasonNone, admission.ReasonOf(nil))
}

func codes(report order.Report) []order.CheckCode {
	var out []order.CheckCode
	for _, c := range report {
		out = append(out, c.Code)
	}
	return out
}
