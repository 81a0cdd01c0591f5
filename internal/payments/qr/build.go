// Package qr makes and takes apart the payment QR codes of ERIP: a link to
// pay.raschet.by whose fragment is an EMVCo merchant-presented payload.
package qr

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

// LinkPrefix stands before the payload. The payload is a fragment, so that
// nothing of it reaches the server.
const LinkPrefix = "https://pay.raschet.by/#"

// forbidden are the characters a payload of ERIP must not contain.
const forbidden = " <>\"#%{}|\\^~[]`"

// The tags of a payload, and of the ERIP template inside of tag 32.
const (
	tagVersion   = "00"
	tagMethod    = "01"
	tagERIP      = "32"
	tagEPOS      = "33"
	tagCategory  = "52"
	tagCurrency  = "53"
	tagAmount    = "54"
	tagCountry   = "58"
	tagName      = "59"
	tagCity      = "60"
	tagExtra     = "62"
	tagCheck     = "63"
	checkHeader  = tagCheck + "04"
	eripSystem   = "by.raschet"
	oneTime      = "12"
	fixedAmount  = "12"
	belarusName  = "Belarus"
	roubleNumber = "933"
)

// Payment is what a code asks to be paid, once and with a fixed amount.
type Payment struct {
	// ServiceCode is our leaf of the ERIP tree.
	ServiceCode string
	// Account is the payment number as the payer would type it.
	Account string
	Amount  order.Kopecks
	// UNP is the taxpayer number of the beneficiary.
	UNP string
}

// Payload builds the text of a one-time code, check value included.
func Payload(p Payment) (string, error) {
	for name, v := range map[string]string{"service code": p.ServiceCode, "account": p.Account, "UNP": p.UNP} {
		if v == "" || strings.ContainsAny(v, forbidden) || !printable(v) {
			return "", fmt.Errorf("qr: %s is empty or has forbidden characters", name)
		}
	}
	if p.Amount <= 0 {
		return "", errors.New("qr: amount must be positive")
	}
	var b builder
	b.put(tagVersion, "01", 2)
	b.put(tagMethod, oneTime, 2)
	var erip builder
	erip.put("00", eripSystem, 99)
	erip.put("01", p.ServiceCode, 10)
	erip.put("10", p.Account, 30)
	erip.put("12", fixedAmount, 2)
	if erip.err != nil {
		return "", erip.err
	}
	b.put(tagERIP, erip.String(), 99)
	b.put(tagCurrency, roubleNumber, 3)
	b.put(tagAmount, p.Amount.String(), 13)
	b.put(tagCountry, "BY", 2)
	b.put(tagName, "UNP_"+p.UNP, 25)
	b.put(tagCity, belarusName, 15)
	if b.err != nil {
		return "", b.err
	}
	payload := b.String()
	return payload + checkHeader + Check(payload), nil
}

// builder writes tags and keeps the first that is too long.
type builder struct {
	strings.Builder
	err error
}

func (b *builder) put(tag, value string, limit int) {
	n := utf8.RuneCountInString(value)
	if n > limit && b.err == nil {
		b.err = fmt.Errorf("qr: tag %s is longer than %d characters", tag, limit)
	}
	fmt.Fprintf(b, "%s%02d%s", tag, n, value)
}

func printable(s string) bool {
	for _, r := range s {
		if r <= ' ' || r > '~' {
			return false
		}
	}
	return true
}

// Check is the check value of tag 63: the last four hex digits of SHA-256 over
// the raw payload before 6304. EMVCo's CRC-16 is what only old codes have.
func Check(payload string) string {
	sum := sha256.Sum256([]byte(payload))
	return fmt.Sprintf("%X", sum[len(sum)-2:])
}

// oldCheck is the check value of old codes, over the payload with 6304.
func oldCheck(payload string) string { return crc16(payload + checkHeader) }

// crc16 is CRC-16/CCITT-FALSE in four hex digits.
func crc16(text string) string {
	crc := uint16(0xffff)
	for _, b := range []byte(text) {
		crc ^= uint16(b) << 8
		for range 8 {
			if crc&0x8000 != 0 {
				crc = crc<<1 ^ 0x1021
			} else {
				crc <<= 1
			}
		}
	}
	return fmt.Sprintf("%04X", crc)
}

// Link is the address a code stands for. Only here characters such as the
// semicolon of E-POS numbers are percent-encoded; the check value is over the raw text.
func Link(payload string) string {
	var b strings.Builder
	b.WriteString(LinkPrefix)
	for _, c := range []byte(payload) {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-._/:@!$&'()*+,=?", c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}
