package workflows

import (
	"errors"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/temporal"
)

// refusedAs tells an activity's final error of the type.
func refusedAs(err error, kind string) bool {
	var refused *temporal.ApplicationError
	return errors.As(err, &refused) && refused.Type() == kind
}

// outOfTime tells an activity that did not succeed in all its time.
func outOfTime(err error) bool {
	var failed *temporal.ActivityError
	return errors.As(err, &failed) && (temporal.IsTimeoutError(err) || failed.RetryState() == enums.RETRY_STATE_TIMEOUT)
}
