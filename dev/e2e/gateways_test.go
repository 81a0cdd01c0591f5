package e2e_test

import (
	"io"
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/dev/caller"
	"github.com/remote-issuance/remote-issuance/dev/gateways"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments/erip"
)

// choose chooses a method; of is the path of an order or a confirmation.
func (w *world) choose(p *party, of string, method contract.PaymentMethod) contract.Payment {
	w.t.Helper()
	payment, err := p.ChooseMethod(w.t.Context(), of, method)
	require.NoError(w.t, err)
	require.Equal(w.t, method, payment.Method)
	return payment
}

// toPay is a private person's order that waits for its money.
func (w *world) toPay() (*party, contract.Order, string) {
	w.t.Helper()
	p := w.private(order.KindIndividual)
	o := w.waiting(p, w.upload(p, 1))
	return p, o, caller.OfOrder(o.ID)
}

// payPage goes where the browser of a payer by card goes, and reads the page.
func (w *world) payPage(d contract.Payment) string {
	w.t.Helper()
	form := url.Values{}
	for name, value := range d.Assist.Fields {
		form.Set(name, value)
	}
	resp, err := http.PostForm(d.Assist.URL, form) //nolint:gosec,noctx // the stack's own sandbox
	require.NoError(w.t, err)
	defer func() { _ = resp.Body.Close() }()
	page, err := io.ReadAll(resp.Body)
	require.NoError(w.t, err)
	return string(page)
}

func TestP5_CardThroughTheSandboxWithRepeatsAndLostAnswers(t *testing.T) {
	w := newWorld(t, all.ordinary(t))
	p, o, of := w.toPay()
	d := w.choose(p, of, "assist")
	require.Contains(t, w.payPage(d), "To pay: "+d.Amount+" BYN")

	declined, err := w.stack.Gateways().PayCard(t.Context(), gateways.CardPayment{OrderNumber: d.Number, Declined: true})
	require.NoError(t, err)
	require.Contains(t, declined.Answers[0].Body, `firstcode="0"`)
	wrong, err := w.stack.Gateways().PayCard(t.Context(), gateways.CardPayment{OrderNumber: d.Number, Amount: "0.01"})
	require.NoError(t, err)
	require.Contains(t, wrong.Answers[0].Body, `firstcode="5" secondcode="108"`)

	paid, err := w.stack.Gateways().PayCard(t.Context(), gateways.CardPayment{
		OrderNumber: d.Number, Faults: gateways.Faults{Repeats: 2, LoseAnswers: 1},
	})
	require.NoError(t, err)
	require.Contains(t, paid.Answers[len(paid.Answers)-1].Body, `firstcode="0"`)
	w.issued(p, o.ID)
	require.Equal(t, map[string]string{"0.01": "underpaid"}, w.unapplied(d.Number), "P4")
}

// unapplied are the reasons by amount of what waits for an operator under a number.
func (w *world) unapplied(number string) map[string]string {
	w.t.Helper()
	entries, err := w.operator.Payments(w.t.Context(), "unapplied")
	require.NoError(w.t, err)
	found := map[string]string{}
	for _, e := range entries {
		if e.Number == number {
			found[e.Amount] = e.Reason
		}
	}
	return found
}

func TestP2_TerminalOfERIPAndItsRegister(t *testing.T) {
	w := newWorld(t, all.ordinary(t))
	p, o, of := w.toPay()
	d := w.choose(p, of, "erip")
	require.Contains(t, d.ERIP.QR, "https://pay.raschet.by/#")
	require.NotEmpty(t, d.ERIP.Path)
	// People type look-alikes and blanks.
	report, err := w.stack.Gateways().PayERIP(t.Context(), gateways.ERIPPayment{
		Account: "nоаis " + d.ERIP.Number[len("NOAIS"):], Faults: gateways.Faults{Repeats: 1, LoseAnswers: 1},
	})
	require.NoError(t, err)
	require.True(t, report.Paid)
	require.Len(t, report.Steps, 3)
	w.issued(p, o.ID)
	reversed, err := w.stack.Gateways().ReverseERIP(t.Context(), report.TransactionID, gateways.Faults{})
	require.NoError(t, err)
	require.True(t, reversed.Paid, "P2: a certificate is out, nothing is reversed")

	// The result is lost: the register is the safety net.
	p, o, of = w.toPay()
	d = w.choose(p, of, "erip")
	report, err = w.stack.Gateways().PayERIP(t.Context(), gateways.ERIPPayment{Account: d.ERIP.Number, LoseResult: true})
	require.NoError(t, err)
	require.Equal(t, erip.TransactionStart, report.Steps[len(report.Steps)-1].Type)
	_, err = w.stack.Gateways().DropRegister()
	require.NoError(t, err)
	w.issued(p, o.ID)
}

func TestP3_BankStatementPaysAConfirmation(t *testing.T) {
	for _, way := range []string{"upload", "folder"} {
		t.Run(way, func(t *testing.T) {
			w := newWorld(t, all.ordinary(t))
			p := w.employee()
			o := w.waiting(p, w.upload(p, 1))
			c := w.confirmed(o.ID)
			d := w.choose(w.director, caller.OfConfirmation(c.ID), "client-bank")
			bank := w.stack.Gateways()
			_, err := bank.AddCredit(gateways.Credit{PayerUNP: "190000033", Amount: d.Amount, Purpose: d.ClientBank.Purpose})
			require.NoError(t, err)
			_, err = bank.AddCredit(gateways.Credit{PayerUNP: w.director.Subject.UNP, Amount: d.Amount, Purpose: d.ClientBank.Purpose})
			require.NoError(t, err)
			if way == "upload" {
				answers, err := bank.UploadStatement(t.Context(), gateways.StatementText, gateways.Faults{Repeats: 1})
				require.NoError(t, err)
				require.Equal(t, http.StatusOK, answers[1].Status, answers[1].Body)
			} else {
				_, err := bank.DropStatement(gateways.StatementText)
				require.NoError(t, err)
			}
			w.issued(p, o.ID)
			require.Equal(t, map[string]string{d.Amount: "wrong-payer"}, w.unapplied(d.ClientBank.Purpose), "P3, P4")
		})
	}
}
