package events

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

// Object is what an event is about.
type Object string

// The objects.
const (
	ObjectOrder        Object = "order"
	ObjectConfirmation Object = "confirmation"
	// ObjectPayment is what is to be paid for an order of 6.0.00 or a
	// confirmation, under the id of that order or confirmation.
	ObjectPayment Object = "payment"
	// ObjectWebhook is an endpoint that asked for a test message.
	ObjectWebhook Object = "webhook"
)

// Type is the object with what became of it, as order.issued.
type Type string

// The types. Those of orders are the stages and ends that the API shows.
const (
	TypeOrderTerms            Type = "order.terms"
	TypeOrderRequest          Type = "order.request"
	TypeOrderChecking         Type = "order.checking"
	TypeOrderAwaitingApproval Type = "order.awaiting_approval"
	TypeOrderAwaitingPayment  Type = "order.awaiting_payment"
	TypeOrderIssuing          Type = "order.issuing"
	TypeOrderIssued           Type = "order.issued"
	TypeOrderActivated        Type = "order.activated"
	TypeOrderRefused          Type = "order.refused"
	TypeOrderRejected         Type = "order.rejected"
	TypeOrderWithdrawn        Type = "order.withdrawn"
	TypeOrderAnnulled         Type = "order.annulled"

	TypeConfirmationAwaitingSignature Type = "confirmation.awaiting_signature"
	TypeConfirmationAwaitingPayment   Type = "confirmation.awaiting_payment"
	TypeConfirmationIssuing           Type = "confirmation.issuing"
	TypeConfirmationFinished          Type = "confirmation.finished"
	TypeConfirmationLapsed            Type = "confirmation.lapsed"
	TypeConfirmationVoid              Type = "confirmation.void"

	TypePaymentOpen Type = "payment.open"
	// TypePaymentChanged: the total is another one, because an order has left.
	TypePaymentChanged Type = "payment.changed"
	TypePaymentPaid    Type = "payment.paid"
	TypePaymentClosed  Type = "payment.closed"

	// TypeTest is sent to an endpoint whose owner asked for it, and to no other.
	TypeTest Type = "webhook.test"
)

// Types are those that can be subscribed to.
func Types() []Type {
	return []Type{
		TypeOrderTerms, TypeOrderRequest, TypeOrderChecking, TypeOrderAwaitingApproval, TypeOrderAwaitingPayment, TypeOrderIssuing,
		TypeOrderIssued, TypeOrderActivated, TypeOrderRefused, TypeOrderRejected, TypeOrderWithdrawn, TypeOrderAnnulled,
		TypeConfirmationAwaitingSignature, TypeConfirmationAwaitingPayment, TypeConfirmationIssuing, TypeConfirmationFinished,
		TypeConfirmationLapsed, TypeConfirmationVoid,
		TypePaymentOpen, TypePaymentChanged, TypePaymentPaid, TypePaymentClosed,
	}
}

// Known tells whether the type can be subscribed to.
func (t Type) Known() bool { return slices.Contains(Types(), t) }

// Event is one change. Its fields name what has changed and nobody.
type Event struct {
	// Position orders events; readers continue after the last one they know.
	Position int64
	Type     Type
	Object   Object
	ObjectID order.ID
	// Number is that of the order, or the payment number; 0 before there is one.
	Number int64
	// Version is that of the object after the change: of two events about one
	// object, the one with the greater version is the later.
	Version int64
	// Status is what the API shows as stage, end or state of the object.
	Status string
	At     time.Time
}

// ID is the identifier of the event, the same wherever and however often it
// is told: evt_, the position, and the first octets of the object's id, so that
// a database that was set back to a backup does not give an old name to a new event.
func (e Event) ID() string {
	return fmt.Sprintf("evt_%d_%s", e.Position, hex.EncodeToString(e.ObjectID[:4]))
}

// PositionOf reads the position from an event's identifier. What ID never writes is none: another form of the digits or of the object's
// part would be a second name for the same event.
func PositionOf(id string) (position int64, ok bool) {
	rest, ok := strings.CutPrefix(id, "evt_")
	if !ok {
		return 0, false
	}
	digits, tail, ok := strings.Cut(rest, "_")
	position, err := strconv.ParseInt(digits, 10, 64)
	if !ok || err != nil || position < 1 || strconv.FormatInt(position, 10) != digits {
		return 0, false
	}
	if object, err := hex.DecodeString(tail); err != nil || len(object) != 4 || hex.EncodeToString(object) != tail {
		return 0, false
	}
	return position, true
}

// Name is what people know the object by: the number of an order, NOAIS… of a
// confirmation or a payment; empty before there is one.
func (e Event) Name() string {
	switch {
	case e.Number == 0:
		return ""
	case e.Object == ObjectOrder:
		return strconv.FormatInt(e.Number, 10)
	default:
		return order.PaymentNumber(e.Number).ERIP()
	}
}

// Body is the event as receivers of webhooks get it, and readers of the API
// too: JSON, the same octets each time.
func (e Event) Body() ([]byte, error) { return json.Marshal(e.View()) }

// View is an event as the contract has it.
type View struct {
	ID        string    `json:"id"`
	Position  int64     `json:"position"`
	Type      Type      `json:"type"`
	Timestamp time.Time `json:"timestamp"`
	Data      Data      `json:"data"`
}

// Data says what has changed.
type Data struct {
	Object  Object   `json:"object"`
	ID      order.ID `json:"id"`
	Number  string   `json:"number,omitempty"`
	Version int64    `json:"version"`
	Status  string   `json:"status"`
}

// View is the event in the contract's form; its instant is in Minsk time.
func (e Event) View() View {
	return View{
		ID: e.ID(), Position: e.Position, Type: e.Type, Timestamp: e.At.In(order.Minsk()),
		Data: Data{Object: e.Object, ID: e.ObjectID, Number: e.Name(), Version: e.Version, Status: e.Status},
	}
}
