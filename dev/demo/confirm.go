package demo

import (
	"context"
	"fmt"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/dev/caller"
	"github.com/remote-issuance/remote-issuance/dev/persons"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

// confirm lets the manager choose both orders, sign and pay, and waits until both certificates are out.
func (d *demo) confirm(ctx context.Context) error {
	manager, err := d.caller(persons.Director)
	if err != nil {
		return err
	}
	var confirmation contract.Confirmation
	if err := d.step("manager: both orders chosen, list made", func() (err error) {
		confirmation, err = d.choose(ctx, manager)
		return err
	}); err != nil {
		return err
	}
	if err := d.sign(ctx, manager, &confirmation); err != nil {
		return err
	}
	if err := d.pay(ctx, manager, confirmation); err != nil {
		return err
	}
	return d.step("certificates issued", func() error {
		for _, o := range d.orders {
			var err error
			if o.order, err = o.caller.AwaitIssued(ctx, o.order.ID); err != nil {
				return err
			}
		}
		_, err := manager.AwaitConfirmation(ctx, confirmation.ID, "finished")
		return err
	})
}

func (d *demo) choose(ctx context.Context, manager *caller.Caller) (contract.Confirmation, error) {
	var ids []order.ID
	for _, o := range d.orders {
		if err := d.listed(ctx, manager, o.order.ID); err != nil {
			return contract.Confirmation{}, err
		}
		ids = append(ids, o.order.ID)
	}
	return manager.MakeList(ctx, ids)
}

// listed looks for an order on the pages of the organisation's orders.
func (d *demo) listed(ctx context.Context, manager *caller.Caller, orderID order.ID) error {
	for page, pages := 1, 1; page <= pages; page++ {
		list, err := manager.Organisation(ctx, page)
		if err != nil {
			return err
		}
		if _, ok := caller.Listed(list, orderID); ok {
			return nil
		}
		pages = list.Pages
	}
	return fmt.Errorf("order %s is not among the organisation's orders", orderID)
}

func (d *demo) sign(ctx context.Context, manager *caller.Caller, confirmation *contract.Confirmation) error {
	var list []byte
	if err := d.step("manager: list downloaded", func() (err error) {
		list, err = manager.List(ctx, confirmation.ID)
		return err
	}); err != nil {
		return err
	}
	director := d.stack.Holder(persons.Director)
	return d.step(fmt.Sprintf("manager: %d octets signed with the %s key, signature accepted", len(list), director.Family), func() error {
		signature, err := director.Sign(list, d.stack.Now())
		if err != nil {
			return err
		}
		if *confirmation, err = manager.Sign(ctx, confirmation.ID, signature); err != nil {
			return err
		}
		*confirmation, err = manager.AwaitConfirmation(ctx, confirmation.ID, "awaiting-payment")
		return err
	})
}

// pay chooses ERIP and lets the gateway report the payment.
func (d *demo) pay(ctx context.Context, manager *caller.Caller, confirmation contract.Confirmation) error {
	gateway, err := d.caller(persons.Gateway)
	if err != nil {
		return err
	}
	var payment contract.Payment
	of := caller.OfConfirmation(confirmation.ID)
	if err := d.step("manager: payment by ERIP chosen", func() (err error) {
		payment, err = manager.ChooseMethod(ctx, of, "erip")
		return err
	}); err != nil {
		return err
	}
	return d.step(fmt.Sprintf("payment %s of %s %s reported", payment.Number, payment.Amount, payment.Currency), func() error {
		entry, err := gateway.Notify(ctx, contract.PaymentNotification{
			Source: "erip", ExternalID: "sample-" + confirmation.ID.String(), Number: payment.Number, Amount: payment.Amount,
			Currency: payment.Currency, OccurredAt: d.stack.Now(),
		})
		if err == nil && entry.State != contract.Applied {
			err = fmt.Errorf("the payment is kept as %s (%s)", entry.State, entry.Reason)
		}
		return err
	})
}
