package notify

import (
	"context"
	"crypto/md5" //nolint:gosec // The gateway's protocol wants the password so; the transport protects it.
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

// RocketSMSOptions configure the HTTP gateway rocketsms.by.
type RocketSMSOptions struct {
	// BaseURL is https://api.rocketsms.by or one of its twins.
	BaseURL string
	// Username is the account, often a UNP; Password is sent as its MD5 in hexadecimal.
	Username string
	Password string
	// Sender is the approved name of at most 11 characters; empty is the account's own.
	Sender string
	// Timeout limits one request; zero is 15 seconds.
	Timeout    time.Duration
	HTTPClient *http.Client
	// PermanentCodes are the gateway's error codes that no retry mends; nil is
	// DefaultPermanentCodes.
	PermanentCodes []string
}

// DefaultPermanentCodes are the codes about the number or the text. The gateway
// publishes no full list, hence they are configurable; an unknown code is retried.
func DefaultPermanentCodes() []string {
	return []string{
		"INVALID_PHONE", "WRONG_PHONE", "PHONE_BLOCKED", "BLACKLIST", "INVALID_TEXT", "WRONG_TEXT",
		"FORBIDDEN_TEXT", "EMPTY_TEXT", "TEXT_TOO_LONG",
	}
}

// RocketSMS sends SMS through the gateway's method /simple/send.
type RocketSMS struct {
	o        RocketSMSOptions
	endpoint string
	password string
	http     http.Client
}

// NewRocketSMS checks the options.
func NewRocketSMS(o RocketSMSOptions) (*RocketSMS, error) {
	u, err := url.Parse(o.BaseURL)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") || u.RawQuery != "" {
		return nil, errors.New("sms: the base URL is not an http or https address without query")
	}
	if o.Username == "" || o.Password == "" {
		return nil, errors.New("sms: username and password are required")
	}
	if len(o.Sender) > 11 {
		return nil, errors.New("sms: the sender's name has more than 11 characters")
	}
	if o.PermanentCodes == nil {
		o.PermanentCodes = DefaultPermanentCodes()
	}
	sum := md5.Sum([]byte(o.Password)) //nolint:gosec // see the import
	s := &RocketSMS{
		o: o, endpoint: strings.TrimRight(o.BaseURL, "/") + "/simple/send", password: hex.EncodeToString(sum[:]),
	}
	if o.HTTPClient != nil {
		s.http = *o.HTTPClient
	}
	s.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	s.http.Timeout = o.Timeout
	if o.Timeout == 0 {
		s.http.Timeout = 15 * time.Second
	}
	return s, nil
}

// Send implements Sender. The provider's id is the gateway's.
func (s *RocketSMS) Send(ctx context.Context, e Envelope) (string, error) {
	phone, err := order.ParsePhone(e.To)
	if err != nil {
		return "", fmt.Errorf("sms: %w: not a mobile phone of Belarus", ErrPermanent)
	}
	form := url.Values{
		"username": {s.o.Username}, "password": {s.password},
		"phone": {strings.TrimPrefix(phone, "+")}, "text": {e.Message.Text}, "priority": {"true"},
	}
	if s.o.Sender != "" {
		form.Set("sender", s.o.Sender)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.endpoint, strings.NewReader(form.Encode()))
	if err != nil {
		return "", errors.New("sms: the request cannot be built")
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	resp, err := s.http.Do(req)
	if err != nil {
		return "", smsTransportFailure(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	if err != nil {
		return "", smsTransportFailure(err)
	}
	return s.answer(resp.StatusCode, body)
}

// smsAnswer is {"id":…,"status":…} or {"error":CODE}.
type smsAnswer struct {
	ID     json.RawMessage `json:"id"`
	Status string          `json:"status"`
	Error  string          `json:"error"`
}

// providerID is what an id may look like; codeShape what may be repeated in a cause:
// no digits, so no phone.
var (
	providerID = regexp.MustCompile(`^"?([A-Za-z0-9-]{1,64})"?$`)
	codeShape  = regexp.MustCompile(`^[A-Z][A-Z_]{0,39}$`)
)

func (s *RocketSMS) answer(status int, body []byte) (string, error) {
	var a smsAnswer
	if err := json.Unmarshal(body, &a); err != nil {
		return "", fmt.Errorf("sms: the gateway's answer (status %d) is not JSON", status)
	}
	id := providerID.FindSubmatch(a.ID)
	switch {
	case a.Error != "":
		return "", s.refusal(a.Error)
	case status != http.StatusOK:
		return "", fmt.Errorf("sms: the gateway answered with status %d", status)
	case a.Status == "FAILED" || id == nil || string(id[1]) == "null":
		return "", errors.New("sms: the gateway did not take the message")
	}
	return string(id[1]), nil
}

func (s *RocketSMS) refusal(code string) error {
	permanent := slices.Contains(s.o.PermanentCodes, code)
	if !codeShape.MatchString(code) {
		code = "of unknown form"
	}
	if permanent {
		return fmt.Errorf("sms: code %s: %w", code, ErrPermanent)
	}
	return fmt.Errorf("sms: code %s", code)
}

func smsTransportFailure(err error) error {
	var (
		timeout   net.Error
		operation *net.OpError
	)
	switch {
	case errors.Is(err, context.Canceled):
		return fmt.Errorf("sms: %w", context.Canceled)
	case errors.As(err, &timeout) && timeout.Timeout():
		return errors.New("sms: timed out")
	case errors.As(err, &operation):
		return fmt.Errorf("sms: no connection (%s)", operation.Op)
	}
	return errors.New("sms: the connection broke")
}
