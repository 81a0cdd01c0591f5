package issuance_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/ca"
	"github.com/remote-issuance/remote-issuance/internal/issuance"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/fault"
	"github.com/remote-issuance/remote-issuance/internal/pki/path"
	"github.com/remote-issuance/remote-issuance/internal/pki/pkitest"
)

// trust finds the same of every certificate, and notes for which instants.
type trust struct {
	code      fault.Code
	then, now time.Time
}

func (v *trust) ValidateSince(_ *pki.Certificate, then, now time.Time) ([]*pki.Certificate, error) {
	v.then, v.now = then, now
	if v.code == "" {
		return nil, nil
	}
	return nil, fault.New(v.code, "by the test")
}

func (*trust) Trust() path.Trust { return path.Trust{} }

// What the lists of an issuer cannot tell is asked again; what they do tell
// ends the order; and every other fault is a refusal that operators hear of.
func TestA1c_AListThatComesLateEndsNoOrder(t *testing.T) {
	der := pkitest.Sample(t, "cert/emp1.cer")
	for _, code := range []fault.Code{
		"", fault.Revoked, fault.CRLMissing, fault.CRLStale, fault.CRLSignature, fault.Expired, fault.NotYetValid, fault.UnknownIssuer, fault.NotCA,
		fault.PathTooLong, fault.KeyUsage, fault.CriticalExtension, fault.Policy,
	} {
		e := proven(t, order.ServiceIndividual)
		v := &trust{code: code}
		gate, err := issuance.NewGate(v, nil)
		require.NoError(t, err)
		certificate := order.Document{ID: e.Order.CertificateID, Content: der}
		stored := issuance.Stored{
			At: now, Order: e.Order, Checked: e.Checked, Registers: e.Registers, Payment: e.Payment,
			Documents: func(context.Context, ...order.ID) (map[order.ID]order.Document, error) {
				return map[order.ID]order.Document{e.Order.CertificateID: certificate, e.Order.RequestID: e.File}, nil
			},
		}
		err = gate.Prove(t.Context(), stored, ca.Prepared{})
		require.Equal(t, e.Order.UploadedAt, v.then)
		require.Equal(t, now, v.now)
		var refused *issuance.RefusedError
		switch code {
		case fault.CRLMissing, fault.CRLStale, fault.CRLSignature:
			require.ErrorContains(t, err, "not known")
			require.NotErrorAs(t, err, &refused, "%s is no refusal", code)
		case fault.Revoked:
			require.ErrorAs(t, err, &refused)
			require.Contains(t, refused.Refusals, issuance.RefusedRevocation)
			require.NotContains(t, refused.Refusals, issuance.RefusedStanding)
		case "":
			require.ErrorAs(t, err, &refused, "there is no request file to read")
			require.NotContains(t, refused.Refusals, issuance.RefusedStanding)
			require.NotContains(t, refused.Refusals, issuance.RefusedRevocation)
		default:
			require.ErrorAs(t, err, &refused)
			require.Contains(t, refused.Refusals, issuance.RefusedStanding, "%s", code)
			require.NotContains(t, refused.Refusals, issuance.RefusedRevocation, "%s", code)
		}
	}
}
