package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/dev/caller"
	"github.com/remote-issuance/remote-issuance/dev/faults/judge"
	"github.com/remote-issuance/remote-issuance/dev/gateways"
	"github.com/remote-issuance/remote-issuance/dev/persons"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/payments/assist"
)

// payer pays for one order or confirmation.
type payer struct {
	*driver
	unit    unit
	caller  *caller.Caller
	of      string
	payment contract.Payment
	amount  order.Kopecks
	random  *rand.Rand
}

// bill asks what is to be paid.
func (d *driver) bill(ctx context.Context, u unit, of *caller.Caller, path string) (*payer, error) {
	p := &payer{driver: d, unit: u, caller: of, of: path, random: u.random()}
	if err := p.choose(ctx, "erip"); err != nil {
		return nil, err
	}
	var err error
	p.amount, err = order.ParseKopecks(p.payment.Amount)
	return p, err
}

func (p *payer) choose(ctx context.Context, method contract.PaymentMethod) error {
	return p.persist(ctx, "choose a way to pay", func() error {
		chosen, err := p.caller.ChooseMethod(ctx, p.of, method)
		var refused *caller.Problem
		if errors.As(err, &refused) && refused.Status == http.StatusConflict && p.payment.Number != "" {
			// It is paid or over meanwhile. Whoever has the number can pay nevertheless.
			return nil
		}
		if err == nil {
			p.payment = chosen
		}
		return err
	})
}

func appliedFate() judge.Fate { return judge.Fate{State: judge.Applied} }

func unappliedFate(r payments.Reason) judge.Fate {
	return judge.Fate{State: judge.Unapplied, Reason: r}
}

// closedFates are those of money for what has ended, or whose term is over. A confirmation whose orders have all left costs nothing, so
// that everything is too much for it.
func closedFates() []judge.Fate {
	return []judge.Fate{unappliedFate(payments.ReasonClosed), unappliedFate(payments.ReasonOverdue), unappliedFate(payments.ReasonOverpaid)}
}

// booked writes down what was paid.
func (p *payer) booked(source payments.Source, bill, what string, amount order.Kopecks, fates ...judge.Fate) {
	p.rig.tally.payer(what)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done.Payments = append(p.done.Payments, judge.Payment{Source: source, Bill: bill, Story: what, Amount: amount, Fates: fates})
}

// pay pays as the story says.
func (p *payer) pay(ctx context.Context) error {
	if p.unit.story == toldLate {
		pause(ctx, within(p.random, 5*time.Second, 40*time.Second))
	}
	switch p.unit.story {
	case twoPayments:
		// The page of the card is open before the first payment is known: for what is paid already nobody gets one.
		if err := p.choose(ctx, "assist"); err != nil {
			return err
		}
		either := []judge.Fate{appliedFate(), unappliedFate(payments.ReasonAlreadyPaid)}
		if err := p.notified(ctx, "the first of two", either...); err != nil {
			return err
		}
		return p.card(ctx, "the second of two", p.payment.Amount, gateways.Faults{}, either...)
	case wrongSum:
		if err := p.card(ctx, "a wrong sum", "0.01", gateways.Faults{}, unappliedFate(payments.ReasonUnderpaid)); err != nil {
			return err
		}
	case reversed:
		if kept, err := p.reversed(ctx); kept || err != nil {
			return err
		}
	default:
	}
	return p.once(ctx)
}

// once pays by a way of the unit's own, with what the gateway does wrong.
func (p *payer) once(ctx context.Context) error {
	faults, what := p.faults()
	switch at := p.random.IntN(10); {
	case p.unit.each > 0 && at < 3:
		return p.bank(ctx, what, faults)
	case at < 6:
		return p.card(ctx, "card, "+what, p.payment.Amount, faults, appliedFate())
	case at < 9:
		return p.terminal(ctx, what, faults)
	default:
		return p.notified(ctx, "notification, "+what, appliedFate())
	}
}

func (p *payer) faults() (gateways.Faults, string) {
	switch p.unit.story {
	case toldTwice:
		return gateways.Faults{Repeats: 1 + p.random.IntN(3)}, "told twice"
	case answerLost:
		return gateways.Faults{LoseAnswers: 1 + p.random.IntN(2)}, "answer lost"
	case neverTold:
		return gateways.Faults{Never: true}, "never told"
	case toldLate:
		return gateways.Faults{DelayMillis: 500 + p.random.IntN(4000)}, "told late"
	default:
		return gateways.Faults{}, "as it should be"
	}
}

