package assist

import (
	"bytes"
	"encoding/xml"
)

// FirstCode is the class of a result in the gateway's table.
type FirstCode int

// The classes of results that are used here.
const (
	FirstOK             FirstCode = 0
	FirstInternal       FirstCode = 2
	FirstMissing        FirstCode = 3
	FirstFormat         FirstCode = 4
	FirstValue          FirstCode = 5
	FirstAuthentication FirstCode = 7
	FirstNoObject       FirstCode = 10
	FirstDuplicate      FirstCode = 11
	FirstLocked         FirstCode = 12
	FirstForbidden      FirstCode = 15
	FirstTimeout        FirstCode = 16
	FirstLimits         FirstCode = 17
)

// SecondCode names the parameter or object a result is about.
type SecondCode int

// The parameters and objects that are used here.
const (
	SecondNone     SecondCode = 0
	SecondAnything SecondCode = 1
	SecondMerchant SecondCode = 100
	SecondDate     SecondCode = 104
	SecondCurrency SecondCode = 105
	SecondNumber   SecondCode = 107
	SecondAmount   SecondCode = 108
	SecondBill     SecondCode = 143
	SecondState    SecondCode = 164
	SecondCheck    SecondCode = 158
	SecondOrder    SecondCode = 201
	// SecondOperation is an operation of another type than was expected.
	SecondOperation SecondCode = 216
)

// parameter is the code of a field of a push.
func parameter(field string) SecondCode {
	switch field {
	case "merchant_id":
		return SecondMerchant
	case "ordernumber":
		return SecondNumber
	case "orderamount", "amount":
		return SecondAmount
	case "ordercurrency", "currency":
		return SecondCurrency
	case "billnumber":
		return SecondBill
	case "orderstate":
		return SecondState
	case "checkvalue":
		return SecondCheck
	case "operationtype":
		return SecondOperation
	case "packetdate", "operationdate":
		return SecondDate
	default:
		return SecondAnything
	}
}

// ContentType is the media type of our answer to a push.
const ContentType = "text/xml; charset=utf-8"

// Answer is our reply to a push. It is always sent with HTTP 200.
type Answer struct {
	First  FirstCode
	Second SecondCode
	// BillNumber and PacketDate are echoed on success.
	BillNumber, PacketDate string
}

type answerXML struct {
	XMLName xml.Name     `xml:"pushpaymentresult"`
	First   FirstCode    `xml:"firstcode,attr"`
	Second  SecondCode   `xml:"secondcode,attr"`
	Order   *answerOrder `xml:"order"`
}

type answerOrder struct {
	BillNumber string `xml:"billnumber"`
	PacketDate string `xml:"packetdate"`
}

// XML writes the answer as the package pushpaymentresult.
func (a Answer) XML() []byte {
	doc := answerXML{First: a.First, Second: a.Second}
	if a.First == FirstOK {
		doc.Order = &answerOrder{BillNumber: a.BillNumber, PacketDate: a.PacketDate}
	}
	var out bytes.Buffer
	out.WriteString(xml.Header)
	// Encoding a struct of strings and numbers into memory cannot fail.
	_ = xml.NewEncoder(&out).Encode(doc)
	return out.Bytes()
}
