package api

import (
	"context"
	"errors"
	"net"
	"strings"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/temporal"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/registers"
	"github.com/remote-issuance/remote-issuance/workflows"
)

// refusals maps the types of errors with which workflows refuse.
var refusals = map[string]slug{
	workflows.ErrTypeWrongStage:        problemWrongStage,
	workflows.ErrTypeBusy:              problemBusy,
	workflows.ErrTypeTermsOutdated:     problemTermsOutdated,
	workflows.ErrTypeAlreadyPaid:       problemAlreadyPaid,
	workflows.ErrTypeRegistersSilent:   problemRegistersSilent,
	activities.ErrTypeNothingToConfirm: problemNothingToConfirm,
	activities.ErrTypeNotFound:         problemNotFound,
}

// translate finds the problem behind an error of a workflow, the database or
// the network: the one place that does.
func translate(err error) *problem {
	var refused *temporal.ApplicationError
	if errors.As(err, &refused) {
		if s, ok := refusals[refused.Type()]; ok {
			return refuse(s, err)
		}
		return refuse(problemInternal, err)
	}
	var gone *serviceerror.NotFound
	var precondition *serviceerror.FailedPrecondition
	switch {
	case errors.Is(err, activities.ErrNotFound):
		return refuse(problemNotFound, nil)
	case errors.Is(err, registers.ErrUnavailable):
		return refuse(problemRegistersSilent, err)
	case errors.As(err, &gone), errors.As(err, &precondition):
		// The workflow has just ended: what the caller knew is out of date.
		return refuse(problemWrongStage, err)
	case unavailable(err):
		return refuse(problemUnavailable, err)
	default:
		return refuse(problemInternal, err)
	}
}

func unavailable(err error) bool {
	var down *serviceerror.Unavailable
	var late *serviceerror.DeadlineExceeded
	var busy *serviceerror.ResourceExhausted
	var timeout interface{ Timeout() bool }
	return errors.As(err, &down) || errors.As(err, &late) || errors.As(err, &busy) ||
		errors.Is(err, context.DeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout() || disconnected(err)
}

// disconnected tells whether the database cannot be reached, or is starting,
// stopping or full: classes 57P and 53 of SQLSTATE.
func disconnected(err error) bool {
	var network *net.OpError
	var database interface{ SQLState() string }
	return errors.As(err, &network) ||
		errors.As(err, &database) && (strings.HasPrefix(database.SQLState(), "57P") || strings.HasPrefix(database.SQLState(), "53"))
}
