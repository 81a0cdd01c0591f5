package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/postgres/db"
	"github.com/remote-issuance/remote-issuance/internal/status"
)

// Figures counts what the service holds: it implements status.FigureStore.
func (s *Status) Figures(ctx context.Context, late, slow time.Time) ([]status.Figure, error) {
	rows, err := db.New(s.pool).StatusFigures(ctx, db.StatusFiguresParams{Late: late, Slow: slow})
	if err != nil {
		return nil, fmt.Errorf("count what is open: %w", err)
	}
	out := make([]status.Figure, 0, len(rows))
	for _, row := range rows {
		out = append(out, status.Figure{Name: status.FigureName(row.Name), Label: row.Label, Value: row.Value})
	}
	return out, nil
}
