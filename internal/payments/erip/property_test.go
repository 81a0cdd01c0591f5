package erip

import (
	"context"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/remote-issuance/remote-issuance/internal/payments"
)

// world drives a provider with any order of messages, repetitions, lost
// answers, lost connections, time, cards and issue.
type world struct {
	d *providerFixture
	// acknowledged are the transactions whose success ERIP knows we know.
	acknowledged map[int64]bool
	// consents are our ids as ERIP heard them.
	consents map[int64]int64
}

func (w *world) send(t *rapid.T) {
	r := message(
		rapid.SampledFrom([]RequestType{ServiceInfo, TransactionStart, TransactionResult, StornStart, StornResult}).Draw(t, "type"),
		rapid.Int64Range(1, 3).Draw(t, "transaction"),
	)
	r.RequestID = rapid.Int64Range(1, 3).Draw(t, "dialogue")
	r.Failed = r.Type == TransactionResult && rapid.IntRange(0, 3).Draw(t, "failed") == 0
	r.Storned = r.Type == StornResult && rapid.Bool().Draw(t, "storned")
	w.d.store.fail = rapid.IntRange(0, 4).Draw(t, "store") == 0
	before := w.d.store.data.transactions[r.TransactionID].State
	response, err := w.d.Serve(context.Background(), r, []byte("raw"))
	w.d.store.fail = false
	if err != nil {
		require.Equal(t, before, w.d.store.data.transactions[r.TransactionID].State)
		return
	}
	if len(response.Errors) > 0 {
		return
	}
	switch r.Type {
	case TransactionStart:
		if told, known := w.consents[r.TransactionID]; known {
			require.Equal(t, told, response.ProviderTrxID, "one id for ever")
		}
		w.consents[r.TransactionID] = response.ProviderTrxID
	case TransactionResult:
		if !r.Failed && before != Cancelled {
			w.acknowledged[r.TransactionID] = true
		}
	}
	again, err := w.d.Serve(context.Background(), r, []byte("raw"))
	require.NoError(t, err)
	if r.Type != StornResult || r.Storned {
		require.Equal(t, response, again, "a repetition is answered the same")
	}
}

func (w *world) card(t *rapid.T) {
	require.NoError(t, w.d.store.InTx(context.Background(), func(tx Tx) error {
		_, err := tx.Record(context.Background(), payments.Notification{
			Source: payments.SourceAssist, Kind: payments.KindPayment, ExternalID: "card", Number: "NOAIS000092239",
			Amount: 4320, Currency: payments.BYN, ReceivedAt: w.d.clock,
		})
		return err
	}))
}

func (w *world) register(t *rapid.T) {
	id := rapid.Int64Range(1, 3).Draw(t, "registered")
	if findings, err := w.d.ApplyRegister(context.Background(), Register{Lines: []RegisterLine{{TransactionID: id}}}); err == nil && findings[0] == FoundLost {
		w.acknowledged[id] = true
	}
}

// issue begins as the issuing side must: only when paid, and not during a reversal.
func (w *world) issue(*rapid.T) {
	for _, t := range w.d.store.data.transactions {
		if t.State == StornStarted {
			return
		}
	}
	w.d.store.data.issueBegun = w.d.store.data.issueBegun || w.d.store.data.payable.State == payments.PayablePaid
}

func (w *world) check(t *rapid.T) {
	require.LessOrEqual(t, w.d.store.applied(), 1, "never paid twice")
	for id := range w.acknowledged {
		require.Contains(t, w.d.store.data.ledger, "erip/"+strconv.FormatInt(id, 10), "never lost")
	}
	if w.d.store.data.issueBegun {
		require.Equal(t, payments.PayablePaid, w.d.store.data.payable.State, "nothing issued is unpaid")
	}
}

func TestP5_P8_NoInterleavingPaysTwiceOrLosesAPayment(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := &world{d: newProviderFixture(Config{}), acknowledged: map[int64]bool{}, consents: map[int64]int64{}}
		t.Repeat(map[string]func(*rapid.T){
			"send":     w.send,
			"card":     w.card,
			"register": w.register,
			"issue":    w.issue,
			"wait": func(t *rapid.T) {
				w.d.clock = w.d.clock.Add(time.Duration(rapid.IntRange(1, 40).Draw(t, "minutes")) * time.Minute)
			},
			"": w.check,
		})
	})
}
