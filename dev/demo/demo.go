package demo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/dev/authority"
	"github.com/remote-issuance/remote-issuance/dev/caller"
	"github.com/remote-issuance/remote-issuance/dev/persons"
	"github.com/remote-issuance/remote-issuance/dev/stack"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

// within bounds the whole sample; it takes seconds.
const within = 2 * time.Minute

const years = 2

func marker(dir string) string { return filepath.Join(dir, "sample", "done.json") }

// Done tells whether the sample has been taken to its end in a data directory.
func Done(dir string) bool {
	_, err := os.Stat(marker(dir))
	return err == nil
}

// demo is one run of the sample.
type demo struct {
	stack  *stack.Stack
	dir    string
	report func(step string, took time.Duration)
	orders []*sample
}

// sample is one employee's order.
type sample struct {
	holder      persons.Holder
	caller      *caller.Caller
	order       contract.Order
	certificate []byte
}

// Run takes the sample orders from a request to a certificate, tells of each step, and stops at the first that goes wrong. A run that
// was broken off is begun anew.
func Run(ctx context.Context, s *stack.Stack, report func(step string, took time.Duration)) error {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	d := &demo{stack: s, dir: filepath.Join(s.Dir(), "sample"), report: report}
	if err := os.MkdirAll(d.dir, 0o755); err != nil {
		return err
	}
	for _, id := range []string{persons.Oleg, persons.Vera} {
		if err := d.order(ctx, id); err != nil {
			return fmt.Errorf("order of %s: %w", id, err)
		}
	}
	if err := d.confirm(ctx); err != nil {
		return err
	}
	for _, o := range d.orders {
		if err := d.deliver(ctx, o); err != nil {
			return fmt.Errorf("delivery to %s: %w", o.holder.ID, err)
		}
	}
	return d.finish()
}

func (d *demo) step(name string, do func() error) error {
	began := time.Now()
	if err := do(); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	d.report(name, time.Since(began))
	return nil
}

func (d *demo) caller(id string) (*caller.Caller, error) {
	token, err := d.stack.Issuer().Token(id)
	return &caller.Caller{Base: d.stack.URLs.API, Token: token, Language: "ru"}, err
}

// order takes an employee from opening the order to waiting for the manager.
func (d *demo) order(ctx context.Context, id string) error {
	c, err := d.caller(id)
	if err != nil {
		return err
	}
	o := &sample{holder: d.stack.Holder(id), caller: c}
	d.orders = append(d.orders, o)
	var file []byte
	by := "own library"
	if o.holder.Family == authority.ECDSA {
		by = "OpenSSL"
	}
	if err := d.step(fmt.Sprintf("%s: request file made by %s, key %s", id, by, o.holder.Family), func() (err error) {
		file, err = d.request(ctx, o.holder)
		return err
	}); err != nil {
		return err
	}
	if err := d.step(id+": order opened, terms accepted", func() error { return o.open(ctx) }); err != nil {
		return err
	}
	contacts := caller.Upload{File: file, Email: o.holder.Subject.Email, Phone: o.holder.Phone}
	if err := d.step(id+": request uploaded, first check passed", func() (err error) {
		o.order, _, err = c.Submit(ctx, o.order.ID, contacts)
		return err
	}); err != nil {
		return err
	}
	return d.step(fmt.Sprintf("%s: registers agree, order %s waits for the manager", id, o.order.Number), func() (err error) {
		o.order, err = c.Await(ctx, o.order.ID, "awaiting-approval")
		return err
	})
}

func (d *demo) request(ctx context.Context, h persons.Holder) ([]byte, error) {
	if h.Family == authority.ECDSA {
		return OpenSSLRequest(ctx, d.dir, h, d.stack.Now(), years)
	}
	return h.Request(d.stack.Now(), years)
}

// open opens an order; those that an earlier run left half done are withdrawn first, a draft is resumed.
func (o *sample) open(ctx context.Context) (err error) {
	if err := o.withdrawLeft(ctx); err != nil {
		return fmt.Errorf("withdraw the order of an earlier run: %w", err)
	}
	if o.order, err = o.caller.Open(ctx, o.holder.Service()); err != nil {
		return err
	}
	if o.order.Stage == "terms" {
		o.order, err = o.caller.AcceptTerms(ctx, o.order.ID)
	}
	return err
}

func (o *sample) withdrawLeft(ctx context.Context) error {
	var left contract.OrderList
	if err := o.caller.Get(ctx, "/v1/orders", &left); err != nil {
		return err
	}
	for _, old := range left.Orders {
		if old.Stage == "ended" || old.Stage == "terms" || old.Stage == "request" {
			continue
		}
		if err := o.caller.Post(ctx, caller.OfOrder(old.ID)+"/withdrawal", nil, nil); err != nil {
			return err
		}
		if _, err := o.caller.Await(ctx, old.ID, "ended"); err != nil {
			return err
		}
	}
	return nil
}

// finish keeps what was done, so that the next start does not repeat it.
func (d *demo) finish() error {
	done := map[string]order.ID{}
	for _, o := range d.orders {
		done[o.holder.ID] = o.order.ID
	}
	data, err := json.MarshalIndent(done, "", "  ")
	return errors.Join(err, os.WriteFile(marker(d.stack.Dir()), data, 0o644))
}
