package activities

import (
	"context"
	"errors"
	"time"

	"go.temporal.io/sdk/activity"

	"github.com/remote-issuance/remote-issuance/internal/clock"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
)

// The card accounts that are compared: those due no longer ago than cardsBack.
const (
	cardsBack  = 3 * 24 * time.Hour
	cardsBatch = 100
)

// progress is where a comparison that is repeated goes on.
type progress struct {
	After  order.PaymentNumber `json:"after"`
	Result CompareResult       `json:"result"`
}

// CompareCards asks the card gateway about every number that may have been
// paid by card; money that the ledger did not know is put into it (P4).
func (r *Reconciliation) CompareCards(ctx context.Context, in CompareInput) (CompareResult, error) {
	var p progress
	if activity.HasHeartbeatDetails(ctx) {
		// Details that cannot be read mean only that all is compared again.
		_ = activity.GetHeartbeatDetails(ctx, &p)
	}
	for r.Cards != nil {
		accounts, err := r.Store.CardAccounts(ctx, in.At.Add(-cardsBack), p.After, cardsBatch)
		if err != nil {
			return p.Result, err
		}
		for _, a := range accounts {
			found, err := r.compareCard(ctx, a)
			if err != nil {
				return p.Result, err
			}
			room := mostDifferences - len(p.Result.Differences)
			p.Result.Differences = append(p.Result.Differences, found[:min(room, len(found))]...)
			p.After, p.Result.Asked = a.Number, p.Result.Asked+1
			activity.RecordHeartbeat(ctx, p)
		}
		if len(accounts) < cardsBatch {
			break
		}
	}
	return p.Result, nil
}

func (r *Reconciliation) compareCard(ctx context.Context, a payments.CardAccount) ([]payments.Difference, error) {
	events, err := r.Cards.Events(ctx, a.Number, a.OpenedAt)
	if err != nil {
		return nil, err
	}
	asked := clock.Now()
	var ids []string
	for _, e := range events {
		ids = append(ids, e.ExternalID)
	}
	booked, err := r.Store.CardPayments(ctx, a.PayableID, ids)
	if err != nil {
		return nil, err
	}
	found, missing := compareEvents(a.Number, events, booked, asked.Add(-settled))
	for _, e := range missing {
		_, failed := r.Ledger.Record(ctx, e)
		err = errors.Join(err, failed)
	}
	return found, err
}

// settled is how old a payment must be before the gateway has to know it: it
// may have come while the gateway was being asked.
const settled = 5 * time.Minute

// compareEvents holds what the gateway tells against the ledger.
func compareEvents(number order.PaymentNumber, events []payments.Notification, booked []payments.BookedPayment, before time.Time) (
	found []payments.Difference, missing []payments.Notification,
) {
	known := make(map[string]payments.BookedPayment, len(booked))
	for _, b := range booked {
		known[b.ExternalID] = b
	}
	told := map[string]bool{}
	for _, e := range events {
		told[e.ExternalID] = true
		d := payments.Difference{Source: e.Source, Number: int64(number), Theirs: e.Amount}
		switch b, ok := known[e.ExternalID]; {
		case e.Kind == payments.KindNoMoney:
		case !ok:
			d.Kind = payments.DifferenceUnbooked
			found, missing = append(found, d), append(missing, e)
		case b.Amount != e.Amount:
			d.Kind, d.PaymentID, d.Ours = payments.DifferenceAmount, b.ID, b.Amount
			found = append(found, d)
		}
	}
	for _, b := range booked {
		if b.Kind == payments.KindPayment && b.Gateway && !told[b.ExternalID] && !refunded(b, events) && b.ReceivedAt.Before(before) {
			found = append(found, payments.Difference{
				Kind: payments.DifferenceUnconfirmed, Source: payments.SourceAssist, Number: int64(number), PaymentID: b.ID, Ours: b.Amount,
			})
		}
	}
	return found, missing
}

// refunded tells whether the gateway reports a refund of the same bill: it
// then tells of the payment no more. The bill stands first in an external id.
func refunded(b payments.BookedPayment, events []payments.Notification) bool {
	for _, e := range events {
		if e.Kind == payments.KindReversal && payments.BillOf(e.Source, e.ExternalID) == payments.BillOf(e.Source, b.ExternalID) {
			return true
		}
	}
	return false
}
