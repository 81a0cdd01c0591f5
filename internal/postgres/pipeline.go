package postgres

import (
	"context"
	"errors"
	"reflect"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/remote-issuance/remote-issuance/internal/postgres/db"
)

// pipelined runs fn in one transaction and commits it unless fn fails, in as few
// round trips as it can:
//
//   - the transaction begins together with its first statement;
//   - what fn asks first, of tx and in this order, is sent together too where
//     ahead asks the same: there nothing is answered, so that the arguments are
//     what is known before the transaction;
//   - what is asked of last is sent together with the commit. Statements
//     that answer nothing wait for it, and their errors are the transaction's;
//     the first one that answers, which comes after them, ends the transaction,
//     even where its answer cannot be read here.
//
// A transaction that failed on this side of the connection fails for good,
// whatever fn makes of the error.
func pipelined(ctx context.Context, pool *pgxpool.Pool, ahead func(tx db.DBTX), fn func(tx, last db.DBTX) error) error {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return err
	}
	// A connection that is still in a transaction is closed by this, and the transaction with it.
	defer conn.Release()
	p := &pipeline{conn: conn}
	if ahead != nil {
		ahead(&p.ahead)
	}
	err = fn(p, &closing{p})
	if err == nil {
		err = p.end(ctx)
	}
	if err != nil {
		_ = p.skip()
		if p.state == begun {
			_, _ = conn.Exec(ctx, "rollback")
		}
	}
	return err
}

// state of a transaction.
type state int

const (
	waiting state = iota
	begun
	ended
)

// pipeline is a connection with one transaction. It implements db.DBTX.
type pipeline struct {
	conn  *pgxpool.Conn
	state state
	// failed is why no more is sent.
	failed error
	// ahead are the statements whose answers, if they were sent, are still to be read.
	ahead   statements
	answers pgx.BatchResults
	// late are the statements that are sent together with the commit.
	late statements
}

var (
	errOutOfOrder = errors.New("another statement was sent ahead")
	errEnded      = errors.New("the transaction has ended")
)

// take gives the batch from which the answer to a statement is to be read next;
// nil for a statement that has to be sent by itself.
func (p *pipeline) take(ctx context.Context, sql string, args []any) (pgx.BatchResults, error) {
	if err := p.open(); err != nil {
		return nil, err
	}
	if p.state == waiting {
		if len(p.ahead) == 0 {
			p.ahead = statements{{sql, args}}
		}
		p.state, p.answers = begun, p.conn.SendBatch(ctx, p.ahead.between("begin", ""))
		if _, err := p.answers.Exec(); err != nil {
			return nil, p.fail(errors.Join(err, p.skip()))
		}
	}
	if len(p.ahead) == 0 {
		return nil, nil //nolint:nilnil // nothing of the kind was sent
	}
	if sent := p.ahead[0]; sent.sql != sql || !reflect.DeepEqual(sent.args, args) {
		return nil, p.fail(errOutOfOrder)
	}
	p.ahead = p.ahead[1:]
	return p.answers, nil
}

// open tells whether the transaction still takes statements.
func (p *pipeline) open() error {
	if p.failed == nil && p.state == ended {
		return errEnded
	}
	return p.failed
}

func (p *pipeline) fail(err error) error {
	if p.failed == nil {
		p.failed = err
	}
	return err
}

// read frees the connection for the next statement with the last answer.
func (p *pipeline) read(err error) error {
	if len(p.ahead) > 0 {
		return err
	}
	if closed := p.skip(); err == nil {
		err = closed
	}
	return err
}

// skip leaves what was sent ahead unread.
func (p *pipeline) skip() error {
	if p.answers == nil {
		return nil
	}
	err := p.answers.Close()
	p.ahead, p.answers = nil, nil
	return err
}

// end commits, together with the statements that wait for it.
func (p *pipeline) end(ctx context.Context) error {
	if err := errors.Join(p.failed, p.skip()); err != nil || p.state == ended || p.state == waiting && len(p.late) == 0 {
		return err
	}
	results, err := p.close(ctx)
	if err != nil {
		return err
	}
	return p.committed(results)
}

// close sends the late statements and the commit, and reads the answers of all of
// them but for the last ones: the question's, if there is one, and the commit's.
func (p *pipeline) close(ctx context.Context, question ...statement) (pgx.BatchResults, error) {
	if err := errors.Join(p.open(), p.skip()); err != nil {
		return nil, p.fail(err)
	}
	opening, answerless := "", len(p.late)
	if p.state == waiting {
		opening, answerless = "begin", answerless+1
	}
	batch := append(p.late, question...).between(opening, "commit")
	p.state, p.late = begun, nil
	results := p.conn.SendBatch(ctx, batch)
	for range answerless {
		if _, err := results.Exec(); err != nil {
			_ = results.Close()
			return nil, p.fail(err)
		}
	}
	return results, nil
}

// committed reads the answer to the commit, the last of a batch.
func (p *pipeline) committed(results pgx.BatchResults) error {
	tag, err := results.Exec()
	if closed := results.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return p.fail(err)
	}
	p.state = ended
	if tag.String() == "ROLLBACK" {
		return p.fail(pgx.ErrTxCommitRollback)
	}
	return nil
}

// Exec implements db.DBTX.
func (p *pipeline) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	answers, err := p.take(ctx, sql, args)
	if err != nil {
		return pgconn.CommandTag{}, err
	}
	if answers == nil {
		return p.conn.Exec(ctx, sql, args...)
	}
	tag, err := answers.Exec()
	return tag, p.read(err)
}

// Query implements db.DBTX.
func (p *pipeline) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	answers, err := p.take(ctx, sql, args)
	if err != nil {
		return nil, err
	}
	if answers == nil {
		return p.conn.Query(ctx, sql, args...)
	}
	rows, err := answers.Query()
	if err != nil {
		return nil, p.read(err)
	}
	return &pipedRows{Rows: rows, then: p.read}, nil
}

// QueryRow implements db.DBTX.
func (p *pipeline) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	answers, err := p.take(ctx, sql, args)
	switch {
	case err != nil:
		return failedRow{err}
	case answers == nil:
		return p.conn.QueryRow(ctx, sql, args...)
	default:
		return pipedRow{row: answers.QueryRow(), then: p.read}
	}
}
