package worker_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/payments/assist"
	"github.com/remote-issuance/remote-issuance/internal/payments/erip"
	"github.com/remote-issuance/remote-issuance/internal/payments/intake"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
)

// Every kind of wrong payment comes in the gateway's own format and is found
// under unapplied with its reason.
func TestP4_EveryWrongPaymentWaitsUnderItsReason(t *testing.T) {
	cases := map[payments.Reason]func(d *ledgerFixture){
		payments.ReasonUnreadable: func(d *ledgerFixture) {
			d.push(push(ownNumber.ERIP(), "4.32e1", "BYN", 5_999_999_000_000_001))
		},
		payments.ReasonConflict: func(d *ledgerFixture) {
			d.push(push(ownNumber.ERIP(), "43.20", "BYN", 5_999_999_000_000_001))
			d.push(push(ownNumber.ERIP(), "43.21", "BYN", 5_999_999_000_000_001))
		},
		payments.ReasonOtherAccount: func(d *ledgerFixture) {
			other := bytes.ReplaceAll(statement("A", payerUNP, "86.40", "ROAIS000000002 оплата"), []byte("BY83AKBB"), []byte("BY99AKBB"))
			d.importStatement(other)
		},
		payments.ReasonNoNumber: func(d *ledgerFixture) {
			d.importStatement(statement("A", payerUNP, "86.40", "за сертификаты"))
		},
		payments.ReasonSeveralNumbers: func(d *ledgerFixture) {
			d.importStatement(statement("A", payerUNP, "86.40", "ROAIS000000002 и ROAIS000000001"))
		},
		payments.ReasonUnknownNumber: func(d *ledgerFixture) {
			d.importStatement(statement("A", payerUNP, "86.40", "ROAIS000000009 оплата"))
		},
		payments.ReasonTestMode: func(d *ledgerFixture) {
			form := push(ownNumber.ERIP(), "43.20", "BYN", 5_999_999_000_000_001)
			form.Set("testmode", "1")
			d.push(form)
		},
		payments.ReasonReversed: func(d *ledgerFixture) { d.ask(assist.StateCanceled, paidOperation) },
		payments.ReasonMethodNotAllowed: func(d *ledgerFixture) {
			d.importStatement(statement("A", payerUNP, "43.20", "ROAIS000000001 оплата"))
		},
		payments.ReasonWrongCurrency: func(d *ledgerFixture) { d.push(push(ownNumber.ERIP(), "43.20", "USD", 5_999_999_000_000_001)) },
		payments.ReasonUnderpaid:     func(d *ledgerFixture) { d.push(push(ownNumber.ERIP(), "43.19", "BYN", 5_999_999_000_000_001)) },
		payments.ReasonOverpaid: func(d *ledgerFixture) {
			d.importStatement(statement("A", payerUNP, "86.41", "ROAIS000000002 оплата"))
		},
		payments.ReasonWrongPayer: func(d *ledgerFixture) {
			d.importStatement(statement("A", "190000033", "86.40", "ROAIS000000002 оплата"))
		},
		payments.ReasonClosed: func(d *ledgerFixture) {
			d.exec("UPDATE payables SET state = 'closed' WHERE number = 1")
			d.push(push(ownNumber.ERIP(), "43.20", "BYN", 5_999_999_000_000_001))
		},
		payments.ReasonAlreadyPaid: func(d *ledgerFixture) {
			d.push(push(listNumber.ERIP(), "86.40", "BYN", 5_999_999_000_000_001))
			d.importStatement(statement("A", payerUNP, "86.40", "ROAIS000000002 оплата"))
		},
		payments.ReasonOverdue: func(d *ledgerFixture) {
			d.exec("UPDATE payables SET due = now() - interval '1 second'")
			d.push(push(ownNumber.ERIP(), "43.20", "BYN", 5_999_999_000_000_001))
		},
	}
	for _, reason := range payments.Reasons() {
		t.Run(string(reason), func(t *testing.T) {
			d := newLedgerFixture(t)
			require.Contains(t, cases, reason)
			cases[reason](d)
			cases[reason](d)
			list, err := d.ledger.List(t.Context(), payments.PaymentUnapplied, 0, 10)
			require.NoError(t, err)
			require.Len(t, list.Payments, 1, "a repeated message is one payment")
			require.Equal(t, reason, list.Payments[0].Reason)
			if reason != payments.ReasonAlreadyPaid && reason != payments.ReasonConflict {
				require.Zero(t, d.count("payables WHERE state = 'paid'"))
			}
		})
	}
}

func TestP4_PollFindsWhatWasNeverPushed(t *testing.T) {
	d := newLedgerFixture(t)
	require.NoError(t, d.polls(&turn{}).Sweep(t.Context()), "nobody has tried to pay")
	d.ask(assist.StateTimeout)
	require.Zero(t, d.count("payments"))
	require.Equal(t, 1, d.count("gateway_messages"), "the time-out is kept")

	d.exec("UPDATE payables SET due = '2099-01-01'")
	d.ask(assist.StateApproved, paidOperation)
	// The push that comes later is the same event.
	d.push(push(ownNumber.ERIP(), "43.20", "BYN", 5_999_999_000_000_001))
	require.Equal(t, 1, d.count("payments WHERE state = 'applied'"))
	for range 2 {
		d.ask(assist.StatePartialCanceled, paidOperation, refundOperation, refundOperation)
	}
	require.Equal(t, 2, d.count("payments WHERE reason = 'reversed' AND amount = 1000"), "both refunds wait for an operator, once")
}

