package status

import (
	"context"
	"time"
)

// Figure is one number of what the service holds at an instant.
type Figure struct {
	Name FigureName
	// Label is what the name says it is: a stage, a reason, a channel, a register.
	Label string
	Value float64
}

// FigureName names a figure; the comments say its label and unit.
type FigureName string

// The figures.
const (
	// FigureOrders counts open orders and drafts by stage, FigureOrdersOldest is
	// the Unix time of the one that has not changed for longest.
	FigureOrders       FigureName = "orders"
	FigureOrdersOldest FigureName = "orders-oldest"
	// FigureConfirmations counts lists and confirmations that are open, by stage.
	FigureConfirmations FigureName = "confirmations"
	// FigureLate counts what is open past its deadline, by "order" and
	// "confirmation" (D1, D2, S11).
	FigureLate FigureName = "late"
	// FigurePaidNotIssued counts orders that have been paid for too long (I1).
	FigurePaidNotIssued FigureName = "paid-not-issued"
	// Payments that wait for an operator, by reason (P4): how many, their sum in
	// kopecks, the Unix time of the oldest.
	FigureUnapplied        FigureName = "unapplied"
	FigureUnappliedKopecks FigureName = "unapplied-kopecks"
	FigureUnappliedOldest  FigureName = "unapplied-oldest"
	// Messages that wait to be sent, by channel: how many, the Unix time of the
	// oldest (I6).
	FigureNotices       FigureName = "notices"
	FigureNoticesOldest FigureName = "notices-oldest"
	// FigureSilentRegister counts orders that wait for a register, by register (S7).
	FigureSilentRegister FigureName = "silent-register"
	// FigureAuditUnsealed is the Unix time of the oldest audit entry that no
	// checkpoint covers.
	FigureAuditUnsealed FigureName = "audit-unsealed"
	// FigureBackupConfirmed is, by kind of key, the Unix time at which the backup
	// was tried that was not for longest; 0 where that never was.
	FigureBackupConfirmed FigureName = "backup-confirmed"
)

// Objectives are the service levels that alerts are raised for; docs/operations.md
// publishes them.
const (
	// IssueWithin is how soon after its payment a certificate is out.
	IssueWithin = time.Minute
	// ActWithin is how soon after a deadline it has its effect.
	ActWithin = time.Minute
)

// FigureStore reads the figures.
type FigureStore interface {
	// Figures counts what missed its deadline before late, and what was paid
	// before slow and is not issued.
	Figures(ctx context.Context, late, slow time.Time) ([]Figure, error)
}
