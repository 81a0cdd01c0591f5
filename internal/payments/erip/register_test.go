package erip

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
)

func TestRegisterIsRead(t *testing.T) {
	r, err := ReadRegister(golden(t, "payments.210"))
	require.NoError(t, err)
	require.Equal(t, "Реестр 210", r.Label)
	require.Equal(t, "4711", r.PaymentOrderNo)
	require.Equal(t, time.Date(2025, 6, 2, 0, 0, 0, 0, order.Minsk()), r.PaymentOrderAt)
	require.Equal(t, order.Kopecks(8640), r.Gross)
	require.Equal(t, order.Kopecks(8510), r.Net)
	require.Len(t, r.Lines, 2)
	require.Equal(t, int64(900200300), r.Lines[0].TransactionID)
	require.Equal(t, "1234567", r.Lines[0].ServiceNo)
	require.Equal(t, time.Date(2025, 6, 1, 12, 15, 30, 0, order.Minsk()), r.Lines[0].At)
	require.True(t, bytes.Contains(golden(t, "payments.210"), r.Lines[0].Raw))
}

func TestBadRegisters(t *testing.T) {
	good := golden(t, "payments.210")
	for name, data := range map[string][]byte{
		"empty":           {},
		"short header":    []byte("a^b"),
		"gross is text":   bytes.Replace(good, []byte("86.40"), []byte("many"), 1),
		"net is text":     bytes.Replace(good, []byte("85.10"), []byte("few"), 1),
		"short line":      bytes.Replace(good, []byte("^y2^"), []byte("^"), 1),
		"id is text":      bytes.Replace(good, []byte("900200301"), []byte("x"), 1),
		"larger than all": make([]byte, MaxRegister+1),
	} {
		_, err := ReadRegister(data)
		require.ErrorIs(t, err, ErrRegister, name)
	}
}

func TestP4_RegisterFindsPaymentsWhoseResultWasLost(t *testing.T) {
	d := newProviderFixture(Config{})
	d.ask(t, message(TransactionStart, 900200300))
	r, err := ReadRegister(golden(t, "payments.210"))
	require.NoError(t, err)
	findings, err := d.ApplyRegister(t.Context(), r)
	require.NoError(t, err)
	require.Equal(t, []Finding{FoundLost, FoundUnknown}, findings)
	require.Equal(t, payments.PayablePaid, d.store.data.payable.State)

	findings, err = d.ApplyRegister(t.Context(), r)
	require.NoError(t, err)
	require.Equal(t, []Finding{FoundKnown, FoundUnknown}, findings)
	require.Equal(t, 1, d.store.applied())
	// The result that comes after all changes nothing.
	require.Contains(t, d.ask(t, message(TransactionResult, 900200300)).Lines, textPaid)
	require.Len(t, d.store.data.ledger, 1)

	d.store.fail = true
	_, err = d.ApplyRegister(t.Context(), r)
	require.ErrorIs(t, err, errStore)
}

func TestRegisterOutranksAFailureAndReportsAReversal(t *testing.T) {
	d := newProviderFixture(Config{})
	d.ask(t, message(TransactionStart, 7))
	failed := message(TransactionResult, 7)
	failed.Failed = true
	d.ask(t, failed)
	one := Register{Lines: []RegisterLine{{TransactionID: 7}}}
	findings, err := d.ApplyRegister(t.Context(), one)
	require.NoError(t, err)
	require.Equal(t, []Finding{FoundLost}, findings)

	d.ask(t, message(StornStart, 7))
	done := message(StornResult, 7)
	done.Storned = true
	d.ask(t, done)
	findings, err = d.ApplyRegister(t.Context(), one)
	require.NoError(t, err)
	require.Equal(t, []Finding{FoundReversed}, findings)
}

// A reversal that ERIP began and never ended would hold the payment for ever.
func TestP5_ARegisterEndsAReversalThatWasNeverEnded(t *testing.T) {
	d := newProviderFixture(Config{})
	d.ask(t, message(TransactionStart, 7))
	d.ask(t, message(TransactionResult, 7))
	d.ask(t, message(StornStart, 7))
	transferred := func(at time.Time) Finding {
		findings, err := d.ApplyRegister(t.Context(), Register{PaymentOrderAt: at, Lines: []RegisterLine{{TransactionID: 7}}})
		require.NoError(t, err)
		require.Len(t, findings, 1)
		return findings[0]
	}
	for _, at := range []time.Time{{}, d.clock.Add(-time.Hour), d.clock} {
		require.Equal(t, FoundReversing, transferred(at), "the money was on its way before")
		require.Equal(t, StornStarted, d.store.data.transactions[7].State)
	}
	require.Equal(t, FoundKept, transferred(d.clock.Add(time.Second)))
	require.Equal(t, Committed, d.store.data.transactions[7].State)
	require.Equal(t, FoundKnown, transferred(d.clock.Add(time.Second)))

	late := message(StornResult, 7)
	late.Storned = true
	require.NotEmpty(t, d.ask(t, late).Errors, "the money is ours")
	require.Equal(t, Committed, d.store.data.transactions[7].State)
	require.Equal(t, 1, d.store.applied())
}

func FuzzReadRegister(f *testing.F) {
	f.Add(golden(f, "payments.210"))
	f.Add([]byte("^^^"))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := ReadRegister(data)
		if err != nil {
			require.ErrorIs(t, err, ErrRegister)
		}
		for _, line := range r.Lines {
			require.Positive(t, line.TransactionID)
		}
	})
}
