package erip

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments/charset"
)

// RequestType says which step of the dialogue a message is.
type RequestType string

// The steps of the dialogue.
const (
	// ServiceInfo asks what is to be paid.
	ServiceInfo RequestType = "ServiceInfo"
	// TransactionStart asks for consent before the money is taken.
	TransactionStart RequestType = "TransactionStart"
	// TransactionResult tells whether the money was taken.
	TransactionResult RequestType = "TransactionResult"
	// StornStart asks for consent to a reversal.
	StornStart RequestType = "StornStart"
	// StornResult tells whether the reversal was made.
	StornResult RequestType = "StornResult"
)

// Currency is the ISO 4217 number of the Belarusian rouble.
const Currency = "933"

// timeLayout is how ERIP writes instants, in Minsk time.
const timeLayout = "20060102150405"

// ErrMessage is returned for bytes that are not a message of the protocol.
var ErrMessage = errors.New("erip: not a valid message")

// Request is a message of ERIP. Which fields are set depends on its type.
// The payer's name and address are left out: nothing here needs them.
type Request struct {
	Type RequestType
	// At is ERIP's clock; zero when it cannot be read.
	At time.Time
	// ServiceNo is the leaf of the ERIP tree; zero when the message has none.
	ServiceNo int64
	// Account is what the payer typed: the payment number.
	Account string
	// Currency is an ISO 4217 number.
	Currency string
	// RequestID names the dialogue: ServiceInfo and its TransactionStart share it.
	RequestID int64
	// Agent is the code of the bank that takes the money.
	Agent string
	// AuthorizationType is how the payer was recognised, in ERIP's codes.
	AuthorizationType string
	// TransactionID is ERIP's id of the payment, ProviderTrxID is ours.
	TransactionID, ProviderTrxID int64
	Amount                       order.Kopecks
	// Failed says that the payment did not happen (TransactionResult with ErrorText).
	Failed bool
	// Storned says that the reversal was made (StornResult with Y).
	Storned bool
}

type requestXML struct {
	XMLName           xml.Name `xml:"ServiceProvider_Request"`
	Version           string   `xml:"Version"`
	Type              string   `xml:"RequestType"`
	DateTime          string   `xml:"DateTime"`
	ServiceNo         string   `xml:"ServiceNo,omitempty"`
	Account           string   `xml:"PersonalAccount"`
	Currency          string   `xml:"Currency"`
	RequestID         string   `xml:"RequestId"`
	ServiceInfo       *stepXML `xml:"ServiceInfo"`
	TransactionStart  *stepXML `xml:"TransactionStart"`
	TransactionResult *stepXML `xml:"TransactionResult"`
	StornStart        *stepXML `xml:"StornStart"`
	StornResult       *stepXML `xml:"StornResult"`
}

type stepXML struct {
	Amount            string  `xml:"Amount,omitempty"`
	TransactionID     string  `xml:"TransactionId,omitempty"`
	ProviderTrxID     string  `xml:"ServiceProvider_TrxId,omitempty"`
	Agent             string  `xml:"Agent,omitempty"`
	AuthorizationType string  `xml:"AuthorizationType,omitempty"`
	ErrorText         *string `xml:"ErrorText"`
	Storned           string  `xml:"Storned,omitempty"`
}

// step is the place of the child that must stand beside a request type.
func (x *requestXML) step(t RequestType) **stepXML {
	switch t {
	case ServiceInfo:
		return &x.ServiceInfo
	case TransactionStart:
		return &x.TransactionStart
	case TransactionResult:
		return &x.TransactionResult
	case StornStart:
		return &x.StornStart
	case StornResult:
		return &x.StornResult
	default:
		return nil
	}
}

// DecodeRequest reads a message in the encoding its declaration names.
// Errors wrap ErrMessage and name no values; the type is told all the same when
// it could be read.
func DecodeRequest(data []byte) (Request, error) {
	var x requestXML
	if err := charset.Once(data, single); err != nil {
		return Request{}, fmt.Errorf("%w: %w", ErrMessage, err)
	}
	if err := charset.XMLDecoder(bytes.NewReader(data)).Decode(&x); err != nil {
		return Request{}, fmt.Errorf("%w: %v", ErrMessage, err)
	}
	r := Request{
		Type: RequestType(strings.TrimSpace(x.Type)), Account: strings.TrimSpace(x.Account), Currency: strings.TrimSpace(x.Currency),
	}
	place := x.step(r.Type)
	switch {
	case strings.TrimSpace(x.Version) != "1":
		return Request{}, fmt.Errorf("%w: version is not 1", ErrMessage)
	case place == nil:
		return Request{}, fmt.Errorf("%w: unknown request type", ErrMessage)
	case *place == nil:
		return Request{Type: r.Type}, fmt.Errorf("%w: no element %s", ErrMessage, r.Type)
	}
	if at, err := time.ParseInLocation(timeLayout, strings.TrimSpace(x.DateTime), order.Minsk()); err == nil {
		r.At = at
	}
	n := numbers{}
	r.RequestID = n.read("RequestId", x.RequestID, true)
	r.ServiceNo = n.read("ServiceNo", x.ServiceNo, false)
	if n.err == nil {
		r.readStep(**place, &n)
	}
	if n.err != nil {
		return Request{Type: r.Type}, n.err
	}
	return r, nil
}

// single tells which elements may stand once: all of the message and its step.
func single(parent, _ string) bool {
	switch RequestType(parent) {
	case ServiceInfo, TransactionStart, TransactionResult, StornStart, StornResult:
		return true
	default:
		return parent == "ServiceProvider_Request"
	}
}

func (r *Request) readStep(s stepXML, n *numbers) {
	transaction := r.Type != ServiceInfo
	r.TransactionID = n.read("TransactionId", s.TransactionID, transaction)
	r.ProviderTrxID = n.read("ServiceProvider_TrxId", s.ProviderTrxID, false)
	if r.Type == TransactionStart || r.Type == StornStart || s.Amount != "" {
		amount, err := order.ParseKopecks(strings.TrimSpace(s.Amount))
		if err != nil && n.err == nil {
			n.err = fmt.Errorf("%w: Amount", ErrMessage)
		}
		r.Amount = amount
	}
	r.Agent, r.AuthorizationType = strings.TrimSpace(s.Agent), strings.TrimSpace(s.AuthorizationType)
	r.Failed = s.ErrorText != nil
	switch storned := strings.TrimSpace(s.Storned); {
	case r.Type != StornResult:
	case storned == "Y" || storned == "N":
		r.Storned = storned == "Y"
	case n.err == nil:
		n.err = fmt.Errorf("%w: Storned", ErrMessage)
	}
}

// numbers reads positive integers and keeps the first thing that is wrong.
type numbers struct{ err error }

func (n *numbers) read(name, text string, required bool) int64 {
	text = strings.TrimSpace(text)
	if text == "" && !required {
		return 0
	}
	v, err := strconv.ParseInt(text, 10, 64)
	if (err != nil || v < 1) && n.err == nil {
		n.err = fmt.Errorf("%w: %s", ErrMessage, name)
	}
	return v
}
