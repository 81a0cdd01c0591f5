package api

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/payments/assist"
	"github.com/remote-issuance/remote-issuance/internal/payments/invoice"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
)

// Ways makes the payer's document for each way that is configured.
type Ways struct {
	Office invoice.Office
	// Configured are the ways that can be offered at all.
	Configured  []payments.Source
	Beneficiary invoice.BeneficiaryDetails
	// ReturnURL is where the payer's browser goes after the card page.
	ReturnURL string
}

// paymentView is what is to be paid, and how.
type paymentView struct {
	Number     string            `json:"number"`
	Amount     string            `json:"amount"`
	Currency   string            `json:"currency"`
	State      string            `json:"state"`
	PayBy      *time.Time        `json:"payBy,omitempty"`
	Ways       []string          `json:"ways"`
	Way        string            `json:"way,omitempty"`
	Lines      []paymentLineView `json:"lines,omitempty"`
	Assist     *assistView       `json:"assist,omitempty"`
	ERIP       *eripView         `json:"erip,omitempty"`
	ClientBank *clientBankView   `json:"clientBank,omitempty"`
}

type paymentLineView struct {
	OrderID string `json:"orderId"`
	Name    string `json:"name"`
	Years   int    `json:"years,omitempty"`
	Amount  string `json:"amount"`
}

type assistView struct {
	URL    string            `json:"url"`
	Fields map[string]string `json:"fields"`
}

type eripView struct {
	Number string   `json:"number"`
	Path   []string `json:"path"`
	QR     string   `json:"qr,omitempty"`
	QRSVG  string   `json:"qrSvg,omitempty"`
}

type clientBankView struct {
	Purpose     string          `json:"purpose"`
	Invoice     string          `json:"invoice,omitempty"`
	Beneficiary beneficiaryView `json:"beneficiary"`
}

type beneficiaryView struct {
	Name        string `json:"name"`
	Account     string `json:"account"`
	Bank        string `json:"bank"`
	BIC         string `json:"bic"`
	UNP         string `json:"unp"`
	PurposeCode string `json:"purposeCode,omitempty"`
}

// bill is something to pay with everything its documents say.
type bill struct {
	payable postgres.PayableView
	payer   invoice.Payer
	lines   []paymentLineView
	// invoiceURL is where the PDF is; empty for 6.0.00, which no bank pays (P1).
	invoiceURL string
}

func (s *Server) getOrderPayment(c *gin.Context) error    { return s.answerPayment(c, s.orderBill) }
func (s *Server) chooseOrderPayment(c *gin.Context) error { return s.choosePayment(c, s.orderBill) }
func (s *Server) getConfirmationPayment(c *gin.Context) error {
	return s.answerPayment(c, s.confirmationBill)
}

func (s *Server) chooseConfirmationPayment(c *gin.Context) error {
	return s.choosePayment(c, s.confirmationBill)
}

func (s *Server) answerPayment(c *gin.Context, read func(*gin.Context) (bill, error)) error {
	b, err := read(c)
	if err != nil {
		return err
	}
	view, err := s.paymentView(b)
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, view)
	return nil
}

// choosePayment remembers the way and answers how to pay that way (P1).
func (s *Server) choosePayment(c *gin.Context, read func(*gin.Context) (bill, error)) error {
	var in struct {
		Way string `json:"way"`
	}
	if err := readJSON(c, &in); err != nil {
		return err
	}
	way, ok := sources[in.Way]
	if !ok {
		return invalid("way")
	}
	b, err := read(c)
	if err != nil {
		return err
	}
	if !slices.Contains(s.Ways.Configured, way) {
		return refuse(problemWay, nil)
	}
	err = s.Store.Payables.ChooseWay(c, b.payable.ID, way)
	switch {
	case errors.Is(err, postgres.ErrWayNotAllowed):
		return refuse(problemWay, nil)
	case errors.Is(err, activities.ErrNotFound):
		return refuse(problemNothingToPay, err)
	case err != nil:
		return err
	}
	return s.answerPayment(c, read)
}

// orderBill reads what is to be paid for an order of 6.0.00.
func (s *Server) orderBill(c *gin.Context) (bill, error) {
	id, err := pathID(c)
	if err != nil {
		return bill{}, err
	}
	view, err := s.ownOrder(c, id, s.applicantKey(callerOf(c)))
	if err != nil {
		return bill{}, err
	}
	if view.Opening.Service.NeedsApproval() || view.Payable == nil || view.Request == nil {
		return bill{}, standing(problemNothingToPay, view, nil)
	}
	return bill{payable: *view.Payable, lines: []paymentLineView{{
		OrderID: id, Name: fullName(view.Request.Subject), Years: view.Request.Years, Amount: view.Payable.Total.String(),
	}}}, nil
}

