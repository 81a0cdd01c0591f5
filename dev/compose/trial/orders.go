package trial

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/dev/caller"
	"github.com/remote-issuance/remote-issuance/dev/compose/site"
	"github.com/remote-issuance/remote-issuance/dev/demo"
	"github.com/remote-issuance/remote-issuance/dev/gateways"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
)

// within bounds an order, with what is done to the containers meanwhile.
const within = 6 * time.Minute

// individual takes an order of 6.0.00 to the certificate; meanwhile, when given, happens while the order waits for its payment.
func (t *Trial) individual(ctx context.Context, meanwhile func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	p, err := t.Site.NewIndividual()
	if err != nil {
		return err
	}
	o, err := submitted(ctx, p, "6.0.00", "awaiting-payment")
	if err != nil {
		return err
	}
	if meanwhile != nil {
		if err := meanwhile(ctx); err != nil {
			return err
		}
	}
	if err := t.pay(ctx, p, caller.OfOrder(o.ID)); err != nil {
		return err
	}
	return t.delivered(ctx, p, o)
}

// employee takes an order of 6.0.01 through the manager's confirmation to the certificate.
func (t *Trial) employee(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	director, err := t.Site.NewDirector()
	if err != nil {
		return err
	}
	p, err := t.Site.NewEmployee(director)
	if err != nil {
		return err
	}
	o, err := submitted(ctx, p, "6.0.01", "awaiting-approval")
	if err != nil {
		return err
	}
	c, err := director.MakeList(ctx, []order.ID{o.ID})
	if err != nil {
		return fmt.Errorf("list: %w", err)
	}
	list, err := director.List(ctx, c.ID)
	if err != nil {
		return err
	}
	signature, err := director.Holder.Sign(list, time.Now())
	if err != nil {
		return err
	}
	if _, err = director.Caller.Sign(ctx, c.ID, signature); err != nil {
		return fmt.Errorf("signature: %w", err)
	}
	if _, err = director.AwaitConfirmation(ctx, c.ID, "awaiting-payment"); err != nil {
		return err
	}
	if err := t.pay(ctx, director, caller.OfConfirmation(c.ID)); err != nil {
		return err
	}
	return t.delivered(ctx, p, o)
}

// submitted opens an order and uploads its request.
func submitted(ctx context.Context, p *site.Party, service order.Service, stage order.Stage) (contract.Order, error) {
	o, err := p.Open(ctx, service)
	if err != nil {
		return o, fmt.Errorf("open: %w", err)
	}
	if o, err = p.AcceptTerms(ctx, o.ID); err != nil {
		return o, fmt.Errorf("terms: %w", err)
	}
	file, err := p.Request(time.Now(), 1)
	if err != nil {
		return o, err
	}
	if o, _, err = p.Submit(ctx, o.ID, caller.Upload{File: file, Email: p.Subject.Email, Phone: p.Phone}); err != nil {
		return o, fmt.Errorf("request: %w", err)
	}
	return p.Await(ctx, o.ID, stage)
}

// pay chooses ERIP and pays at its terminal, with ERIP's own messages; a terminal that gets no answer tries again.
func (t *Trial) pay(ctx context.Context, payer *site.Party, of string) error {
	payment, err := payer.ChooseMethod(ctx, of, "erip")
	if err != nil {
		return fmt.Errorf("choose ERIP: %w", err)
	}
	for {
		report, err := t.Site.Gateways.PayERIP(ctx, gateways.ERIPPayment{Account: payment.Number})
		if err == nil && report.Paid {
			return nil
		}
		select {
		case <-ctx.Done():
			return errors.Join(err, fmt.Errorf("the terminal took no money: %+v", report))
		case <-time.After(2 * time.Second):
		}
	}
}

// delivered takes login and password from letter and short message to the storage.
func (t *Trial) delivered(ctx context.Context, p *site.Party, o contract.Order) error {
	o, err := p.AwaitIssued(ctx, o.ID)
	if err != nil {
		return err
	}
	login, password, err := demo.AwaitCredentials(ctx, t.Site.Inbox, p.Subject.Email, p.Phone, o.Number)
	if err != nil {
		return err
	}
	der, err := p.Fetch(ctx, login, password, "cer")
	if err != nil {
		return fmt.Errorf("storage: %w", err)
	}
	certificate, err := pki.ParseCertificate(der)
	if err != nil {
		return err
	}
	if got := certificate.Subject().PersonalNumber; got != p.Subject.PersonalNumber {
		return fmt.Errorf("the certificate is of %s", got)
	}
	return nil
}
