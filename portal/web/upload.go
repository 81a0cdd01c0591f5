package web

import (
	"context"
	"errors"
	"time"
)

const (
	// uploadsAtOnce bounds the memory that large files of strangers take.
	uploadsAtOnce = 8
	turnWithin    = 10 * time.Second
)

// errCrowded says that others are uploading.
var errCrowded = errors.New("too many uploads at once")

// upload is what a route takes: most is the size of a file, turns bounds how
// many are held at once, nil for any number.
type upload struct {
	most  int64
	turns chan struct{}
}

// turn waits for a turn, which ends with the function. errCrowded when there is none.
func (u upload) turn(ctx context.Context) (func(), error) {
	if u.turns == nil {
		return func() {}, nil
	}
	ctx, cancel := context.WithTimeout(ctx, turnWithin)
	defer cancel()
	select {
	case u.turns <- struct{}{}:
		return func() { <-u.turns }, nil
	case <-ctx.Done():
		return nil, errCrowded
	}
}