// notified pays by a message of a gateway that speaks the service's own protocol and repeats until it is answered.
func (p *payer) notified(ctx context.Context, what string, fates ...judge.Fate) error {
	bill := fmt.Sprintf("faults-%d-%d-%s", p.unit.seed, p.unit.n, strings.ReplaceAll(what, " ", "-"))
	n := contract.PaymentNotification{Source: "erip", ExternalID: bill, Number: p.payment.Number, Amount: p.payment.Amount,
		Currency: p.payment.Currency, OccurredAt: p.rig.stack.Now()}
	p.booked(payments.SourceERIP, bill, what, p.amount, fates...)
	return p.persist(ctx, "notify", func() error {
		_, err := p.program(persons.Gateway).Notify(ctx, n)
		return err
	})
}

// card pays by card. ASSIST tells once, and is asked where it was not heard.
func (p *payer) card(ctx context.Context, what, amount string, faults gateways.Faults, fates ...judge.Fate) error {
	if err := p.choose(ctx, "assist"); err != nil {
		return err
	}
	report, err := p.rig.stack.Gateways().PayCard(ctx, gateways.CardPayment{OrderNumber: p.payment.Number, Amount: amount, Faults: faults})
	if err != nil || report.State != assist.StateApproved {
		return err
	}
	sum, err := order.ParseKopecks(amount)
	p.booked(payments.SourceAssist, payments.BillOf(payments.SourceAssist, report.BillNumber), what, sum, fates...)
	return err
}

// terminalTries is how often a payer goes to the terminal before taking the card: a payment that was begun there and not ended keeps
// others out for some minutes.
const terminalTries = 5

// terminal pays at a terminal of ERIP. Whether the money was taken is the terminal's to say.
func (p *payer) terminal(ctx context.Context, what string, faults gateways.Faults) error {
	lost := faults.Never
	faults.Never = false
	for range terminalTries {
		report, err := p.rig.stack.Gateways().PayERIP(ctx, gateways.ERIPPayment{Account: p.payment.Number, LoseResult: lost, Faults: faults})
		if report.Paid {
			p.booked(payments.SourceERIP, strconv.FormatInt(report.TransactionID, 10), "terminal, "+what, p.amount, appliedFate())
			return nil
		}
		if err == nil && ctx.Err() != nil {
			return ctx.Err()
		}
		p.rig.tally.refusal("pay at a terminal")
		pause(ctx, time.Second)
	}
	return p.card(ctx, "card in place of a terminal, "+what, p.payment.Amount, faults, appliedFate())
}

// reversed pays at a terminal and takes the money back, if the service consents; kept tells that it has not.
func (p *payer) reversed(ctx context.Context) (kept bool, err error) {
	sandbox := p.rig.stack.Gateways()
	// An error is that of the result, which the register of ERIP tells in the end.
	report, _ := sandbox.PayERIP(ctx, gateways.ERIPPayment{Account: p.payment.Number})
	if !report.Paid {
		return false, nil
	}
	fate := appliedFate()
	err = p.persist(ctx, "take back", func() error {
		answer, err := sandbox.ReverseERIP(ctx, report.TransactionID, gateways.Faults{})
		if err == nil && !answer.Paid {
			fate = judge.Fate{State: judge.Returned, Reason: payments.ReasonReversed}
		}
		return err
	})
	if fate.State == judge.Returned {
		p.rig.tally.payer("taken back")
	}
	p.booked(payments.SourceERIP, strconv.FormatInt(report.TransactionID, 10), "terminal, to be taken back", p.amount, fate)
	return fate.State == judge.Applied, err
}

var errNotTaken = errors.New("the statement was not taken")

// bank pays by a transfer, which the bank tells in a statement.
func (p *payer) bank(ctx context.Context, what string, faults gateways.Faults) error {
	if err := p.choose(ctx, "client-bank"); err != nil {
		return err
	}
	m, err := p.people.manager(p.unit.n)
	if err != nil {
		return err
	}
	sandbox := p.rig.stack.Gateways()
	credit, err := sandbox.AddCredit(gateways.Credit{PayerUNP: m.Subject.UNP, Amount: p.payment.Amount, Purpose: p.payment.ClientBank.Purpose})
	if err != nil {
		return err
	}
	p.booked(payments.SourceClientBank, credit.OperationID, "bank, "+what, p.amount, appliedFate())
	if faults.Never {
		// The statement of the whole day comes at its end.
		return nil
	}
	return p.persist(ctx, "upload a statement", func() error {
		answers, err := sandbox.UploadCredits(ctx, []gateways.Credit{credit}, gateways.StatementText, faults)
		if err == nil && answers[len(answers)-1].Status != http.StatusOK {
			err = fmt.Errorf("%w: %d %s", errNotTaken, answers[len(answers)-1].Status, answers[len(answers)-1].Error)
		}
		return err
	})
}
