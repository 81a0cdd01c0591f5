package erip

import (
	"encoding/xml"
	"strconv"
	"strings"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments/charset"
)

// Encode writes the message as ERIP does, in windows-1251. The reason of a
// failed payment is not kept in a Request and is written in general words.
func (r Request) Encode() []byte {
	x := requestXML{
		Version: "1", Type: string(r.Type), DateTime: r.At.In(order.Minsk()).Format(timeLayout), ServiceNo: id(r.ServiceNo),
		Account: r.Account, Currency: r.Currency, RequestID: id(r.RequestID),
	}
	s := &stepXML{TransactionID: id(r.TransactionID), ProviderTrxID: id(r.ProviderTrxID), Agent: r.Agent, AuthorizationType: r.AuthorizationType}
	if r.Amount > 0 {
		s.Amount = money(r.Amount)
	}
	if r.Failed {
		text := "Платёж не выполнен"
		s.ErrorText = &text
	}
	if r.Type == StornResult {
		s.Storned = "N"
		if r.Storned {
			s.Storned = "Y"
		}
	}
	if place := x.step(r.Type); place != nil {
		*place = s
	}
	return encode(x)
}

func id(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

// money writes an amount with the comma ERIP wants.
func money(k order.Kopecks) string { return strings.Replace(k.String(), ".", ",", 1) }

// encode writes a document in windows-1251 with its declaration.
func encode(doc any) []byte {
	// Marshalling structs of strings cannot fail.
	body, _ := xml.Marshal(doc)
	return charset.ToWindows1251(`<?xml version="1.0" encoding="windows-1251"?>` + "\n" + string(body))
}
