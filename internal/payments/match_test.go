package payments

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

const unp = "190000020"

var due = time.Date(2025, 6, 11, 0, 0, 0, 0, order.Minsk())

func payable() *Payable {
	return &Payable{
		Number: 92239, Amount: 8640, PayerUNP: unp, State: PayableOpen, Due: due,
		Methods: []Source{SourceAssist, SourceERIP, SourceClientBank},
	}
}

func credit() Notification {
	return Notification{
		Source: SourceClientBank, Kind: KindPayment, ExternalID: "OP0000001",
		Number: "ROAIS000092239 оплата услуг", Amount: 8640, Currency: BYN, PayerUNP: unp,
		OccurredAt: due.Add(-time.Second), ReceivedAt: due.Add(time.Hour),
	}
}

func card() Notification {
	n := credit()
	n.Source, n.Number, n.PayerUNP = SourceAssist, "NOAIS000092239", ""
	return n
}

func TestP3_P4_Match(t *testing.T) {
	type change func(*Notification, *Payable)
	for name, c := range map[string]struct {
		base   func() Notification
		change change
		want   Reason
	}{
		"bank transfer":                {credit, func(*Notification, *Payable) {}, ReasonNone},
		"card":                         {card, func(*Notification, *Payable) {}, ReasonNone},
		"bank prefix typed in ERIP":    {card, func(n *Notification, _ *Payable) { n.Source, n.Number = SourceERIP, " roais 000092239" }, ReasonNone},
		"a person pays by card":        {card, func(_ *Notification, p *Payable) { p.PayerUNP = "" }, ReasonNone},
		"no number":                    {credit, func(n *Notification, _ *Payable) { n.Number = "оплата" }, ReasonNoNumber},
		"a purpose sent as number":     {card, func(n *Notification, _ *Payable) { n.Number = "NOAIS000092239 оплата" }, ReasonNoNumber},
		"two numbers":                  {credit, func(n *Notification, _ *Payable) { n.Number += " ROAIS000092240" }, ReasonSeveralNumbers},
		"number of something else":     {credit, func(n *Notification, _ *Payable) { n.Number = "ROAIS000092240" }, ReasonUnknownNumber},
		"a kopeck short":               {credit, func(n *Notification, _ *Payable) { n.Amount-- }, ReasonUnderpaid},
		"nothing for nothing":          {card, func(n *Notification, p *Payable) { n.Amount, p.Amount = 0, 0 }, ReasonUnderpaid},
		"a kopeck too much":            {card, func(n *Notification, _ *Payable) { n.Amount++ }, ReasonOverpaid},
		"other currency":               {card, func(n *Notification, _ *Payable) { n.Currency = "USD" }, ReasonWrongCurrency},
		"no currency":                  {card, func(n *Notification, _ *Payable) { n.Currency = "" }, ReasonWrongCurrency},
		"other payer":                  {credit, func(n *Notification, _ *Payable) { n.PayerUNP = "191700161" }, ReasonWrongPayer},
		"payer not told":               {credit, func(n *Notification, _ *Payable) { n.PayerUNP = "" }, ReasonWrongPayer},
		"neither has a payer":          {credit, func(n *Notification, p *Payable) { n.PayerUNP, p.PayerUNP = "", "" }, ReasonWrongPayer},
		"bank order for an individual": {credit, func(_ *Notification, p *Payable) { p.Methods = []Source{SourceAssist, SourceERIP} }, ReasonMethodNotAllowed},
		"closed":                       {card, func(_ *Notification, p *Payable) { p.State = PayableClosed }, ReasonClosed},
		"paid already":                 {card, func(_ *Notification, p *Payable) { p.State = PayablePaid }, ReasonAlreadyPaid},
		"at the due instant":           {card, func(n *Notification, _ *Payable) { n.OccurredAt = due }, ReasonOverdue},
		"time not told":                {card, func(n *Notification, _ *Payable) { n.OccurredAt = time.Time{} }, ReasonOverdue},
		"test mode":                    {card, func(n *Notification, _ *Payable) { n.Kind = KindTest }, ReasonTestMode},
		"reversal":                     {card, func(n *Notification, _ *Payable) { n.Kind = KindReversal }, ReasonReversed},
	} {
		t.Run(name, func(t *testing.T) {
			n, p := c.base(), payable()
			c.change(&n, p)
			want := Decision{Outcome: Applied}
			if c.want != ReasonNone {
				want = Decision{Outcome: Unapplied, Reason: c.want}
			}
			require.Equal(t, want, Match(n, p))
		})
	}
}

func TestP4_UnknownNumberAndNoMoney(t *testing.T) {
	require.Equal(t, Decision{Outcome: Unapplied, Reason: ReasonUnknownNumber}, Match(card(), nil))
	n := card()
	n.Kind = KindNoMoney
	require.Equal(t, Decision{Outcome: Ignored}, Match(n, payable()))
}

func TestReasonsAreReadBack(t *testing.T) {
	for _, r := range Reasons() {
		got, err := ParseReason(string(r))
		require.NoError(t, err)
		require.Equal(t, r, got)
	}
	_, err := ParseReason("bad weather")
	require.Error(t, err)
	_, err = ParseSource("cheque")
	require.Error(t, err)
}

// ledger applies Match as a store must: each external id once, under one lock.
type ledger struct {
	payable Payable
	rows    map[string]Decision
}

func (l *ledger) record(n Notification) {
	id := string(n.Source) + "/" + n.ExternalID
	if _, known := l.rows[id]; known {
		return
	}
	d := Match(n, &l.payable)
	if d.Outcome == Applied {
		l.payable.State = PayablePaid
	}
	l.rows[id] = d
}

func TestP5_P8_NoOrderOfMessagesPaysTwiceOrLosesOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := &ledger{payable: *payable(), rows: map[string]Decision{}}
		sent := map[string]bool{}
		good := false
		for range rapid.IntRange(1, 20).Draw(t, "messages") {
			n := rapid.SampledFrom([]func() Notification{credit, card}).Draw(t, "way")()
			n.ExternalID = rapid.SampledFrom([]string{"1", "2", "3"}).Draw(t, "id")
			// What a gateway says under one identifier never changes.
			n.Amount += order.Kopecks(len(n.ExternalID)) * order.Kopecks(n.ExternalID[0]-'1')
			good = good || n.ExternalID == "1"
			sent[string(n.Source)+"/"+n.ExternalID] = true
			l.record(n)
		}
		applied := 0
		for _, d := range l.rows {
			if d.Outcome == Applied {
				applied++
			} else {
				require.NotEqual(t, ReasonNone, d.Reason)
			}
		}
		require.Len(t, l.rows, len(sent), "every message is kept")
		require.LessOrEqual(t, applied, 1)
		require.Equal(t, good, applied == 1, "the right payment pays")
	})
}
