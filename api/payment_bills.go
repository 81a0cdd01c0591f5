package api

import (
	"errors"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"github.com/remote-issuance/remote-issuance/api/web"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
)

// bill reads what is to be paid for an order of 6.0.00.
func (a *applicants) bill(v postgres.OrderView) (bill, error) {
	if v.Record.Service.NeedsApproval() || v.Payable == nil || v.Request == nil {
		return bill{}, web.Standing(web.ProblemNothingToPay, v.Record, nil)
	}
	return bill{payable: *v.Payable, page: "/orders/" + v.Record.ID.String() + "/payment", lines: []billLine{{
		orderID: v.Record.ID, name: fullName(v.Request.Subject), years: v.Request.Years, amount: v.Payable.Total,
	}}}, nil
}

func (a *applicants) getPayment(c *gin.Context) error {
	view, err := a.own(c)
	if err != nil {
		return err
	}
	b, err := a.bill(view)
	if err != nil {
		return err
	}
	return a.payments.answer(c, b)
}

func (a *applicants) choosePayment(c *gin.Context) error {
	method, err := readMethod(c)
	if err != nil {
		return err
	}
	view, err := a.own(c)
	if err != nil {
		return err
	}
	if _, err := a.admit(c, view.Record.Service); err != nil {
		return err
	}
	b, err := a.bill(view)
	if err != nil {
		return err
	}
	if err := a.payments.choose(c.Request.Context(), b, method); err != nil {
		return err
	}
	b.payable.Method = method
	return a.payments.answer(c, b)
}

// bill reads what is to be paid for a confirmation.
func (m *managers) bill(c *gin.Context) (bill, error) {
	v, err := m.own(c)
	if err != nil {
		return bill{}, err
	}
	if v.Payable == nil {
		return bill{}, web.Refuse(web.ProblemNothingToPay, errors.New("confirmation is "+string(v.Confirmation.Stage)))
	}
	id := v.Confirmation.ID.String()
	b := bill{payable: *v.Payable, page: "/organisation/lists/" + id + "/payment", invoiceURL: "/v1/confirmations/" + id + "/invoice"}
	b.payer.UNP = v.Confirmation.UNP
	for _, l := range v.Lines {
		if slices.Contains(v.Confirmation.LeftIDs, l.OrderID) {
			continue
		}
		b.payer.Name = l.Subject.Organisation
		b.lines = append(b.lines, billLine{orderID: l.OrderID, name: fullName(l.Subject), years: l.Years, amount: l.Price})
	}
	return b, nil
}

func (m *managers) getPayment(c *gin.Context) error {
	b, err := m.bill(c)
	if err != nil {
		return err
	}
	return m.payments.answer(c, b)
}

func (m *managers) choosePayment(c *gin.Context) error {
	method, err := readMethod(c)
	if err != nil {
		return err
	}
	b, err := m.bill(c)
	if err != nil {
		return err
	}
	if err := m.payments.choose(c.Request.Context(), b, method); err != nil {
		return err
	}
	b.payable.Method = method
	return m.payments.answer(c, b)
}

// downloadInvoice gives the invoice for a payment by bank (P3, P9).
func (m *managers) downloadInvoice(c *gin.Context) error {
	b, err := m.bill(c)
	if err != nil {
		return err
	}
	if b.payable.State != payments.PayableOpen {
		return web.Refuse(web.ProblemNothingToPay, nil)
	}
	inv, err := b.invoice()
	if err != nil {
		return err
	}
	doc, err := m.payments.methods.Documents.Bank(inv)
	if err != nil {
		return web.Refuse(web.ProblemPaymentMethod, err)
	}
	c.Header("Content-Disposition", `attachment; filename="`+doc.FileName+`"`)
	c.Data(http.StatusOK, "application/pdf", doc.PDF)
	return nil
}
