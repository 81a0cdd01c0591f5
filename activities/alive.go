package activities

import (
	"context"
	"time"

	"go.temporal.io/sdk/activity"
)

// beatEvery is how often a long step says that its worker lives; several fit into the workflows' timeout of heartbeats.
const beatEvery = 3 * time.Second

// whileAlive does a long step and tells the server meanwhile that this worker lives, so that another one goes on soon when it does not.
func whileAlive[T any](ctx context.Context, do func() (T, error)) (T, error) {
	if !activity.IsActivity(ctx) {
		return do()
	}
	beating, stop := context.WithCancel(ctx)
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		beat := time.NewTicker(beatEvery)
		defer beat.Stop()
		for {
			select {
			case <-beating.Done():
				return
			case <-beat.C:
				activity.RecordHeartbeat(ctx)
			}
		}
	}()
	defer func() { stop(); <-stopped }()
	return do()
}
