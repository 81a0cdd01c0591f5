// Package operator is what operators' commands rest on: configuration,
// database, the account that stands in the audit log, and printing.
package operator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/spf13/cobra"

	"github.com/remote-issuance/remote-issuance/internal/config"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
)

// Session is a command's connection to the database. Close it.
type Session struct {
	Config config.Operator
	Pool   *pgxpool.Pool
}

// Open reads the configuration from the environment and connects.
func Open(ctx context.Context) (*Session, error) {
	c, err := config.LoadOperator(config.Environ())
	if err != nil {
		return nil, err
	}
	pool, err := postgres.Connect(ctx, c.Database.URL.Reveal())
	if err != nil {
		return nil, fmt.Errorf("database: %w", err)
	}
	return &Session{Config: c, Pool: pool}, nil
}

// Close lets go of the database.
func (s *Session) Close() { s.Pool.Close() }

// Run gives a command's work a session.
func Run(work func(cmd *cobra.Command, args []string, s *Session) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		s, err := Open(cmd.Context())
		if err != nil {
			return err
		}
		defer s.Close()
		return work(cmd, args, s)
	}
}

// Group is a command that only holds others.
func Group(use, short string, children ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{Use: use, Short: short}
	cmd.AddCommand(children...)
	return cmd
}

// ErrNoAccount is returned when nobody answers for what a command changes.
var ErrNoAccount = errors.New("name yourself with --operator: the audit log keeps who did it")

// AccountFlag adds --operator; the account of the machine stands in when it is
// not given.
func AccountFlag(cmd *cobra.Command) func() (string, error) {
	account := cmd.Flags().String("operator", os.Getenv("USER"), "your account, for the audit log")
	return func() (string, error) {
		if *account == "" {
			return "", ErrNoAccount
		}
		return *account, nil
	}
}

// PrintJSON writes a value for programs.
func PrintJSON(w io.Writer, value any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(value)
}

// Printf writes a line for people.
func Printf(cmd *cobra.Command, format string, args ...any) {
	_, _ = fmt.Fprintf(cmd.OutOrStdout(), format+"\n", args...)
}

// Stamp writes an instant as operators read it: in Minsk, to the second.
func Stamp(t time.Time) string { return t.In(order.Minsk()).Format(time.DateTime) }
