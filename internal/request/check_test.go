package request_test

import (
	"crypto/rand"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
	"github.com/remote-issuance/remote-issuance/internal/pki/testca"
	"github.com/remote-issuance/remote-issuance/internal/request"
)

// bench is a person of a test CA with what a good first check needs.
type bench struct {
	profile testca.Profile
	subject order.Subject
	in      request.Input
}

func setup(t *testing.T, p testca.Profile, s order.Subject, service order.Service) *bench {
	t.Helper()
	ca, err := testca.New(testca.Options{Algorithm: alg.KeyECDSAP256, From: reference.AddDate(-1, 0, 0)})
	require.NoError(t, err)
	key, err := alg.GenerateKey(alg.KeyECDSAP256, rand.Reader)
	require.NoError(t, err)
	cert, err := ca.Issue(p, s, key.Public(), reference.AddDate(-1, 0, 0), reference.AddDate(1, 0, 0))
	require.NoError(t, err)
	return &bench{p, s, request.Input{Current: cert, Service: service, Now: reference, Policy: order.DefaultPolicy()}}
}

// check makes a request for the bench's subject with the period and checks it.
func (b *bench) check(t *testing.T, kind alg.KeyAlgorithm, v *pki.Validity) request.Result {
	t.Helper()
	key, err := alg.GenerateKey(kind, rand.Reader)
	require.NoError(t, err)
	r, err := b.profile.Request(b.subject, key, v)
	require.NoError(t, err)
	b.in.File = r.Raw
	return request.Check(b.in)
}

func find(t *testing.T, r order.Report, code order.CheckCode) order.Check {
	t.Helper()
	for _, c := range r {
		if c.Code == code {
			return c
		}
	}
	require.Fail(t, "no such check", code)
	return order.Check{}
}

func minsk(day string) time.Time {
	at, err := time.ParseInLocation("2006-01-02 15:04:05", day, order.Minsk())
	if err != nil {
		panic(err)
	}
	return at
}

func TestS5_StartDateIsTheRulesDay(t *testing.T) {
	for name, c := range map[string]struct {
		service order.Service
		now     string
		start   string
		want    order.Verdict
	}{
		"individual today":             {order.ServiceIndividual, "2026-11-23 00:00:00", "2026-11-23 23:59:59", order.VerdictPassed},
		"individual yesterday":         {order.ServiceIndividual, "2026-11-23 00:00:00", "2026-11-22 23:59:59", order.VerdictFailed},
		"individual tomorrow":          {order.ServiceIndividual, "2026-11-23 23:59:59", "2026-11-24 00:00:00", order.VerdictFailed},
		"employee tenth day":           {order.ServiceEmployee, "2026-11-23 12:00:00", "2026-12-03 00:00:00", order.VerdictPassed},
		"employee tenth day at night":  {order.ServiceEmployee, "2026-11-23 23:59:59", "2026-12-03 00:00:00", order.VerdictPassed},
		"employee ninth day":           {order.ServiceEmployee, "2026-11-23 12:00:00", "2026-12-02 23:59:59", order.VerdictFailed},
		"employee eleventh day":        {order.ServiceEmployee, "2026-11-23 12:00:00", "2026-12-04 00:00:00", order.VerdictFailed},
		"employee today":               {order.ServiceEmployee, "2026-11-23 12:00:00", "2026-11-23 12:00:00", order.VerdictFailed},
		"employee across the new year": {order.ServiceEmployee, "2026-12-25 00:00:00", "2027-01-04 00:00:00", order.VerdictPassed},
	} {
		t.Run(name, func(t *testing.T) {
			b := setup(t, testca.ProfileIndividual, testca.SampleIndividual(), c.service)
			b.in.Now = minsk(c.now)
			start := minsk(c.start)
			got := b.check(t, alg.KeyECDSAP256, &pki.Validity{NotBefore: start, NotAfter: start.AddDate(1, 0, 0)})
			check := find(t, got.Report, order.CheckStart)
			require.Equal(t, c.want, check.Verdict)
			require.Equal(t, order.DateOf(start), got.RequestedStart)
			require.Equal(t, order.DateOf(start).String(), check.Found)
		})
	}
}

func TestS5_WithoutAPeriodTheRulesDayCounts(t *testing.T) {
	b := setup(t, testca.ProfileName, testca.SampleEmployee(), order.ServiceEmployee)
	b.in.Years = 2
	got := b.check(t, alg.KeyECDSAP256, nil)
	require.True(t, got.Report.Passed())
	require.Equal(t, "2026-12-03", got.RequestedStart.String())
	require.Equal(t, 2, got.Years)
}

