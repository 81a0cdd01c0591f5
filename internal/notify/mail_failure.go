package notify

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/textproto"

	gomail "github.com/wneessen/go-mail"
)

// dialFailure tells a failure before any address was named: always worth a retry,
// since it is the server's or our configuration's, never the mailbox's. The text of
// a server is left out, it may quote anything.
func dialFailure(err error) error {
	var (
		reply     *textproto.Error
		timeout   net.Error
		operation *net.OpError
	)
	switch {
	case errors.Is(err, context.Canceled):
		return fmt.Errorf("mail: connecting: %w", context.Canceled)
	case errors.As(err, &reply):
		return fmt.Errorf("mail: connecting: the server answered %d", reply.Code)
	case errors.As(err, &timeout) && timeout.Timeout():
		return errors.New("mail: connecting: timed out")
	case errors.As(err, &operation):
		return fmt.Errorf("mail: connecting: no connection (%s)", operation.Op)
	default:
		return errors.New("mail: connecting: TLS or authentication failed")
	}
}

// sendFailure tells a refusal for good (5xx, RFC 5321) from one that may pass.
// go-mail's own text names the recipients, so only its codes are kept.
func sendFailure(err error) error {
	var failed *gomail.SendError
	if !errors.As(err, &failed) {
		return errors.New("mail: sending failed")
	}
	code := failed.ErrorCode()
	if code < 500 || ours(code) {
		return fmt.Errorf("mail: %s: code %d", failed.Reason, code)
	}
	return fmt.Errorf("mail: %s: code %d: %w", failed.Reason, code, ErrPermanent)
}

// ours tells the 5xx codes about us and not about the mailbox: authentication or
// encryption is required or failed (RFC 4954). An operator can mend those in time.
func ours(code int) bool {
	switch code {
	case 530, 534, 535, 538:
		return true
	}
	return false
}
