package erip

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strings"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments/charset"
)

// Response is our answer to a message of ERIP.
type Response struct {
	// Type is that of the message it answers.
	Type RequestType
	// Errors are the lines of a refusal; none is consent.
	Errors []string
	// Lines are shown to the payer or printed on the receipt.
	Lines []string
	// Debt is what is to be paid (ServiceInfo). The payer cannot change it.
	Debt order.Kopecks
	// ProviderTrxID is our id of the payment (TransactionStart).
	ProviderTrxID int64
}

type responseXML struct {
	XMLName           xml.Name        `xml:"ServiceProvider_Response"`
	ServiceInfo       *serviceInfoXML `xml:"ServiceInfo"`
	TransactionStart  *startXML       `xml:"TransactionStart"`
	TransactionResult *resultXML      `xml:"TransactionResult"`
	Error             *errorXML       `xml:"Error"`
	NextRequestType   string          `xml:"NextRequestType,omitempty"`
}

type serviceInfoXML struct {
	Amount amountXML `xml:"Amount"`
	Info   *infoXML  `xml:"Info"`
}

type amountXML struct {
	Editable string `xml:"Editable,attr"`
	Debt     string `xml:"Debt"`
}

type infoXML struct {
	Lines []string `xml:"InfoLine"`
}

type startXML struct {
	ProviderTrxID string   `xml:"ServiceProvider_TrxId"`
	Info          *infoXML `xml:"Info"`
}

type resultXML struct {
	Info *infoXML `xml:"Info"`
}

type errorXML struct {
	Lines []string `xml:"ErrorLine"`
}

// Encode writes the answer in windows-1251. Consent to a reversal is an empty root.
func (r Response) Encode() []byte {
	var x responseXML
	var info *infoXML
	if len(r.Lines) > 0 {
		info = &infoXML{Lines: r.Lines}
	}
	switch {
	case len(r.Errors) > 0:
		x.Error = &errorXML{Lines: r.Errors}
	case r.Type == ServiceInfo:
		x.ServiceInfo = &serviceInfoXML{Amount: amountXML{Editable: "N", Debt: money(r.Debt)}, Info: info}
		x.NextRequestType = string(TransactionStart)
	case r.Type == TransactionStart:
		x.TransactionStart = &startXML{ProviderTrxID: id(r.ProviderTrxID), Info: info}
	case r.Type == TransactionResult:
		x.TransactionResult = &resultXML{Info: info}
	}
	return encode(x)
}

// DecodeResponse reads an answer of a service provider, as a terminal does.
// The type of an empty root is not told and stays empty.
func DecodeResponse(data []byte) (Response, error) {
	var x responseXML
	if err := charset.XMLDecoder(bytes.NewReader(data)).Decode(&x); err != nil {
		return Response{}, fmt.Errorf("%w: %v", ErrMessage, err)
	}
	var r Response
	var info *infoXML
	var n numbers
	switch {
	case x.Error != nil:
		r.Errors = x.Error.Lines
		if len(r.Errors) == 0 {
			return Response{}, fmt.Errorf("%w: a refusal without lines", ErrMessage)
		}
	case x.ServiceInfo != nil:
		debt, err := order.ParseKopecks(strings.TrimSpace(x.ServiceInfo.Amount.Debt))
		if err != nil {
			return Response{}, fmt.Errorf("%w: Debt", ErrMessage)
		}
		r.Type, r.Debt, info = ServiceInfo, debt, x.ServiceInfo.Info
	case x.TransactionStart != nil:
		r.Type, info = TransactionStart, x.TransactionStart.Info
		r.ProviderTrxID = n.read("ServiceProvider_TrxId", x.TransactionStart.ProviderTrxID, true)
	case x.TransactionResult != nil:
		r.Type, info = TransactionResult, x.TransactionResult.Info
	}
	if info != nil {
		r.Lines = info.Lines
	}
	return r, n.err
}
