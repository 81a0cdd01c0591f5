package postgres

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
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
// certificate that is renewed, issued here or seen at a sign-in (Renewals), and returns how many it asked for. A run that
// was missed is not made up for: only the latest reminder that is due is sent.
func (r *Reminders) Remind(ctx context.Context, at time.Time) (int, error) {
	total := 0
	q := db.New(r.pool)
	if err := errors.Join(q.DropSeenCertificates(ctx, at), q.DropRenewalLinks(ctx, at)); err != nil {
		return 0, fmt.Errorf("forget certificates that have ended: %w", err)
	}
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
	err := deciding(ctx, r.pool, func(q *db.Queries, c *changes) error {
		ending, err := ending(ctx, q, at, days)
		if err != nil {
			return err
		}
		n = len(ending)
		for _, e := range ending {
			if err := e.remind(ctx, q, at, days, c); err != nil {
				return err
			}
		}
		return nil
	})
	return n, err
}

// endingCertificate is one whose owner is reminded.
type endingCertificate struct {
	// id is that of the order, or of the document of a certificate from elsewhere.
	id                  uuid.UUID
	number              int64
	owner, serial       string
	applicantKey, email string
	service             order.Service
	language            string
	notAfter            time.Time
}

// ending finds certificates of both kinds, at most so many in all.
func ending(ctx context.Context, q *db.Queries, at time.Time, days int) ([]endingCertificate, error) {
	until := at.Add(time.Duration(days) * 24 * time.Hour)
	issued, err := q.EndingCertificates(ctx, db.EndingCertificatesParams{After: at, Until: until, DaysLeft: int32(days), MaxRows: remindersBatch})
	if err != nil {
		return nil, err
	}
	out := make([]endingCertificate, 0, len(issued))
	for _, row := range issued {
		var subject order.Subject
		if err := fromJSON("subject", row.Subject, &subject); err != nil {
			return nil, err
		}
		out = append(out, endingCertificate{
			id: row.OrderID, number: row.Number, owner: subject.FullName(), serial: row.SerialNumber, applicantKey: row.ApplicantKey,
			email: row.Email, service: order.Service(row.Service), language: row.Language, notAfter: row.NotAfter,
		})
	}
	if len(out) == remindersBatch {
		return out, nil
	}
	seen, err := q.EndingSeenCertificates(ctx, db.EndingSeenCertificatesParams{
		After: at, Until: until, DaysLeft: int32(days), MaxRows: remindersBatch - int32(len(out)),
	})
	if err != nil {
		return nil, err
	}
	for _, row := range seen {
		out = append(out, endingCertificate{
			id: row.ID, owner: row.Owner, serial: row.SerialNumber, applicantKey: row.ApplicantKey, email: row.Email,
			service: order.Service(row.Service), language: row.Language, notAfter: row.NotAfter,
		})
	}
	return out, nil
}

// remind asks for one letter with a link of its own, which opens one order.
func (e endingCertificate) remind(ctx context.Context, q *db.Queries, at time.Time, days int, c *changes) error {
	inserted, err := q.InsertReminder(ctx, db.InsertReminderParams{OrderID: e.id, DaysLeft: int32(days)})
	if err != nil || inserted == 0 {
		return err
	}
	link := strings.ToLower(rand.Text())
	err = q.InsertRenewalLink(ctx, db.InsertRenewalLinkParams{
		Digest: linkDigest(link), ApplicantKey: e.applicantKey, Service: string(e.service), ExpiresAt: e.notAfter,
	})
	if err != nil {
		return err
	}
	data := notify.Data{
		Service: e.service, CertificateEnds: e.notAfter, Owner: e.owner, SerialNumber: e.serial, RenewPath: "/renew/" + link,
	}
	if e.number != 0 {
		data.OrderNumber = strconv.FormatInt(e.number, 10)
	}
	const wholeDay = 24 * time.Hour
	data.DaysLeft = int((e.notAfter.Sub(at) + wholeDay - 1) / wholeDay)
	c.tell(letter{
		subject: order.ID(e.id), kind: order.NoticeCertificateEnds, language: e.language, email: e.email, occasion: strconv.Itoa(days), data: data,
	})
	return nil
}

// linkDigest is what is kept of a link.
func linkDigest(link string) []byte {
	sum := sha256.Sum256([]byte(link))
	return sum[:]
}
