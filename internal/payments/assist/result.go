package assist

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments/charset"
)

// resultXML is the answer of the status and refund services. The codes are
// attributes in some versions of the gateway and elements in others.
type resultXML struct {
	XMLName    xml.Name   `xml:"result"`
	FirstAttr  string     `xml:"firstcode,attr"`
	SecondAttr string     `xml:"secondcode,attr"`
	First      string     `xml:"firstcode"`
	Second     string     `xml:"secondcode"`
	Orders     []orderXML `xml:"order"`
}

type orderXML struct {
	OrderNumber   string         `xml:"ordernumber"`
	BillNumber    string         `xml:"billnumber"`
	TestMode      string         `xml:"testmode"`
	OrderAmount   string         `xml:"orderamount"`
	OrderCurrency string         `xml:"ordercurrency"`
	OrderDate     string         `xml:"orderdate"`
	OrderState    string         `xml:"orderstate"`
	CheckValue    string         `xml:"checkvalue"`
	Operations    []operationXML `xml:"operation"`
}

type operationXML struct {
	BillNumber   string `xml:"billnumber"`
	Type         string `xml:"operationtype"`
	State        string `xml:"operationstate"`
	Amount       string `xml:"amount"`
	Currency     string `xml:"currency"`
	ResponseCode string `xml:"responsecode"`
	Date         string `xml:"operationdate"`
}

// parseResult reads an answer and lets check look at each order as received.
// A result that is not success is a *GatewayError.
func parseResult(raw []byte, check func(orderXML) error) (Status, error) {
	var doc resultXML
	single := func(parent, name string) bool { return name != "order" && name != "operation" && parent != "" }
	if err := charset.Once(raw, single); err != nil {
		return Status{}, fmt.Errorf("assist: answer: %w", err)
	}
	if err := charset.XMLDecoder(bytes.NewReader(raw)).Decode(&doc); err != nil {
		return Status{}, fmt.Errorf("assist: answer: %w", err)
	}
	first, err := code(doc.FirstAttr, doc.First)
	if err != nil {
		return Status{}, err
	}
	second, err := code(doc.SecondAttr, doc.Second)
	if err != nil {
		return Status{}, err
	}
	if first != 0 {
		return Status{}, &GatewayError{First: FirstCode(first), Second: SecondCode(second)}
	}
	status := Status{Raw: raw}
	for _, o := range doc.Orders {
		if err := check(o); err != nil {
			return Status{}, err
		}
		parsed, err := o.parse()
		if err != nil {
			status.Unread++
			continue
		}
		status.Orders = append(status.Orders, parsed)
	}
	return status, nil
}

func code(attribute, element string) (int, error) {
	text := strings.TrimSpace(attribute)
	if text == "" {
		text = strings.TrimSpace(element)
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0, fmt.Errorf("assist: answer without a result code")
	}
	return n, nil
}

func (o orderXML) parse() (OrderStatus, error) {
	amount, err := order.ParseKopecks(strings.TrimSpace(o.OrderAmount))
	if err != nil {
		return OrderStatus{}, fmt.Errorf("assist: orderamount: %w", err)
	}
	state, err := ParseState(strings.TrimSpace(o.OrderState))
	if err != nil {
		return OrderStatus{}, fmt.Errorf("assist: %w", err)
	}
	out := OrderStatus{
		OrderNumber: o.OrderNumber, BillNumber: o.BillNumber, Test: strings.TrimSpace(o.TestMode) == "1",
		Amount: amount, Currency: o.OrderCurrency, State: state, CreatedAt: date(o.OrderDate),
	}
	for _, op := range o.Operations {
		amount, err := order.ParseKopecks(strings.TrimSpace(op.Amount))
		if err != nil {
			return OrderStatus{}, fmt.Errorf("assist: amount of an operation: %w", err)
		}
		out.Operations = append(out.Operations, Operation{
			BillNumber: strings.TrimSpace(op.BillNumber), Type: strings.TrimSpace(op.Type), State: op.State, Amount: amount,
			Currency: currencyCode(op.Currency), ResponseCode: strings.TrimSpace(op.ResponseCode), At: date(op.Date),
		})
	}
	return out, nil
}

// date reads an instant in GMT; one that cannot be read is zero.
func date(s string) time.Time {
	t, err := time.ParseInLocation(dateLayout, strings.TrimSpace(s), time.UTC)
	if err != nil {
		return time.Time{}
	}
	return t
}
