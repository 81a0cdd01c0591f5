package api

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/api/web"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/payments/clientbank"
	"github.com/remote-issuance/remote-issuance/internal/payments/intake"
)

// Ledger keeps every payment that somebody reports (P4–P6).
type Ledger interface {
	payments.Ledger
	// Payment error: order.ErrNotFound.
	Payment(ctx context.Context, id string) (payments.Payment, error)
	List(ctx context.Context, state payments.PaymentState, page, size int) (payments.PaymentPage, error)
	// Assign and Return errors: payments.ErrResolved, *payments.MismatchError.
	Assign(ctx context.Context, id string, number order.PaymentNumber, operator, note string) (payments.Payment, error)
	Return(ctx context.Context, id, operator, note string) (payments.Payment, error)
}

// operators answer what operators do with payments (scope operator).
type operators struct {
	*plumbing
	ledger     Ledger
	statements intake.Statements
	look       Looker
}

func (o *operators) route(g *gin.RouterGroup) {
	g.GET("/operator/status", o.Serve(o.getStatus))
	g.GET("/payments", o.Serve(o.listPayments))
	g.POST("/payments/:id/assignment", o.Serve(o.assignPayment))
	g.POST("/payments/:id/return", o.Serve(o.returnPayment))
}

// LedgerEntry is a payment as everybody is shown it who looks after money; an
// error is an id that is none.
func LedgerEntry(p payments.Payment) (contract.LedgerEntry, error) {
	id, err := order.ParseID(p.ID)
	return contract.LedgerEntry{
		ID: id, Source: string(p.Source), ExternalID: p.ExternalID, Number: p.Number, Amount: p.Amount.String(),
		Currency: p.Currency, PayerUNP: p.PayerUNP, State: contract.LedgerEntryState(p.State), Reason: string(p.Reason),
		ReceivedAt: inMinsk(p.ReceivedAt), Note: p.Note, NamedBy: orderNumbers(p.NamedBy),
	}, err
}

func orderNumbers(numbers []int64) []string {
	var out []string
	for _, n := range numbers {
		out = append(out, strconv.FormatInt(n, 10))
	}
	return out
}

func ledgerEntries(list []payments.Payment) ([]contract.LedgerEntry, error) {
	out := make([]contract.LedgerEntry, 0, len(list))
	for _, p := range list {
		entry, err := LedgerEntry(p)
		if err != nil {
			return nil, err
		}
		out = append(out, entry)
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
	imported, err := o.statements.Import(c.Request.Context(), data)
	if errors.Is(err, clientbank.ErrStatement) {
		return web.Refuse(web.ProblemStatement, err)
	}
	if err != nil {
		return err
	}
	kept := make([]payments.Payment, 0, len(imported.Decisions))
	for _, decision := range imported.Decisions {
		payment, err := o.ledger.Payment(c.Request.Context(), decision.PaymentID)
		if err != nil {
			return err
		}
		kept = append(kept, payment)
	}
	entries, err := ledgerEntries(kept)
	if err != nil {
		return err
	}
	passed := make(map[string]int, len(imported.Passed))
	for skip, n := range imported.Passed {
		passed[string(skip)] = n
	}
	c.JSON(http.StatusOK, contract.ImportedStatement{Payments: entries, PassedOver: passed})
	return nil
}

func (o *operators) listPayments(c *gin.Context) error {
	n, size, err := web.Paging(c)
	if err != nil {
		return err
	}
	state, err := payments.ParsePaymentState(c.DefaultQuery("state", string(payments.PaymentUnapplied)))
	if err != nil {
		return web.Invalid("state")
	}
	list, err := o.ledger.List(c.Request.Context(), state, n-1, size)
	if err != nil {
		return err
	}
	entries, err := ledgerEntries(list.Payments)
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, contract.LedgerEntries{Page: n, Pages: web.PageCount(list.Total, size), Total: list.Total, Payments: entries})
	return nil
}

// assignPayment matches an unapplied payment by hand (P4).
func (o *operators) assignPayment(c *gin.Context) error {
	var in contract.Assignment
	if err := web.ReadJSON(c, &in); err != nil {
		return err
	}
	number, err := payments.NormalizeNumber(in.Number)
	if in.Note = strings.TrimSpace(in.Note); in.Note == "" || web.Longer(in.Note, maxReason) {
		return web.Invalid("note")
	}
	if err != nil {
		return web.Refuse(web.ProblemNotMatching, nil)
	}
	return o.resolve(c, func(id, operator string) (payments.Payment, error) {
		return o.ledger.Assign(c.Request.Context(), id, number, operator, in.Note)
	})
}

// returnPayment notes that an unapplied payment goes back to its payer (P4).
func (o *operators) returnPayment(c *gin.Context) error {
	var in contract.ReturnOfPayment
	if err := web.ReadJSON(c, &in); err != nil {
		return err
	}
	if in.Note = strings.TrimSpace(in.Note); in.Note == "" || web.Longer(in.Note, maxReason) {
		return web.Invalid("note")
	}
	return o.resolve(c, func(id, operator string) (payments.Payment, error) {
		return o.ledger.Return(c.Request.Context(), id, operator, in.Note)
	})
}

func (o *operators) resolve(c *gin.Context, how func(id, operator string) (payments.Payment, error)) error {
	id, err := web.PathID(c)
	if err != nil {
		return err
	}
	payment, err := how(id.String(), o.operatorKey(web.CallerOf(c)))
	var mismatch *payments.MismatchError
	switch {
	case errors.Is(err, payments.ErrResolved):
		return web.Refuse(web.ProblemNotUnapplied, nil)
	case errors.As(err, &mismatch):
		return web.Refuse(web.ProblemNotMatching, err)
	case err != nil:
		return err
	}
	entry, err := LedgerEntry(payment)
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, entry)
	return nil
}
