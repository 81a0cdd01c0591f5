package postgres

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/remote-issuance/remote-issuance/internal/notify"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/postgres/db"
)

// RemindDays lists how many days before its end the owner of a certificate is
// told how to renew it, the last reminder first (R1).
func RemindDays() []int { return []int{1, 7, 14, 30} }

// Reminders asks for the reminders of certificates that end soon (R1).
type Reminders struct{ pool *pgxpool.Pool }

// NewReminders makes the finder of certificates that end soon.
func NewReminders(pool *pgxpool.Pool) *Reminders { return &Reminders{pool: pool} }

// Remind puts a reminder into the outbox for every certificate that ends within
// 30, 14, 7 or 1 days of the instant, each of them once and none for a
// certificate that is renewed, and returns how many it asked for. A run that
// was missed is not made up for: only the latest reminder that is due is sent.
func (r *Reminders) Remind(ctx context.Context, at time.Time) (int, error) {
	total := 0
	for _, days := range RemindDays() {
		for {
			n, err := r.batch(ctx, at, days)
			if err != nil {
				return total, fmt.Errorf("remind of certificates that end: %w", err)
			}
			total += n
			if n < remindersBatch {
				break
			}
		}
	}
	return total, nil
}

func (r *Reminders) batch(ctx context.Context, at time.Time, days int) (int, error) {
	var n int
	err := inTx(ctx, r.pool, func(q *db.Queries) error {
		n = 0
		rows, err := q.EndingCertificates(ctx, db.EndingCertificatesParams{
			After: at, Until: at.Add(time.Duration(days) * 24 * time.Hour), DaysLeft: int32(days), MaxRows: remindersBatch,
		})
		if err != nil {
			return err
		}
		var c changes
		for _, row := range rows {
			if err := remind(ctx, q, row, at, days, &c); err != nil {
				return err
			}
			n++
		}
		return c.write(ctx, q)
	})
	return n, err
}

func remind(ctx context.Context, q *db.Queries, row db.EndingCertificatesRow, at time.Time, days int, c *changes) error {
	inserted, err := q.InsertReminder(ctx, db.InsertReminderParams{OrderID: row.OrderID, DaysLeft: int32(days)})
	if err != nil || inserted == 0 {
		return err
	}
	const wholeDay = 24 * time.Hour
	c.tell(letter{
		subject: order.ID(row.OrderID), kind: order.NoticeCertificateEnds, language: row.Language, email: row.Email,
		occasion: strconv.Itoa(days),
		data: notify.Data{
			OrderNumber: strconv.FormatInt(row.Number, 10), Service: order.Service(row.Service), CertificateEnds: row.NotAfter,
			DaysLeft: int((row.NotAfter.Sub(at) + wholeDay - 1) / wholeDay),
		},
	})
	return nil
}
