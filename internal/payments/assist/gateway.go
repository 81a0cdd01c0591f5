// Package assist speaks to the card gateway ASSIST: the parameters of its pay
// page, its push notifications, the poll of an order's state and refunds.
//
// ASSIST pushes the results of payment attempts only. Refunds and time-outs
// are never pushed, so every open order is polled as well.
package assist

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/payments"
)

// Config is a merchant's contract with ASSIST.
type Config struct {
	// Host is the base address of the merchant's ASSIST server, such as
	// https://payments.paysec.by. It must be https outside of test mode.
	Host string
	// MerchantID is the decimal number of the merchant.
	MerchantID string
	// Login and Password open the status and refund services.
	Login    string
	Password payments.Secret
	// RequestSalt signs pay-page parameters; empty when the merchant's
	// settings do not ask for a check value.
	RequestSalt payments.Secret
	// ResultSalt verifies pushes and status answers. It is required: an
	// unsigned push proves nothing.
	ResultSalt payments.Secret
	// TestMode accepts payments of the gateway's test mode as real ones.
	TestMode bool
}

// LogValue describes the contract without its secrets.
func (c Config) LogValue() slog.Value {
	return slog.GroupValue(slog.String("host", c.Host), slog.String("merchant", c.MerchantID), slog.Bool("testMode", c.TestMode))
}

// String describes the contract without its secrets.
func (c Config) String() string {
	return fmt.Sprintf("assist merchant %s at %s (test mode %t)", c.MerchantID, c.Host, c.TestMode)
}

// Gateway is one merchant's ASSIST. It is safe for use by several goroutines.
type Gateway struct {
	cfg    Config
	base   *url.URL
	client *http.Client
	now    func() time.Time
}

// New checks the contract. The client carries time-outs and tracing; it is
// copied, and the copy follows no redirects, because a redirect would carry
// the merchant's password elsewhere. The clock is usually time.Now.
func New(cfg Config, client *http.Client, now func() time.Time) (*Gateway, error) {
	base, err := url.Parse(strings.TrimSuffix(cfg.Host, "/"))
	if err != nil || base.Host == "" || (base.Scheme != "https" && base.Scheme != "http") {
		return nil, errors.New("assist: host must be an address such as https://payments.paysec.by")
	}
	switch {
	case base.Scheme != "https" && !cfg.TestMode:
		return nil, errors.New("assist: host must be https outside of test mode")
	case cfg.MerchantID == "" || strings.Trim(cfg.MerchantID, "0123456789") != "":
		return nil, errors.New("assist: merchant id must be a number")
	case cfg.ResultSalt.IsZero():
		return nil, errors.New("assist: the secret word for results is required")
	case client == nil || now == nil:
		return nil, errors.New("assist: an http client and a clock are required")
	}
	own := *client
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Gateway{cfg: cfg, base: base, client: &own, now: now}, nil
}

// address is the URL of one of the gateway's services.
func (g *Gateway) address(path string) string { return g.base.JoinPath(path).String() }