// confirmationBill reads what is to be paid for a confirmation.
func (s *Server) confirmationBill(c *gin.Context) (bill, error) {
	view, err := s.managed(c)
	if err != nil {
		return bill{}, err
	}
	if view.Payable == nil {
		return bill{}, refuse(problemNothingToPay, errors.New("confirmation is "+string(view.State.Stage)))
	}
	b := bill{payable: *view.Payable, invoiceURL: "/v1/confirmations/" + view.ID + "/invoice"}
	b.payer.UNP = view.Opening.UNP
	for _, l := range view.Lines {
		if slices.Contains(view.State.LeftIDs, l.OrderID) {
			continue
		}
		b.payer.Name = l.Subject.Organisation
		b.lines = append(b.lines, paymentLineView{OrderID: l.OrderID, Name: fullName(l.Subject), Years: l.Years, Amount: l.Price.String()})
	}
	return b, nil
}

func (s *Server) paymentView(b bill) (paymentView, error) {
	p := b.payable
	view := paymentView{
		Number: p.Number.ERIP(), Amount: p.Total.String(), Currency: payments.BYN, State: string(p.State),
		PayBy: optional(p.Due), Way: wayOf(p.Way), Lines: b.lines, Ways: []string{},
	}
	for _, way := range p.Ways {
		if slices.Contains(s.Ways.Configured, way) {
			view.Ways = append(view.Ways, wayOf(way))
		}
	}
	if p.State != payments.PayableOpen {
		return view, nil
	}
	return view, s.addDocument(&view, b)
}

// addDocument adds what the payer needs for the way they have chosen.
func (s *Server) addDocument(view *paymentView, b bill) error {
	if b.payable.Way == "" {
		return nil
	}
	inv, err := b.invoice()
	if err != nil {
		return err
	}
	switch b.payable.Way {
	case payments.SourceAssist:
		card, err := s.Ways.Office.Card(inv, invoice.Return{URL: s.Ways.ReturnURL, Language: assist.Russian})
		if err != nil {
			return err
		}
		view.Assist = &assistView{URL: card.Page.Action, Fields: map[string]string{}}
		for _, f := range card.Page.Fields {
			view.Assist.Fields[f.Name] = f.Value
		}
	case payments.SourceERIP:
		doc, err := s.Ways.Office.ERIP(inv)
		if err != nil {
			return err
		}
		view.ERIP = &eripView{Number: doc.Number, Path: doc.Tree, QR: doc.Link, QRSVG: string(doc.SVG)}
	case payments.SourceClientBank:
		d := s.Ways.Beneficiary
		view.Number = b.payable.Number.ClientBank()
		view.ClientBank = &clientBankView{
			Purpose: s.Ways.Office.Beneficiary.Purpose(b.payable.Number), Invoice: b.invoiceURL,
			Beneficiary: beneficiaryView{Name: d.Name, Account: d.IBAN, Bank: d.Bank, BIC: d.BIC, UNP: d.UNP, PurposeCode: d.PurposeCode},
		}
	case payments.SourceManual:
	}
	return nil
}

func (b bill) invoice() (invoice.Invoice, error) {
	lines := make([]invoice.Line, 0, len(b.lines))
	for _, l := range b.lines {
		price, err := order.ParseKopecks(l.Amount)
		if err != nil {
			return invoice.Invoice{}, err
		}
		lines = append(lines, invoice.Line{Title: "Дистанционное издание сертификата: " + l.Name, Quantity: 1, Price: price})
	}
	return invoice.New(b.payable.Number, b.payable.OpenedAt, b.payable.Due, b.payer, lines)
}

// downloadInvoice gives the invoice for a payment by bank (P3, P9).
func (s *Server) downloadInvoice(c *gin.Context) error {
	b, err := s.confirmationBill(c)
	if err != nil {
		return err
	}
	if b.payable.State != payments.PayableOpen {
		return refuse(problemNothingToPay, nil)
	}
	inv, err := b.invoice()
	if err != nil {
		return err
	}
	doc, err := s.Ways.Office.Bank(inv)
	if err != nil {
		return refuse(problemWay, err)
	}
	c.Header("Content-Disposition", `attachment; filename="`+doc.FileName+`"`)
	c.Data(http.StatusOK, "application/pdf", doc.PDF)
	return nil
}

// Activator notes the first sign-in with an issued certificate (I7).
type Activator interface {
	// Activate finds the order of the certificate (DER) and notes the sign-in;
	// a repetition changes nothing. Error: activities.ErrNotFound.
	Activate(ctx context.Context, certificate []byte, at time.Time) (orderID string, err error)
}
