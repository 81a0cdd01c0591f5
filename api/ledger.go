package api

import (
	"errors"
	"io"
	"net/http"
	"time"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/payments/clientbank"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
)

// pageSize is how many payments an operator sees at once.
const pageSize = 50

// ledgerView is a payment of the ledger.
type ledgerView struct {
	ID         string    `json:"id"`
	Source     string    `json:"source"`
	ExternalID string    `json:"externalId"`
	Number     string    `json:"number,omitempty"`
	Amount     string    `json:"amount,omitempty"`
	Currency   string    `json:"currency,omitempty"`
	PayerUNP   string    `json:"payerUnp,omitempty"`
	State      string    `json:"state"`
	Reason     string    `json:"reason,omitempty"`
	ReceivedAt time.Time `json:"receivedAt"`
	Note       string    `json:"note,omitempty"`
}

func entryView(p postgres.Payment) ledgerView {
	return ledgerView{
		ID: p.ID, Source: string(p.Source), ExternalID: p.ExternalID, Number: p.Number, Amount: p.Amount.String(),
		Currency: p.Currency, PayerUNP: p.PayerUNP, State: string(p.State), Reason: string(p.Reason),
		ReceivedAt: inMinsk(p.ReceivedAt), Note: p.Note,
	}
}

// notifyPayment keeps what a gateway reports; it is answered when the payment
// is on disk (P6). The worker tells the workflow.
func (s *Server) notifyPayment(c *gin.Context) error {
	if err := mediaType(c, "application/json"); err != nil {
		return err
	}
	raw, err := io.ReadAll(c.Request.Body)
	if err != nil {
		return bodyProblem(err)
	}
	n, err := s.notification(raw)
	if err != nil {
		return err
	}
	payment, err := s.Store.Ledger.Receive(c, n)
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, entryView(payment))
	return nil
}

func (s *Server) notification(raw []byte) (payments.Notification, error) {
	var in struct {
		Source     string    `json:"source"`
		ExternalID string    `json:"externalId"`
		Number     string    `json:"number"`
		Amount     string    `json:"amount"`
		Currency   string    `json:"currency"`
		PayerUNP   string    `json:"payerUnp"`
		OccurredAt time.Time `json:"occurredAt"`
	}
	if err := decodeForeign(raw, &in); err != nil {
		return payments.Notification{}, err
	}
	source, err := payments.ParseSource(in.Source)
	if err != nil || source == payments.SourceManual || in.ExternalID == "" || in.OccurredAt.IsZero() || len(in.Currency) != 3 ||
		longer(in.ExternalID, 128) || longer(in.Number, 256) || longer(in.Amount, 20) || longer(in.PayerUNP, 16) {
		return payments.Notification{}, invalid("body")
	}
	amount, err := order.ParseKopecks(in.Amount)
	if err != nil {
		return payments.Notification{}, invalid("amount")
	}
	return payments.Notification{
		Source: source, Kind: payments.KindPayment, ExternalID: in.ExternalID, Raw: raw, Number: in.Number, Amount: amount,
		Currency: in.Currency, PayerUNP: in.PayerUNP, ReceivedAt: s.Now(), OccurredAt: in.OccurredAt,
	}, nil
}

// longer tells whether a text has more characters than allowed.
func longer(text string, characters int) bool { return utf8.RuneCountInString(text) > characters }

// importStatement reads a bank statement; every credit becomes a row of the
// ledger, those that were imported before change nothing (P3, P5).
func (s *Server) importStatement(c *gin.Context) error {
	if err := mediaType(c, "application/octet-stream"); err != nil {
		return err
	}
	data, err := io.ReadAll(c.Request.Body)
	if err != nil {
		return bodyProblem(err)
	}
	statement, err := clientbank.Parse(data)
	if err != nil {
		return refuse(problemStatement, err)
	}
	entries := make([]ledgerView, 0, len(statement.Credits))
	for _, credit := range statement.Credits {
		payment, err := s.Store.Ledger.Receive(c, credit.Notification(s.Now()))
		if err != nil {
			return err
		}
		entries = append(entries, entryView(payment))
	}
	c.JSON(http.StatusOK, gin.H{"payments": entries})
	return nil
}

func (s *Server) listPayments(c *gin.Context) error {
	n, err := page(c)
	if err != nil {
		return err
	}
	state := postgres.PaymentState(c.DefaultQuery("state", string(postgres.PaymentUnapplied)))
	switch state {
	case postgres.PaymentUnapplied, postgres.PaymentApplied, postgres.PaymentReturned:
	default:
		return refuse(problemMalformed, errors.New("state is unapplied, applied or returned"))
	}
	list, err := s.Store.Ledger.List(c, state, n-1, pageSize)
	if err != nil {
		return err
	}
	entries := make([]ledgerView, 0, len(list.Payments))
	for _, p := range list.Payments {
		entries = append(entries, entryView(p))
	}
	c.JSON(http.StatusOK, gin.H{"payments": entries})
	return nil
}

// assignPayment matches an unapplied payment by hand (P4).
func (s *Server) assignPayment(c *gin.Context) error {
	var in struct {
		Number string `json:"number"`
		Note   string `json:"note"`
	}
	if err := readJSON(c, &in); err != nil {
		return err
	}
	number, err := payments.NormalizeNumber(in.Number)
	if in.Note == "" || longer(in.Note, maxReason) {
		return invalid("note")
	}
	if err != nil {
		return refuse(problemNotMatching, nil)
	}
	return s.resolve(c, func(id, operator string) (postgres.Payment, error) {
		return s.Store.Ledger.Assign(c, id, number, operator, in.Note)
	})
}

// returnPayment notes that an unapplied payment goes back to its payer (P4).
func (s *Server) returnPayment(c *gin.Context) error {
	var in struct {
		Note string `json:"note"`
	}
	if err := readJSON(c, &in); err != nil {
		return err
	}
	if in.Note == "" || longer(in.Note, maxReason) {
		return invalid("note")
	}
	return s.resolve(c, func(id, operator string) (postgres.Payment, error) {
		return s.Store.Ledger.Return(c, id, operator, in.Note)
	})
}

func (s *Server) resolve(c *gin.Context, how func(id, operator string) (postgres.Payment, error)) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	payment, err := how(id, s.Hash("operator\x00"+callerOf(c).Subject))
	var mismatch *postgres.MismatchError
	switch {
	case errors.Is(err, postgres.ErrResolved):
		return refuse(problemNotUnapplied, nil)
	case errors.As(err, &mismatch):
		return refuse(problemNotMatching, err)
	case err != nil:
		return err
	}
	c.JSON(http.StatusOK, entryView(payment))
	return nil
}