func TestPollsHaveTheirTurnsLaterAndLater(t *testing.T) {
	d := newLedgerFixture(t)
	store := postgres.NewReconciliation(d.pool)
	now := time.Now()
	claim := func(after time.Duration) int {
		turns, err := store.ClaimCardPolls(t.Context(), now.Add(after), 10)
		require.NoError(t, err)
		return len(turns)
	}
	require.Zero(t, claim(time.Hour), "nobody chose the card")
	var id uuid.UUID
	require.NoError(t, d.pool.QueryRow(t.Context(), "SELECT id FROM payables WHERE number = 1").Scan(&id))
	require.NoError(t, d.payables.ChooseMethod(t.Context(), order.ID(id), payments.SourceAssist))
	require.NoError(t, d.payables.ChooseMethod(t.Context(), order.ID(id), payments.SourceERIP), "the card page may still be open")
	require.Zero(t, claim(0))
	for _, after := range []time.Duration{2, 3, 5, 9} {
		require.Equal(t, 1, claim(after*time.Minute))
		require.Zero(t, claim(after*time.Minute))
	}
	d.exec("UPDATE payables SET state = 'closed' WHERE number = 1")
	require.Equal(t, 1, claim(24*time.Hour))
	require.Zero(t, claim(35*time.Hour))
	require.Equal(t, 1, claim(37*time.Hour))
	require.Equal(t, 1, claim(40*24*time.Hour))
	require.Zero(t, claim(400*24*time.Hour), "no refund comes any more")
}

func TestP3_StatementOfTheFolderPaysOnceWhateverTheFormat(t *testing.T) {
	d := newLedgerFixture(t)
	for range 2 {
		d.importStatement(statement("OP7", payerUNP, "86.40", "OTHR 010101 rоаis000000002, без НДС"))
	}
	require.Equal(t, 1, d.count("payments WHERE state = 'applied'"))
	require.Equal(t, 1, d.count("payments"))
	err := d.statements().Sink(t.Context(), []byte("not a statement"))
	require.ErrorIs(t, err, intake.ErrFile, "it goes into the folder of failed files")
	closed, cancel := context.WithCancel(t.Context())
	cancel()
	err = d.statements().Sink(closed, statement("OP8", payerUNP, "1.00", "x"))
	require.Error(t, err)
	require.NotErrorIs(t, err, intake.ErrFile, "it stays for the next look")
}

func TestP4_RegisterOfERIPIsTheSafetyNet(t *testing.T) {
	d := newLedgerFixture(t)
	start := func(id int64, account string, amount order.Kopecks) {
		response, err := d.provider.Serve(t.Context(), erip.Request{
			Type: erip.TransactionStart, Account: account, Currency: erip.Currency, RequestID: id, TransactionID: id, Amount: amount,
		}, nil)
		require.NoError(t, err)
		require.Empty(t, response.Errors)
	}
	start(11, ownNumber.ERIP(), 4320)
	register := func(ids ...string) []byte {
		lines := []string{strings.Repeat("^", 9) + "1^20260602000000^^43.20^^43.00^^^"}
		for _, id := range ids {
			lines = append(lines, strings.Repeat("^", 9)+"20260601120000^^^"+id+strings.Repeat("^", 7))
		}
		return []byte(strings.Join(lines, "\r\n") + "\r\n")
	}
	var log bytes.Buffer
	sink := intake.Registers{Provider: d.provider, Ledger: d.ledger, Now: time.Now, Log: slog.New(slog.NewTextHandler(&log, nil))}.Sink
	for range 2 {
		require.NoError(t, sink(t.Context(), register("11", "404")))
	}
	require.Equal(t, 1, d.count("payables WHERE number = 1 AND state = 'paid'"), "its result was lost")
	require.Equal(t, 1, d.count("payments WHERE external_id = '404/register' AND state = 'unapplied'"), "money we never consented to")
	require.Equal(t, 2, d.count("payments"))
	require.Contains(t, log.String(), "finding=lost transaction=11")
	require.ErrorIs(t, sink(t.Context(), []byte("x")), intake.ErrFile)
}

// silent is a gateway that cannot be asked.
type silent struct{}

// Events fails.
func (silent) Events(context.Context, order.PaymentNumber, time.Time) ([]payments.Notification, error) {
	return nil, errors.New("no answer")
}

var _ payments.CardGateway = silent{}

func TestPollsGoOnWhenTheGatewayIsSilent(t *testing.T) {
	d := newLedgerFixture(t)
	polls := d.polls(&turn{})
	polls.Gateway = silent{}
	require.ErrorContains(t, polls.Sweep(t.Context()), "no answer")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.NoError(t, polls.Run(ctx))
}
