package assist

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
)

// maxAnswer is the size in bytes above which an answer is not read.
const maxAnswer = 1 << 20

// GatewayError is a result of the gateway that is not success.
type GatewayError struct {
	First  FirstCode
	Second SecondCode
}

// Error gives the two codes of the gateway's table.
func (e *GatewayError) Error() string {
	return fmt.Sprintf("assist: gateway answered firstcode %d secondcode %d", e.First, e.Second)
}

// Temporary tells whether the same request may succeed later.
func (e *GatewayError) Temporary() bool {
	switch e.First {
	case FirstInternal, FirstLocked, FirstTimeout, FirstLimits:
		return true
	default:
		return false
	}
}

// OrderStatus is one attempt to pay as the status services tell it.
type OrderStatus struct {
	OrderNumber string
	BillNumber  string
	Test        bool
	Amount      order.Kopecks
	Currency    string
	State       State
	// CreatedAt is zero when the gateway does not tell.
	CreatedAt time.Time
	// Operations are told by OrderResult only.
	Operations []Operation
}

// Operation is one movement of money inside an attempt.
type Operation struct {
	BillNumber string
	// Type is 100 payment, 200 confirmation, 300 cancellation.
	Type string
	// State is the operation's result as the gateway spells it.
	State        string
	Amount       order.Kopecks
	Currency     string
	ResponseCode string
	At           time.Time
}

// Status is the answer of a status service: one element for each attempt,
// none when nobody has tried to pay.
type Status struct {
	Orders []OrderStatus
	// Unread is how many attempts the answer tells of in words nobody knows.
	Unread int
	// Raw is the answer as received.
	Raw []byte
}

// Approved finds the attempt that paid; declined ones beside it do not matter.
func (s Status) Approved() (OrderStatus, bool) {
	for _, o := range s.Orders {
		if o.State == StateApproved {
			return o, true
		}
	}
	return OrderStatus{}, false
}

// OrderState asks for the short status of an order. The start of the window is
// the order's creation, because the gateway looks back three days only by itself.
func (g *Gateway) OrderState(ctx context.Context, number order.PaymentNumber, created time.Time) (Status, error) {
	return g.poll(ctx, "/orderstate/orderstate.cfm", number, created, true)
}

// OrderResult asks for the status of an order with its operations.
func (g *Gateway) OrderResult(ctx context.Context, number order.PaymentNumber, created time.Time) (Status, error) {
	// What the check value of this answer covers is not published in full.
	return g.poll(ctx, "/orderresult/orderresult.cfm", number, created, false)
}

func (g *Gateway) poll(ctx context.Context, path string, number order.PaymentNumber, created time.Time, signed bool) (Status, error) {
	v := g.credentials()
	v.Set("Ordernumber", number.ERIP())
	window(v, "Start", created)
	window(v, "End", g.now().Add(24*time.Hour))
	raw, err := g.call(ctx, path, v)
	if err != nil {
		return Status{}, err
	}
	status, err := parseResult(raw, func(o orderXML) error {
		if signed && o.CheckValue != "" && !checkMatches(g.cfg.ResultSalt, o.CheckValue,
			g.cfg.MerchantID+o.OrderNumber+o.OrderAmount+o.OrderCurrency+o.OrderState) {
			return ErrCheckValue
		}
		if got, err := payments.NormalizeNumber(o.OrderNumber); err != nil || got != number {
			return errors.New("assist: status of another order")
		}
		return nil
	})
	var refused *GatewayError
	if errors.As(err, &refused) && refused.First == FirstNoObject {
		return Status{Raw: raw}, nil
	}
	return status, err
}

// window sets the five fields of one end of the time window, in GMT.
func window(v url.Values, prefix string, at time.Time) {
	at = at.UTC()
	for name, n := range map[string]int{
		"Year": at.Year(), "Month": int(at.Month()), "Day": at.Day(), "Hour": at.Hour(), "Min": at.Minute(),
	} {
		v.Set(prefix+name, strconv.Itoa(n))
	}
}

func (g *Gateway) credentials() url.Values {
	return url.Values{
		"Merchant_ID": {g.cfg.MerchantID}, "Login": {g.cfg.Login}, "Password": {g.cfg.Password.Reveal()},
		"Language": {string(English)}, "Format": {"3"},
	}
}

func (g *Gateway) post(ctx context.Context, address string, v url.Values) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(v.Encode()))
	if err != nil {
		return nil, fmt.Errorf("assist: %w", err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := g.client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("assist: %w", err)
	}
	return resp, nil
}

// call posts to a service and returns its whole answer.
func (g *Gateway) call(ctx context.Context, path string, v url.Values) ([]byte, error) {
	resp, err := g.post(ctx, g.address(path), v)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("assist: %s answered HTTP %d", path, resp.StatusCode)
	}
	raw, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return nil, fmt.Errorf("assist: %s: %w", path, err)
	}
	if len(raw) > maxAnswer {
		return nil, fmt.Errorf("assist: %s: answer is too long", path)
	}
	return raw, nil
}
