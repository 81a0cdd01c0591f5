package api

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/api/web"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/payments/invoice"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
)

// Payables know what is paid for and remember how somebody wants to pay.
type Payables interface {
	// ChooseMethod errors: postgres.ErrMethodNotAllowed; order.ErrNotFound when
	// nothing is to be paid under the id.
	ChooseMethod(ctx context.Context, payable order.ID, method payments.Source) error
	// Status errors: order.ErrNotFound when nothing has the number.
	Status(ctx context.Context, number order.PaymentNumber) (postgres.PaymentStatus, error)
}

// bill is something to pay with everything its documents say.
type bill struct {
	payable postgres.PayableView
	payer   invoice.Payer
	lines   []billLine
	// page is the portal's page of the payment, without the portal's address.
	page string
	// invoiceURL is where the PDF is; empty for 6.0.00, which no bank pays (P1).
	invoiceURL string
}

type billLine struct {
	orderID order.ID
	name    string
	years   int
	amount  order.Kopecks
}

// payers answer how something is paid, by whichever method is configured.
type payers struct {
	payables Payables
	methods  PaymentMethods
}

// methodNames are the methods of the contract by the sources of the ledger.
var methodNames = map[payments.Source]contract.PaymentMethod{
	payments.SourceAssist: contract.PaymentMethodAssist, payments.SourceERIP: contract.PaymentMethodERIP,
	payments.SourceClientBank: contract.PaymentMethodClientBank,
}

// answer says what is to be paid and by which methods.
func (p *payers) answer(c *gin.Context, b bill) error {
	view, err := p.view(b)
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, view)
	return nil
}

// readMethod reads the method that the caller has chosen.
func readMethod(c *gin.Context) (payments.Source, error) {
	var in contract.ChoosePaymentMethod
	if err := web.ReadJSON(c, &in); err != nil {
		return "", err
	}
	for source, name := range methodNames {
		if name == in.Method {
			return source, nil
		}
	}
	return "", web.Invalid("method")
}

// choose remembers the method (P1).
func (p *payers) choose(ctx context.Context, b bill, method payments.Source) error {
	if !slices.Contains(p.methods.Configured, method) {
		return web.Refuse(web.ProblemPaymentMethod, nil)
	}
	err := p.payables.ChooseMethod(ctx, b.payable.ID, method)
	switch {
	case errors.Is(err, postgres.ErrMethodNotAllowed):
		return web.Refuse(web.ProblemPaymentMethod, nil)
	case errors.Is(err, order.ErrNotFound):
		return web.Refuse(web.ProblemNothingToPay, err)
	default:
		return err
	}
}

func (p *payers) view(b bill) (contract.Payment, error) {
	y := b.payable
	view := contract.Payment{
		Number: y.Number.ERIP(), Amount: y.Total.String(), Currency: payments.BYN, State: contract.PaymentState(y.State),
		PayBy: inMinsk(y.Due), Method: methodNames[y.Method], Methods: []contract.PaymentMethod{},
	}
	for _, l := range b.lines {
		view.Lines = append(view.Lines, contract.PaymentLine{OrderID: l.orderID, Name: l.name, Years: l.years, Amount: l.amount.String()})
	}
	for _, method := range y.Methods {
		if slices.Contains(p.methods.Configured, method) {
			view.Methods = append(view.Methods, methodNames[method])
		}
	}
	if y.State != payments.PayableOpen || y.Method == "" {
		return view, nil
	}
	inv, err := b.invoice()
	if err != nil {
		return view, err
	}
	return view, p.methods.addDocument(&view, b, inv)
}

func (b bill) invoice() (invoice.Invoice, error) {
	lines := make([]invoice.Line, 0, len(b.lines))
	for _, l := range b.lines {
		lines = append(lines, invoice.Line{Title: "Дистанционное издание сертификата: " + l.name, Years: l.years, Quantity: 1, Price: l.amount})
	}
	return invoice.New(b.payable.Number, b.payable.OpenedAt, b.payable.Due, b.payer, lines)
}
