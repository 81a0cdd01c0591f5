package bpki_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/bpki"
	"github.com/remote-issuance/remote-issuance/internal/pki/testca"
	"github.com/remote-issuance/remote-issuance/internal/request"
	"github.com/remote-issuance/remote-issuance/internal/stb/bign"
)

// present is a certificate as both packages read it.
type present struct {
	light *bpki.Certificate
	whole *pki.Certificate
}

func read(t testing.TB, der []byte) present {
	t.Helper()
	light, err := bpki.ParseCertificate(der)
	require.NoError(t, err)
	whole, err := pki.ParseCertificate(der)
	require.NoError(t, err)
	return present{light, whole}
}

// people are the certificates that an independent program made, and those of the
// test CA in every profile.
func people(t testing.TB) map[string]present {
	t.Helper()
	all := map[string]present{}
	for _, name := range []string{"emp1", "emp2", "ind1", "mgr1"} {
		der, err := os.ReadFile("../../request/testdata/" + name + ".cer")
		require.NoError(t, err)
		all[name] = read(t, der)
	}
	ca, err := testca.New(testca.Options{Algorithm: pki.KeyBign256, From: now.AddDate(-1, 0, 0)})
	require.NoError(t, err)
	for name, p := range map[string]testca.Profile{
		"extensions": testca.ProfileExtensions, "name": testca.ProfileName, "individual": testca.ProfileIndividual,
	} {
		all[name] = read(t, issue(t, ca, p, newKey(t, bign.Curve256v1())).Raw)
	}
	return all
}

// check makes the first check of a request and the service's answer.
func check(p present, csr []byte, service order.Service) request.Result {
	return request.Check(request.Input{File: csr, Current: p.whole, Service: service, Now: now, Policy: order.DefaultPolicy()})
}

func service(name string) (order.Service, int) {
	if strings.HasPrefix(name, "ind") {
		return order.ServiceIndividual, 0
	}
	return order.ServiceEmployee, order.DefaultPolicy().StartAfterDays
}

func TestS4_RenewalSaysWhatTheCertificateSays(t *testing.T) {
	for name, p := range people(t) {
		for _, c := range curves() {
			service, days := service(name)
			from, to := bpki.RenewalPeriod(now, days, 1)
			csr, err := bpki.Renewal{NotBefore: from, NotAfter: to}.Request(p.light, newKey(t, c))
			require.NoError(t, err)
			got := check(p, csr, service)
			require.True(t, got.Report.Passed(), "%s: %v", name, got.Report.Failed())
			require.Empty(t, got.Changed)
			require.Equal(t, p.light.Subject, got.Request.SubjectName.Raw)
			require.Equal(t, 1, got.Years)
		}
	}
}

func TestS4_PositionAndUnitMayChange(t *testing.T) {
	for name, p := range people(t) {
		service, days := service(name)
		if service == order.ServiceIndividual {
			continue
		}
		from, to := bpki.RenewalPeriod(now, days, 2)
		r := bpki.Renewal{Position: "Главный ў 2", Unit: "Отдел № 1", NotBefore: from, NotAfter: to, Challenge: &bpki.Challenge{Info: "12345"}}
		csr, err := r.Request(p.light, newKey(t, bign.Curve256v1()))
		require.NoError(t, err)
		got := check(p, csr, service)
		require.NotNil(t, got.Request, name)
		require.Equal(t, "Главный ў 2", got.Subject.Position, name)
		require.Equal(t, "Отдел № 1", got.Subject.Unit, name)
		require.Contains(t, got.Changed, order.FieldPosition)
		for _, failed := range got.Report.Failed() {
			require.Equal(t, order.FieldUnit, failed.Field, "%s: %v", name, failed)
		}
		r.Unit = ""
		csr, err = r.Request(p.light, newKey(t, bign.Curve256v1()))
		require.NoError(t, err)
		got = check(p, csr, service)
		require.True(t, got.Report.Passed(), "%s: %v", name, got.Report.Failed())
		require.Equal(t, []order.Field{order.FieldPosition}, got.Changed)
	}
}

func TestS4_TextsThatNoNameHas(t *testing.T) {
	p := people(t)["emp1"]
	from, to := bpki.RenewalPeriod(now, 10, 1)
	key := newKey(t, bign.Curve256v1())
	for _, text := range []string{"a\x00b", "\xFF", "a\nb", strings.Repeat("ж", 256), strings.Repeat("a", 1<<16)} {
		_, err := bpki.Renewal{Position: text, NotBefore: from, NotAfter: to}.Request(p.light, key)
		require.ErrorIs(t, err, bpki.ErrMalformed)
		_, err = bpki.Renewal{Unit: text, NotBefore: from, NotAfter: to}.Request(p.light, key)
		require.ErrorIs(t, err, bpki.ErrMalformed)
	}
	// What BMPString cannot hold goes into UTF8String.
	csr, err := bpki.Renewal{Position: "𝄞", NotBefore: from, NotAfter: to}.Request(p.light, key)
	require.NoError(t, err)
	require.Equal(t, "𝄞", check(p, csr, order.ServiceEmployee).Subject.Position)
	_, err = bpki.Renewal{NotBefore: to, NotAfter: from}.Request(p.light, key)
	require.ErrorIs(t, err, bpki.ErrMalformed)
	_, err = bpki.Renewal{NotBefore: from, NotAfter: to, Challenge: &bpki.Challenge{}}.Request(p.light, key)
	require.ErrorIs(t, err, bpki.ErrMalformed)
}

func TestS3_RenewalWantsANewKey(t *testing.T) {
	h := holder(t, bign.Curve256v1())
	from, to := bpki.RenewalPeriod(now, 10, 1)
	_, err := bpki.Renewal{NotBefore: from, NotAfter: to}.Request(h.Certificate, h.Key)
	require.ErrorIs(t, err, bpki.ErrMismatch)
}

func TestS5_PeriodIsThatOfTheService(t *testing.T) {
	policy := order.DefaultPolicy()
	rapid.Check(t, func(t *rapid.T) {
		at := time.Unix(rapid.Int64Range(1_700_000_000, 2_200_000_000).Draw(t, "now"), 0)
		years := rapid.IntRange(1, 3).Draw(t, "years")
		for service, days := range map[order.Service]int{order.ServiceIndividual: 0, order.ServiceEmployee: policy.StartAfterDays} {
			want := request.Period(request.StartOf(service, policy, at), years)
			from, to := bpki.RenewalPeriod(at, days, years)
			require.True(t, want.NotBefore.Equal(from), "%v, not %v", from, want.NotBefore)
			require.True(t, want.NotAfter.Equal(to), "%v, not %v", to, want.NotAfter)
		}
	})
}

func TestSTB78_CertificatesOfOtherKeysAreRefused(t *testing.T) {
	ca, err := testca.New(testca.Options{Algorithm: pki.KeyECDSAP256, From: now.AddDate(-1, 0, 0)})
	require.NoError(t, err)
	_, err = bpki.ParseCertificate(ca.Chain()[0].Raw)
	require.ErrorIs(t, err, bpki.ErrAlgorithm)
	good := people(t)["emp1"].light.Raw
	for i := range good {
		_, err := bpki.ParseCertificate(good[:i])
		require.ErrorIs(t, err, bpki.ErrMalformed)
	}
	_, err = bpki.ParseCertificate(append(good, 0))
	require.ErrorIs(t, err, bpki.ErrMalformed)
	_, err = bpki.ParseCertificate(make([]byte, bpki.MaxMessage+1))
	require.ErrorIs(t, err, bpki.ErrTooLarge)
}
