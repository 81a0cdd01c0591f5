package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/postgres/db"
)

// Subjects finds what operators name by numbers.
type Subjects struct{ pool *pgxpool.Pool }

// NewSubjects makes the finder.
func NewSubjects(pool *pgxpool.Pool) *Subjects { return &Subjects{pool: pool} }

// Number is the number of an order. Error: order.ErrNotFound.
func (s *Subjects) Number(ctx context.Context, id order.ID) (int64, error) {
	number, err := db.New(s.pool).OrderNumber(ctx, uuid.UUID(id))
	return number, foundSubject(err, "number of order", id)
}

// List is the newest list, signed or not, that the order of a number is or was
// on. Error: order.ErrNotFound.
func (s *Subjects) List(ctx context.Context, number int64) (order.ID, error) {
	id, err := db.New(s.pool).ListOfOrder(ctx, number)
	return order.ID(id), foundSubject(err, "list of order", number)
}

func foundSubject(err error, what string, of any) error {
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return order.ErrNotFound
	case err != nil:
		return fmt.Errorf("%s %v: %w", what, of, err)
	default:
		return nil
	}
}
