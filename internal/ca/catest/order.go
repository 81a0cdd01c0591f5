package catest

import (
	"crypto/rand"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
	"github.com/remote-issuance/remote-issuance/internal/pki/testca"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
)

// Contacts are those of every order.
func Contacts() order.Contacts {
	return order.Contacts{Email: "aleh@example.by", Phone: "+375291234567"}
}

// Paid makes an order of 6.0.00 that is checked and paid. Orders of one
// applicant renew each other.
func (b *Bench) Paid(t testing.TB, applicant string) order.ID {
	t.Helper()
	saved, bill := b.Saved(t, applicant)
	b.Pay(t, bill)
	return saved.ID
}

// Pay pays a bill.
func (b *Bench) Pay(t testing.TB, bill order.Bill) {
	t.Helper()
	id := uuid.NewString()
	_, err := postgres.NewLedger(b.Pool).Record(t.Context(), payments.Notification{
		Source: payments.SourceAssist, Kind: payments.KindPayment, ExternalID: id, Raw: []byte(id),
		Number: bill.Number.ERIP(), Amount: bill.Total, Currency: payments.BYN, ReceivedAt: time.Now().UTC().Truncate(time.Second),
	})
	require.NoError(t, err)
}

// Saved makes an order of 6.0.00 that is checked and waits for its payment.
func (b *Bench) Saved(t testing.TB, applicant string) (order.Record, order.Bill) {
	t.Helper()
	now := time.Now().UTC().Truncate(time.Second)
	tariff, err := order.NewTariff([]order.Price{
		{Service: order.ServiceIndividual, Kind: order.KindIndividual, Years: 1, From: "2020-01-01", Amount: 4320},
	})
	require.NoError(t, err)
	orders := postgres.NewOrders(b.Pool, tariff)
	o, _, err := orders.OpenDraft(t.Context(), order.Record{
		ID: order.NewID(), Service: order.ServiceIndividual, Kind: order.KindIndividual, ApplicantKey: applicant,
		CertificateID: order.NewID(), Language: "be", StartedAt: now, Policy: order.DefaultPolicy(), Stage: order.StageTerms,
		Until: order.DefaultPolicy().FinishBy(now),
	})
	require.NoError(t, err)
	_, err = orders.Decide(t.Context(), o.ID, order.AcceptTerms(order.Consent{AgreementVersion: "1", ContractVersion: "1", AcceptedAt: now}))
	require.NoError(t, err)
	key, err := alg.GenerateKey(alg.KeyBign256, rand.Reader)
	require.NoError(t, err)
	request, err := testca.ProfileIndividual.Request(subject(), key, nil)
	require.NoError(t, err)
	keyID, err := alg.KeyID(key.Public())
	require.NoError(t, err)
	file := order.Document{
		ID: order.NewID(), Kind: order.DocumentRequest, MediaType: "application/pkcs10", OwnerKey: applicant, Content: request.Raw,
	}
	_, err = orders.TakeUpload(t.Context(), o.ID, order.Upload{
		Request: order.CheckedRequest{
			ID: file.ID, OrderID: o.ID, Subject: subject(), Current: subject(), Years: 1, KeyID: keyID, CheckedAt: now,
			RequestedStart: order.DateOf(now), Report: order.Report{},
		},
		Contacts: Contacts(),
	}, file)
	require.NoError(t, err)
	saved, bill, err := orders.Save(t.Context(), o.ID, order.Report{}, now)
	require.NoError(t, err)
	return saved, bill
}
