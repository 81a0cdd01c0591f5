package request_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/admission"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/fault"
	"github.com/remote-issuance/remote-issuance/internal/pki/path"
	"github.com/remote-issuance/remote-issuance/internal/request"
)

// reference is the clock of the samples.
var reference = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

func file(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", filepath.FromSlash(name)))
	require.NoError(t, err)
	return data
}

func certificate(t testing.TB, name string) *pki.Certificate {
	t.Helper()
	c, err := pki.ParseCertificate(file(t, name))
	require.NoError(t, err)
	return c
}

func employee(t testing.TB, name string) request.Input {
	return request.Input{
		File: file(t, name), Current: certificate(t, "emp1.cer"), Service: order.ServiceEmployee,
		Now: reference, Policy: order.DefaultPolicy(),
	}
}

// failure is a failed check without its values.
type failure struct {
	code  order.CheckCode
	field order.Field
	cause string
}

func failures(r order.Report) (out []failure) {
	for _, c := range r.Failed() {
		out = append(out, failure{c.Code, c.Field, c.Cause})
	}
	return out
}

func validator(t testing.TB) *path.Validator {
	t.Helper()
	trust, err := path.LoadTrust(filepath.Join("testdata", "ca"))
	require.NoError(t, err)
	crl, err := pki.ParseCRL(file(t, "issuing.crl"))
	require.NoError(t, err)
	trust.CRLs = append(trust.CRLs, crl)
	return path.NewValidator(trust, path.Options{Revocation: path.RevocationLeaf})
}

func TestS3ToS6_SampleRequestsGetTheirVerdict(t *testing.T) {
	subject := func(f order.Field, cause string) []failure { return []failure{{order.CheckSubject, f, cause}} }
	for name, want := range map[string][]failure{
		"req/emp1-ok.req": nil, "req/emp1-ok.pem": nil, "req/emp1-ok-newhdr.pem": nil, "req/emp1-ok-in-cms.p7": nil,
		"req/emp1-position-changed.req": nil, "req/emp1-val-2.5.29.16.req": nil, "req/emp1-curve384.req": nil,
		"req/emp1-mismatch-surname.req": subject(order.FieldSurname, request.CauseDiffers),
		"req/emp1-wrong-start.req":      {{order.CheckStart, order.FieldNone, request.CauseDiffers}},
		"req/emp1-badsig.req":           {{order.CheckPossession, order.FieldNone, string(fault.BadSignature)}},
		"req/emp1-pub-off-curve.req":    {{order.CheckKeyAlgorithm, order.FieldNone, string(fault.BadKey)}},
	} {
		t.Run(name, func(t *testing.T) {
			got := request.Verify(employee(t, name), validator(t))
			require.Equal(t, want, failures(got.Report))
			require.Equal(t, want == nil, got.Report.Passed())
		})
	}
}

func TestS4_ChangedPositionIsNamedWithBothValues(t *testing.T) {
	got := request.Check(employee(t, "req/emp1-position-changed.req"))
	require.Equal(t, []order.Field{order.FieldPosition}, got.Changed)
	changed := got.Report.Changed()
	require.Len(t, changed, 1)
	require.Equal(t, "Специалист", changed[0].Expected)
	require.NotEqual(t, changed[0].Expected, changed[0].Found)
	require.Equal(t, 1, got.Years)
	require.Equal(t, "2026-12-03", got.RequestedStart.String())
	require.Len(t, got.KeyID, 64)
}

func TestS4_OtherSampleOwnersAreAccepted(t *testing.T) {
	for _, c := range []struct {
		request, current string
		service          order.Service
		years            int
	}{
		{"req/emp2-ok.req", "emp2.cer", order.ServiceEmployee, 1},
		{"req/mgr1-ok.req", "mgr1.cer", order.ServiceEmployee, 1},
		{"req/ind1-ok.req", "ind1.cer", order.ServiceIndividual, 3},
	} {
		in := employee(t, c.request)
		in.Current, in.Service = certificate(t, c.current), c.service
		got := request.Verify(in, validator(t))
		require.Empty(t, failures(got.Report), c.request)
		require.Equal(t, c.years, got.Years, c.request)
	}
}

func TestA1_CurrentCertificateOutOfForceIsNamed(t *testing.T) {
	for name, want := range map[string]fault.Code{"emp-expired.cer": fault.Expired, "emp-revoked.cer": fault.Revoked} {
		got := admission.Certificate(validator(t), certificate(t, name), reference)
		require.Equal(t, order.VerdictFailed, got.Verdict)
		require.Equal(t, string(want), got.Cause)
	}
}
