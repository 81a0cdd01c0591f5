package activities

import (
	"context"
	"fmt"
	"time"
)

// SendRemindersInput asks for the reminders that are due at an instant (R1).
type SendRemindersInput struct {
	At time.Time `json:"at"`
}

// SendRemindersResult is how many reminders were put into the outbox.
type SendRemindersResult struct {
	Asked int `json:"asked"`
}

// ReminderStore puts into the outbox a reminder for every certificate that
// ends soon, each once and none after a renewal, and returns their number.
type ReminderStore interface {
	Remind(ctx context.Context, at time.Time) (int, error)
}

// Reminders tells the owners of certificates that end soon.
type Reminders struct{ Store ReminderStore }

// SendReminders asks for the reminders that are due; a repetition asks for
// those that are missing.
func (r *Reminders) SendReminders(ctx context.Context, in SendRemindersInput) (SendRemindersResult, error) {
	asked, err := r.Store.Remind(ctx, in.At)
	if err != nil {
		return SendRemindersResult{}, fmt.Errorf("remind: %w", err)
	}
	return SendRemindersResult{Asked: asked}, nil
}
