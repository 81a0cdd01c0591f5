package api

import (
	"context"
	"errors"
	"io"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/api/web"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/payments/clientbank"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
)

// pageSize is how many payments an operator sees at once.
const pageSize = 50

// Ledger keeps every payment that somebody reports (P4–P6).
type Ledger interface {
	Receive(ctx context.Context, n payments.Notification) (postgres.Payment, error)
	List(ctx context.Context, state postgres.PaymentState, page, size int) (postgres.PaymentPage, error)
	// Assign and Return errors: postgres.ErrResolved, *postgres.MismatchError.
	Assign(ctx context.Context, id string, number order.PaymentNumber, operator, note string) (postgres.Payment, error)
	Return(ctx context.Context, id, operator, note string) (postgres.Payment, error)
}

// operators answer what operators do with payments (scope operator).
type operators struct {
	*plumbing
	ledger Ledger
}

func (o *operators) route(g *gin.RouterGroup) {
	g.GET("/payments", o.Serve(o.listPayments))
	g.POST("/payments/:id/assignment", o.Serve(o.assignPayment))
	g.POST("/payments/:id/return", o.Serve(o.returnPayment))
}

func ledgerEntry(p postgres.Payment) (contract.LedgerEntry, error) {
	id, err := order.ParseID(p.ID)
	return contract.LedgerEntry{
		ID: id, Source: string(p.Source), ExternalID: p.ExternalID, Number: p.Number, Amount: p.Amount.String(),
		Currency: p.Currency, PayerUNP: p.PayerUNP, State: contract.LedgerEntryState(p.State), Reason: string(p.Reason),
		ReceivedAt: inMinsk(p.ReceivedAt), Note: p.Note,
	}, err
}

func ledgerEntries(list []postgres.Payment) (contract.LedgerEntries, error) {
	out := contract.LedgerEntries{Payments: make([]contract.LedgerEntry, 0, len(list))}
	for _, p := range list {
		entry, err := ledgerEntry(p)
		if err != nil {
			return out, err
		}
		out.Payments = append(out.Payments, entry)
	}
	return out, nil
}

// importStatement reads a bank statement; every credit becomes a row of the
// ledger, those that were imported before change nothing (P3, P5).
func (o *operators) importStatement(c *gin.Context) error {
	if err := web.MediaType(c, "application/octet-stream"); err != nil {
		return err
	}
	data, err := io.ReadAll(c.Request.Body)
	if err != nil {
		return web.BodyProblem(err)
	}
	statement, err := clientbank.Parse(data)
	if err != nil {
		return web.Refuse(web.ProblemStatement, err)
	}
	kept := make([]postgres.Payment, 0, len(statement.Credits))
	for _, credit := range statement.Credits {
		payment, err := o.ledger.Receive(c, credit.Notification(o.now()))
		if err != nil {
			return err
		}
		kept = append(kept, payment)
	}
	return answerEntries(c, kept)
}

func answerEntries(c *gin.Context, list []postgres.Payment) error {
	entries, err := ledgerEntries(list)
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, entries)
	return nil
}

func (o *operators) listPayments(c *gin.Context) error {
	n, err := web.Page(c)
	if err != nil {
		return err
	}
	state := postgres.PaymentState(c.DefaultQuery("state", string(postgres.PaymentUnapplied)))
	switch state {
	case postgres.PaymentUnapplied, postgres.PaymentApplied, postgres.PaymentReturned:
	default:
		return web.Refuse(web.ProblemMalformed, errors.New("state is unapplied, applied or returned"))
	}
	list, err := o.ledger.List(c, state, n-1, pageSize)
	if err != nil {
		return err
	}
	return answerEntries(c, list.Payments)
}

// assignPayment matches an unapplied payment by hand (P4).
func (o *operators) assignPayment(c *gin.Context) error {
	var in contract.Assignment
	if err := web.ReadJSON(c, &in); err != nil {
		return err
	}
	number, err := payments.NormalizeNumber(in.Number)
	if in.Note == "" || web.Longer(in.Note, maxReason) {
		return web.Invalid("note")
	}
	if err != nil {
		return web.Refuse(web.ProblemNotMatching, nil)
	}
	return o.resolve(c, func(id, operator string) (postgres.Payment, error) {
		return o.ledger.Assign(c, id, number, operator, in.Note)
	})
}

// returnPayment notes that an unapplied payment goes back to its payer (P4).
func (o *operators) returnPayment(c *gin.Context) error {
	var in contract.ReturnOfPayment
	if err := web.ReadJSON(c, &in); err != nil {
		return err
	}
	if in.Note == "" || web.Longer(in.Note, maxReason) {
		return web.Invalid("note")
	}
	return o.resolve(c, func(id, operator string) (postgres.Payment, error) {
		return o.ledger.Return(c, id, operator, in.Note)
	})
}

func (o *operators) resolve(c *gin.Context, how func(id, operator string) (postgres.Payment, error)) error {
	id, err := web.PathID(c)
	if err != nil {
		return err
	}
	payment, err := how(id.String(), o.operatorKey(web.CallerOf(c)))
	var mismatch *postgres.MismatchError
	switch {
	case errors.Is(err, postgres.ErrResolved):
		return web.Refuse(web.ProblemNotUnapplied, nil)
	case errors.As(err, &mismatch):
		return web.Refuse(web.ProblemNotMatching, err)
	case err != nil:
		return err
	}
	entry, err := ledgerEntry(payment)
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, entry)
	return nil
}
