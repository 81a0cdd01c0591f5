package catest

import (
	"crypto/rand"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/activities"
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

// Paid makes an order of 6.0.00 that is checked and paid, and gives what its
// workflow would now ask for. Orders of one applicant renew each other.
func (b *Bench) Paid(t testing.TB, applicant string) activities.IssueCertificateInput {
	t.Helper()
	now := time.Now().UTC().Truncate(time.Second)
	state, requestID := b.open(t, applicant, now)
	tariff, err := order.NewTariff([]order.Price{
		{Service: order.ServiceIndividual, Kind: order.KindIndividual, Years: 1, From: "2020-01-01", Amount: 4320},
	})
	require.NoError(t, err)
	res, err := postgres.NewPayables(b.Pool, tariff).OpenPayable(t.Context(), activities.OpenPayableInput{
		PayableID: state.OrderID, WorkflowID: "order-" + state.OrderID, Service: order.ServiceIndividual,
		OrderIDs: []string{state.OrderID}, At: now,
	})
	require.NoError(t, err)
	id := uuid.NewString()
	_, err = postgres.NewLedger(b.Pool).Receive(t.Context(), payments.Notification{
		Source: payments.SourceAssist, Kind: payments.KindPayment, ExternalID: id, Raw: []byte(id),
		Number: order.PaymentNumber(res.Number).ERIP(), Amount: res.Total, Currency: payments.BYN, ReceivedAt: now,
	})
	require.NoError(t, err)
	state.Version++
	state.Stage, state.End = order.StageEnded, order.EndIssued
	return activities.IssueCertificateInput{
		OrderID: state.OrderID, RequestID: requestID, Service: order.ServiceIndividual, Kind: order.KindIndividual,
		Record: activities.RecordOrderInput{
			State: state, Notices: []activities.Notice{{Kind: order.NoticeIssued}},
			Events: []activities.AuditEvent{{Action: "certificate-issued", Actor: "system", At: now, Evidence: map[string]string{"payment": id}}},
		},
	}
}

// open opens an order, stores its request and saves it.
func (b *Bench) open(t testing.TB, applicant string, now time.Time) (activities.OrderState, string) {
	t.Helper()
	records := postgres.NewRecords(b.Pool)
	number, err := records.NextOrderNumber(t.Context())
	require.NoError(t, err)
	state := activities.OrderState{OrderID: uuid.NewString(), Version: 1, Stage: order.StageTerms}
	require.NoError(t, records.RecordOrder(t.Context(), activities.RecordOrderInput{
		Opening: &activities.OrderOpening{
			Number: number, WorkflowID: "order-" + state.OrderID, Service: order.ServiceIndividual, Kind: order.KindIndividual,
			ApplicantKey: applicant, CertificateID: uuid.NewString(), Language: "be", StartedAt: now,
		},
		State: state, Events: []activities.AuditEvent{{Action: "order-opened", Actor: "applicant", At: now}},
	}))
	key, err := alg.GenerateKey(alg.KeyBign256, rand.Reader)
	require.NoError(t, err)
	request, err := testca.ProfileIndividual.Request(subject(), key, nil)
	require.NoError(t, err)
	keyID, err := alg.KeyID(key.Public())
	require.NoError(t, err)
	contacts, requestID := Contacts(), uuid.NewString()
	require.NoError(t, postgres.NewDocuments(b.Pool).Put(t.Context(), activities.Document{
		ID: requestID, Kind: activities.DocumentRequest, MediaType: "application/pkcs10", OwnerKey: applicant, Content: request.Raw,
	}))
	state.Version, state.Stage, state.RequestID, state.UploadedAt, state.Contacts = 2, order.StageChecking, requestID, now, &contacts
	checked := activities.CheckedRequest{
		ID: requestID, OrderID: state.OrderID, Subject: subject(), Current: subject(), Years: 1, KeyID: keyID, CheckedAt: now,
		RequestedStart: order.DateOf(now), Report: order.Report{},
	}
	require.NoError(t, postgres.NewRequests(b.Pool).SaveChecked(t.Context(), checked, activities.RecordOrderInput{State: state}))
	state.Version++
	state.CompletedAt, state.PayBy = now, order.DefaultPolicy().PayBy(now)
	require.NoError(t, records.RecordOrder(t.Context(), activities.RecordOrderInput{State: state, SaveRequest: true}))
	return state, requestID
}
