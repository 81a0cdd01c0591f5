package sandbox

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/remote-issuance/remote-issuance/dev/gateways"
	"github.com/remote-issuance/remote-issuance/dev/persons"
)

// behaviour is how a payer or a gateway behaves.
type behaviour string

// The behaviours; none is the good one.
const (
	// twice repeats each message, late lets days pass first, wrongSum pays a kopeck.
	twice    behaviour = "twice"
	late     behaviour = "late"
	wrongSum behaviour = "wrong-sum"
	// wrongPayer pays from the account of an organisation that owes nothing (bank).
	wrongPayer behaviour = "wrong-payer"
	// answerLost breaks the connection before the answer is read, and sends again; unsigned spoils the signature.
	answerLost behaviour = "answer-lost"
	unsigned   behaviour = "unsigned"
	// neverTold takes the money and sends no message; declined takes none.
	neverTold behaviour = "never-told"
	declined  behaviour = "declined"
)

// paying is a payment that is to be played.
type paying struct {
	// Number is what the payer pays by: NOAIS… by card and at a terminal of ERIP, ROAIS… in the purpose of a transfer.
	Number string `json:"number"`
	// Amount is what is paid, as 49.90; the sum that is owed when empty, which a bank does not know.
	Amount string `json:"amount"`
	// PayerUNP is who transfers; the sample organisation when empty.
	PayerUNP  string    `json:"payerUnp"`
	Behaviour behaviour `json:"behaviour"`
	// Days are how many pass before a late payment.
	Days int `json:"days"`
}

// ways are the ways to pay, each with the behaviours it can show.
func (s *Server) ways() map[string]way {
	common := []behaviour{"", twice, late, wrongSum, answerLost, neverTold}
	return map[string]way{
		"card": {s.payCard, append(common, unsigned, declined)},
		"erip": {s.payERIP, append(common, unsigned, declined)},
		"bank": {s.payBank, append(common, wrongPayer)},
	}
}

type way struct {
	pay   func(ctx context.Context, p paying) (any, error)
	shows []behaviour
}

func (s *Server) pay(ctx context.Context, r *http.Request, p paying) (any, error) {
	name := r.PathValue("way")
	w, ok := s.ways()[name]
	if !ok {
		return nil, notFound("ways to pay are card, erip and bank")
	}
	if p.Number == "" {
		return nil, errors.New("number: want the number that is paid by")
	}
	known := false
	for _, b := range w.shows {
		known = known || b == p.Behaviour
	}
	if !known {
		return nil, fmt.Errorf("behaviour: %s shows %q", name, w.shows)
	}
	if (p.Behaviour == late) != (p.Days > 0) {
		return nil, errors.New("days: want them with the behaviour late, and with it only")
	}
	if p.Behaviour == late {
		if _, err := s.o.Clock.Advance(ctx, time.Duration(p.Days)*24*time.Hour); err != nil {
			return nil, err
		}
	}
	if p.Behaviour == wrongSum {
		p.Amount = "0.01"
	}
	return w.pay(ctx, p)
}

func (b behaviour) faults() gateways.Faults {
	f := gateways.Faults{BadSignature: b == unsigned, Never: b == neverTold}
	if b == twice {
		f.Repeats = 1
	}
	if b == answerLost {
		f.LoseAnswers = 1
	}
	return f
}

func (s *Server) payCard(ctx context.Context, p paying) (any, error) {
	return s.o.Gateways.PayCard(ctx, gateways.CardPayment{OrderNumber: p.Number, Amount: p.Amount, Declined: p.Behaviour == declined,
		Faults: p.Behaviour.faults()})
}

func (s *Server) payERIP(ctx context.Context, p paying) (any, error) {
	return s.o.Gateways.PayERIP(ctx, gateways.ERIPPayment{Account: p.Number, Amount: p.Amount, Failed: p.Behaviour == declined,
		LoseResult: p.Behaviour == neverTold, Faults: p.Behaviour.faults()})
}

func (s *Server) payBank(ctx context.Context, p paying) (any, error) {
	credit := gateways.Credit{PayerUNP: p.PayerUNP, PayerName: "Плательщик", Amount: p.Amount, Purpose: p.Number + " за услуги"}
	if credit.PayerUNP == "" {
		credit.PayerUNP = persons.OrganisationUNP
	}
	if p.Behaviour == wrongPayer {
		credit.PayerUNP = persons.StrangerUNP
	}
	booked, err := s.o.Gateways.AddCredit(credit)
	if err != nil || p.Behaviour == neverTold {
		return booked, err
	}
	return s.o.Gateways.UploadStatement(ctx, gateways.StatementText, p.Behaviour.faults())
}
