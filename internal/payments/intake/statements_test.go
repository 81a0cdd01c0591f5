package intake

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/payments/clientbank"
	"github.com/remote-issuance/remote-issuance/internal/payments/paymentstest"
)

const own = "BY83AKBB30120893700845500000"

var noon = time.Date(2025, 6, 1, 12, 0, 0, 0, time.UTC)

// importFixture is an importer over one number that is sold for 86.40, with its log.
type importFixture struct {
	Statements
	ledger *paymentstest.Ledger
	log    bytes.Buffer
}

func newImportFixture() *importFixture {
	o := &importFixture{ledger: paymentstest.New(payments.Payable{
		Number: 92239, Amount: 8640, PayerUNP: "190000020", State: payments.PayableOpen, Due: noon.AddDate(0, 0, 10),
		Methods: []payments.Source{payments.SourceClientBank},
	})}
	o.Statements = Statements{
		Ledger: o.ledger, Own: payments.NewAccounts(own), Now: func() time.Time { return noon }, Log: slog.New(slog.NewTextHandler(&o.log, nil)),
	}
	return o
}

// credits is a statement of credits of the number with the ids and sums.
func credits(pairs ...string) []byte {
	lines := []string{"***** ^Type=4^ ^Acc=" + own + "^", "[OUT_PARAM]"}
	for i := 0; i < len(pairs); i += 2 {
		lines = append(lines, "^DocDate=01.06.2025^", "^OperationID="+pairs[i]+"^", "^Credit="+pairs[i+1]+"^", "^KorUNP=190000020^",
			"^Nazn=ROAIS000092239 оплата^")
	}
	return []byte(strings.Join(append(lines, "^DocDate=01.06.2025^", "^Db=5.00^", "^Credit=0.00^"), "\n"))
}

func (o *importFixture) state(t *testing.T) payments.PayableState {
	t.Helper()
	p, err := o.ledger.Payable(t.Context(), 92239)
	require.NoError(t, err)
	return p.State
}

func TestP3_P5_StatementsComeAgainAndOverlap(t *testing.T) {
	o := newImportFixture()
	_, err := o.Import(t.Context(), credits("A", "86.40"))
	require.NoError(t, err)
	require.Equal(t, payments.PayablePaid, o.state(t))
	out, err := o.Import(t.Context(), credits("A", "86.40", "0", "86.40", "NONREF", "86.40"))
	require.NoError(t, err)
	require.True(t, out.Decisions[0].Repeated)
	require.Equal(t, payments.ReasonAlreadyPaid, out.Decisions[1].Reason, "both real credits count")
	require.Equal(t, payments.ReasonAlreadyPaid, out.Decisions[2].Reason)
	require.Equal(t, map[clientbank.Skip]int{clientbank.SkipDebit: 1}, out.Passed)
	require.Contains(t, o.log.String(), "credits=3")
	require.Contains(t, o.log.String(), "already-paid:2 repeated:1")
	require.Contains(t, o.log.String(), "passedOver=map[debit:1]")
	require.Len(t, o.ledger.Rows(), 3)
	out, err = o.Import(t.Context(), credits("A", "86.41"))
	require.NoError(t, err)
	require.Equal(t, payments.ReasonConflict, out.Decisions[0].Reason)
}

func TestP5_WhatTheSameStatementTakesBackNeverPays(t *testing.T) {
	o := newImportFixture()
	out, err := o.Import(t.Context(), credits("A", "86.40", "B", "-86.40"))
	require.NoError(t, err)
	require.Equal(t, payments.ReasonReversed, out.Decisions[0].Reason)
	require.Equal(t, payments.ReasonReversed, out.Decisions[1].Reason)
	require.Equal(t, payments.PayableOpen, o.state(t))
	_, err = o.Import(t.Context(), credits("C", "86.40"))
	require.NoError(t, err)
	require.Equal(t, payments.PayablePaid, o.state(t), "one reversal takes back one credit")
}

func TestP4_AFileThatCannotBeReadWaitsForAnOperator(t *testing.T) {
	o := newImportFixture()
	for range 2 {
		require.ErrorIs(t, o.Sink(t.Context(), []byte("a picture")), ErrFile)
	}
	require.Len(t, o.ledger.Rows(), 1)
	require.Equal(t, payments.ReasonUnreadable, o.ledger.Rows()[0].Reason)
	require.Equal(t, "a picture", string(o.ledger.Rows()[0].Raw))

	o.ledger.Fails = errors.New("the database is away")
	for _, data := range [][]byte{[]byte("a picture"), credits("A", "86.40")} {
		err := o.Sink(t.Context(), data)
		require.ErrorIs(t, err, o.ledger.Fails)
		require.NotErrorIs(t, err, ErrFile, "it stays for the next look")
	}
}
