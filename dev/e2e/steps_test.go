package e2e_test

import (
	"fmt"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/dev/caller"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
)

// The steps that every story is made of. Each fails the test when it does not succeed.

func (w *world) open(p *party) contract.Order {
	w.t.Helper()
	o, err := p.Open(w.t.Context(), p.Service())
	require.NoError(w.t, err)
	require.Equal(w.t, order.StageTerms, o.Stage)
	o, err = p.AcceptTerms(w.t.Context(), o.ID)
	require.NoError(w.t, err)
	require.Equal(w.t, order.StageRequest, o.Stage)
	return o
}

// waiting takes an order through both checks to the wait for the manager or the payment.
func (w *world) waiting(p *party, u caller.Upload) contract.Order {
	w.t.Helper()
	o := w.open(p)
	_, _, err := p.Submit(w.t.Context(), o.ID, u)
	require.NoError(w.t, err)
	stage := order.StageAwaitingPayment
	if p.Service().NeedsApproval() {
		stage = order.StageAwaitingApproval
	}
	o, err = p.Await(w.t.Context(), o.ID, stage)
	require.NoError(w.t, err)
	return o
}

// confirmed lets the director choose orders and sign the list.
func (w *world) confirmed(orderIDs ...order.ID) contract.Confirmation {
	w.t.Helper()
	c, err := w.director.MakeList(w.t.Context(), orderIDs)
	require.NoError(w.t, err)
	return w.signed(c)
}

func (w *world) signed(c contract.Confirmation) contract.Confirmation {
	w.t.Helper()
	list, err := w.director.List(w.t.Context(), c.ID)
	require.NoError(w.t, err)
	signature, err := w.director.Holder.Sign(list, time.Now())
	require.NoError(w.t, err)
	_, err = w.director.Caller.Sign(w.t.Context(), c.ID, signature)
	require.NoError(w.t, err)
	c, err = w.director.AwaitConfirmation(w.t.Context(), c.ID, "awaiting-payment")
	require.NoError(w.t, err)
	return c
}

// notification is a gateway's report of a payment as it should be.
func notification(p contract.Payment) contract.PaymentNotification {
	return contract.PaymentNotification{Source: "erip", ExternalID: fmt.Sprint("test-", serial.Add(1), "-", time.Now().UnixNano()),
		Number: p.Number, Amount: p.Amount, Currency: p.Currency, OccurredAt: time.Now()}
}

// paid chooses ERIP and reports the payment; of is the path of an order or a confirmation.
func (w *world) paid(payer *party, of string) contract.PaymentNotification {
	w.t.Helper()
	payment, err := payer.ChooseMethod(w.t.Context(), of, "erip")
	require.NoError(w.t, err)
	n := notification(payment)
	entry, err := w.gateway.Notify(w.t.Context(), n)
	require.NoError(w.t, err)
	require.Equal(w.t, contract.Applied, entry.State, entry.Reason)
	return n
}

func (w *world) issued(p *party, orderID order.ID) contract.Order {
	w.t.Helper()
	o, err := p.AwaitIssued(w.t.Context(), orderID)
	require.NoError(w.t, err)
	return o
}

// fetched takes the credentials from the cabinet to the storage: letters whose sending was killed wait until their lease ends.
func (w *world) fetched(p *party, orderID order.ID) {
	w.t.Helper()
	credentials, err := p.Credentials(w.t.Context(), orderID)
	require.NoError(w.t, err)
	der, err := p.Fetch(w.t.Context(), credentials.Login, credentials.Password, "cer")
	require.NoError(w.t, err)
	certificate, err := pki.ParseCertificate(der)
	require.NoError(w.t, err)
	require.Equal(w.t, p.Subject.PersonalNumber, certificate.Subject().PersonalNumber)
}
