package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/postgres/db"
)

// OrganisationRow is an order as its organisation's manager sees it (M2).
type OrganisationRow struct {
	Record order.Record
	// Request shows position and unit, new and old, and the verdicts of both
	// checks (M2, M5).
	Request RequestView
	// Price is what the certificate costs now; 0 where the tariff has no price.
	Price order.Kopecks
	// HeldBy is the confirmation whose payment has taken the order; zero when
	// the order can be chosen.
	HeldBy order.ID
}

// EmployeeGroup are the rows of one employee on a page.
type EmployeeGroup struct {
	ApplicantKey string
	Name         string
	Rows         []OrganisationRow
}

// OrganisationPage is a page of an organisation's orders, grouped by employee.
type OrganisationPage struct {
	Groups []EmployeeGroup
	// Orders and Employees count those of all pages, Pages counts the pages.
	Orders    int
	Employees int
	Pages     int
}

// Page gives a page of the organisation's orders of 6.0.01 that can be paid
// for at the instant (order.MayBePaid), by employee, so many rows on a page (M2,
// M3). Pages count from 0.
func (s *Confirmations) Page(ctx context.Context, unp string, at time.Time, page, size int) (OrganisationPage, error) {
	q := db.New(s.pool)
	totals, err := q.OrganisationTotals(ctx, db.OrganisationTotalsParams{Unp: unp, At: at})
	if err != nil {
		return OrganisationPage{}, fmt.Errorf("count the organisation's orders: %w", err)
	}
	rows, err := q.OrganisationRows(ctx, db.OrganisationRowsParams{
		Unp: unp, At: at, MaxRows: int32(size), Skipped: int32(max(page, 0) * size),
	})
	if err != nil {
		return OrganisationPage{}, fmt.Errorf("list the organisation's orders: %w", err)
	}
	out := OrganisationPage{
		Orders: int(totals.Orders), Employees: int(totals.Employees), Pages: (int(totals.Orders) + size - 1) / size,
	}
	for _, row := range rows {
		r, err := s.organisationRow(row, at)
		if err != nil {
			return OrganisationPage{}, err
		}
		last := len(out.Groups) - 1
		if last < 0 || out.Groups[last].ApplicantKey != r.Record.ApplicantKey {
			out.Groups = append(out.Groups, EmployeeGroup{ApplicantKey: r.Record.ApplicantKey, Name: r.Request.Subject.CommonName})
			last++
		}
		out.Groups[last].Rows = append(out.Groups[last].Rows, r)
	}
	return out, nil
}

func (s *Confirmations) organisationRow(row db.OrganisationRowsRow, at time.Time) (OrganisationRow, error) {
	record, err := recordOf(row.Order)
	if err != nil {
		return OrganisationRow{}, err
	}
	out := OrganisationRow{Record: record, HeldBy: idOf(row.HeldBy)}
	out.Request, err = wholeRequest(row.Subject, row.CurrentSubject, row.RequestReport, row.Registers, row.Years, row.RequestedStart)
	if err != nil {
		return OrganisationRow{}, err
	}
	out.Price, err = s.tariff.Price(record.Service, record.Kind, out.Request.Years, at)
	if errors.Is(err, order.ErrNoPrice) {
		return out, nil
	}
	return out, err
}