func TestS6_TermIsWholeYearsOfTheKind(t *testing.T) {
	const start = "2026-11-23 00:00:00"
	for name, c := range map[string]struct {
		kind       order.Kind
		start, end string
		form       int
		years      int
		cause      string
	}{
		"one year":                 {"", start, "2027-11-23 00:00:00", 0, 1, ""},
		"less a second":            {"", start, "2027-11-22 23:59:59", 0, 1, ""},
		"less a day":               {"", start, "2027-11-22 00:00:00", 0, 1, ""},
		"three years":              {"", start, "2029-11-22 23:59:59", 0, 3, ""},
		"four years":               {"", start, "2030-11-22 23:59:59", 0, 0, request.CauseNotAllowed},
		"proprietor two years":     {order.KindSoleProprietor, start, "2028-11-22 23:59:59", 0, 2, ""},
		"proprietor three years":   {order.KindSoleProprietor, start, "2029-11-22 23:59:59", 0, 0, request.CauseNotAllowed},
		"employee three years":     {order.KindEmployee, start, "2029-11-22 23:59:59", 0, 0, request.CauseNotAllowed},
		"half a year":              {"", start, "2027-05-23 00:00:00", 0, 0, request.CauseNotWholeYears},
		"a day":                    {"", start, "2026-11-24 00:00:00", 0, 0, request.CauseNotWholeYears},
		"a year and a day":         {"", start, "2027-11-24 00:00:00", 0, 0, request.CauseNotWholeYears},
		"a year less two days":     {"", start, "2027-11-21 23:59:59", 0, 0, request.CauseNotWholeYears},
		"as in the form":           {"", start, "2028-11-22 23:59:59", 2, 2, ""},
		"other than the form":      {"", start, "2028-11-22 23:59:59", 1, 0, request.CauseFormDiffers},
		"from the leap day":        {"", "2028-02-29 00:00:00", "2029-02-28 23:59:59", 0, 1, ""},
		"to the end of the year":   {"", "2027-01-01 00:00:00", "2027-12-31 23:59:59", 0, 1, ""},
		"neither in file nor form": {"", "", "", 0, 0, request.CauseMissing},
		"form only":                {"", "", "", 3, 3, ""},
		"form only, too long":      {"", "", "", 4, 0, request.CauseNotAllowed},
	} {
		t.Run(name, func(t *testing.T) {
			b := setup(t, testca.ProfileIndividual, testca.SampleIndividual(), order.ServiceIndividual)
			b.in.Kind, b.in.Years = c.kind, c.form
			var v *pki.Validity
			if c.start != "" {
				v = &pki.Validity{NotBefore: minsk(c.start), NotAfter: minsk(c.end)}
			}
			got := b.check(t, alg.KeyECDSAP256, v)
			require.Equal(t, c.cause, find(t, got.Report, order.CheckTerm).Cause)
			require.Equal(t, c.years, got.Years)
		})
	}
}

func TestS3_KeysNotAllowedAreNamed(t *testing.T) {
	b := setup(t, testca.ProfileName, testca.SampleEmployee(), order.ServiceEmployee)
	b.in.Years, b.in.Allowed = 1, []alg.KeyAlgorithm{alg.KeyBign256, alg.KeyBign384}
	got := b.check(t, alg.KeyECDSAP256, nil)
	check := find(t, got.Report, order.CheckKeyAlgorithm)
	require.Equal(t, order.VerdictFailed, check.Verdict)
	require.Equal(t, "ecdsa-p256", check.Found)
	require.Equal(t, "bign-curve256v1, bign-curve384v1", check.Expected)
	require.True(t, b.check(t, alg.KeyBign384, nil).Report.Passed())
}

func TestS3_FileThatIsNoRequestHasOneReason(t *testing.T) {
	b := setup(t, testca.ProfileName, testca.SampleEmployee(), order.ServiceEmployee)
	b.in.File = []byte("text")
	require.Equal(t, []failure{{order.CheckFile, order.FieldNone, "not-a-request"}}, failures(request.Check(b.in).Report))
	b.in.Current, b.in.File = nil, file(t, "req/emp1-ok.req")
	require.Contains(t, failures(request.Check(b.in).Report), failure{order.CheckCertificate, order.FieldNone, request.CauseMissing})
	require.Equal(t, []failure{{order.CheckCertificate, order.FieldNone, request.CauseMissing}}, failures(request.Verify(b.in, validator(t)).Report))
}

func TestS3_EnvelopeOfAnotherCertificateIsRefused(t *testing.T) {
	in := employee(t, "req/emp1-ok-in-cms.p7")
	in.Current = certificate(t, "mgr1.cer")
	require.Contains(t, failures(request.Check(in).Report), failure{order.CheckFile, order.FieldNone, request.CauseOtherSigner})
}

func TestA2_IDCardIsRefused(t *testing.T) {
	s := testca.SampleIndividual()
	s.PersonalNumber = "IDCBY-" + s.PersonalNumber
	b := setup(t, testca.ProfileIndividual, s, order.ServiceIndividual)
	b.in.Years = 1
	got := b.check(t, alg.KeyECDSAP256, nil)
	require.Equal(t, []failure{{order.CheckIDCard, order.FieldNone, request.CauseIDCard}}, failures(got.Report))
}
