package api

import (
	"context"

	"github.com/remote-issuance/remote-issuance/internal/audit"
	"github.com/remote-issuance/remote-issuance/internal/payload"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/internal/storage"
)

// Store is the database as the API uses it.
type Store struct {
	Ping         func(ctx context.Context) error
	Orders       *postgres.Orders
	Organisation *postgres.Organisation
	Documents    *postgres.Documents
	Records      *postgres.Records
	Payables     *postgres.Payables
	Ledger       *postgres.Ledger
	Idempotency  *postgres.Idempotency
	Audit        *postgres.Audit
}

// KeyManager makes the key under which the history of a new order or
// confirmation is encrypted.
type KeyManager interface {
	Begin(ctx context.Context, workflowID, subjectID string) (payload.Key, error)
}

// Changes tells when an order or a confirmation has changed.
type Changes interface {
	// Subscribe gives a channel that receives after a change of the subject and
	// is closed when no more changes are heard; the function ends the subscription.
	Subscribe(subjectID string) (<-chan struct{}, func())
}

// Secrets reveals the credentials of the certificate storage.
type Secrets interface {
	Reveal(ctx context.Context, orderID string) (storage.Login, storage.Password, error)
}

// sources maps the ways of the contract to the sources of the ledger.
var sources = map[string]payments.Source{
	"assist": payments.SourceAssist, "erip": payments.SourceERIP, "client-bank": payments.SourceClientBank,
}

func wayOf(s payments.Source) string {
	if s == payments.SourceClientBank {
		return "client-bank"
	}
	return string(s)
}

// auditReading records that somebody read a secret.
func (s *Server) auditReading(ctx context.Context, action audit.Action, actor audit.Actor, orderID string) error {
	_, err := s.Store.Audit.Append(ctx, audit.Event{At: s.Now(), Actor: actor, Action: action, OrderID: orderID})
	return err
}
