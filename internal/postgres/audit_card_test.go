package postgres_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/audit"
	cards "github.com/remote-issuance/remote-issuance/internal/card"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

// What a card proves offline stands in the log that the product writes.
func TestI1_P4_TheLogNamesWhatACardNeeds(t *testing.T) {
	b := setup(t)
	s := b.issued("0a")
	entries, err := b.audit.OrderEntries(t.Context(), s.ID.String())
	require.NoError(t, err)
	found := make(map[audit.Action]audit.Evidence)
	for _, e := range entries {
		found[e.Action] = e.Evidence
	}
	require.Equal(t, string(order.ServiceIndividual), found[audit.ActionCertificateIssued]["service"])
	require.NotEmpty(t, found[audit.ActionCertificateIssued]["number"])
	require.Equal(t, "12960", found[audit.ActionPaymentApplied]["amount"])
	require.Equal(t, "BYN", found[audit.ActionPaymentApplied]["currency"])
	require.Equal(t, found[audit.ActionPaymentApplied]["payment"], found[audit.ActionCertificateIssued]["payment"])

	// The history is there: it is the sample's certificate that is none.
	source := cards.Source{Log: b.audit, Documents: b.documents, Certificate: func(ctx context.Context, id order.ID) ([]byte, error) {
		_, der, err := b.certificates.Find(ctx, id.String())
		return der, err
	}}
	made, err := source.Collect(t.Context(), s.ID)
	require.ErrorContains(t, err, "certificate")
	require.Equal(t, s.Number, made.Number)
	require.Equal(t, "der 0a", string(made.Certificate))
	require.Equal(t, audit.Digest(made.Request), found[audit.ActionRequestChecked]["request"])
}
