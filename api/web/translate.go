package web

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"go.temporal.io/api/serviceerror"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/registers"
)

// refusals are the problems of errors that the parts of the system tell each
// other: the one place that translates them.
var refusals = []struct {
	err  error
	slug Slug
}{
	{order.ErrNotFound, ProblemNotFound},
	{order.ErrStage, ProblemWrongStage},
	{order.ErrPaid, ProblemAlreadyPaid},
	{order.ErrTermsOutdated, ProblemTermsOutdated},
	{order.ErrTooManyOpen, ProblemTooManyOpen},
	{order.ErrNothingToConfirm, ProblemNothingToConfirm},
	{order.ErrListOutdated, ProblemListOutdated},
	{registers.ErrUnavailable, ProblemRegistersSilent},
}

// Translate finds the problem behind an error of a service, the database or
// the network.
func Translate(err error) *Problem {
	var p *Problem
	if errors.As(err, &p) {
		return p
	}
	for _, r := range refusals {
		if errors.Is(err, r.err) {
			return Refuse(r.slug, err)
		}
	}
	if unavailable(err) {
		return Refuse(ProblemUnavailable, err)
	}
	return Refuse(ProblemInternal, err)
}

// unavailable tells whether the same request may well succeed later: somebody we need does not answer, or the caller hung up before
// it was done.
func unavailable(err error) bool {
	var down *serviceerror.Unavailable
	var late *serviceerror.DeadlineExceeded
	var busy *serviceerror.ResourceExhausted
	var canceled *serviceerror.Canceled
	var timeout interface{ Timeout() bool }
	return errors.As(err, &down) || errors.As(err, &late) || errors.As(err, &busy) ||
		errors.As(err, &canceled) || errors.Is(err, context.Canceled) ||
		errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded) ||
		errors.As(err, &timeout) && timeout.Timeout() || disconnected(err)
}

// queryCanceled is the SQLSTATE of a statement that was given up.
const queryCanceled = "57014"

// disconnected tells whether the database cannot be reached, was lost in the
// middle of an answer, has given a statement up, or is starting, stopping or full: classes 57P and 53 of SQLSTATE.
func disconnected(err error) bool {
	var network *net.OpError
	var connect *pgconn.ConnectError
	var database interface{ SQLState() string }
	if errors.As(err, &database) {
		state := database.SQLState()
		return errors.As(err, &network) || state == queryCanceled || strings.HasPrefix(state, "57P") || strings.HasPrefix(state, "53")
	}
	return errors.As(err, &network) || errors.As(err, &connect) ||
		errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, pgconn.ErrConnClosed)
}
