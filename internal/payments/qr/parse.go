package qr

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

// ErrPayload is returned for a text that is not a payload of tags.
var ErrPayload = errors.New("not a payment QR code")

// Algorithm says how a check value was made.
type Algorithm string

// The algorithms of the check value.
const (
	// SHA256 is that of ERIP.
	SHA256 Algorithm = "sha-256"
	// CRC16 is that of old codes.
	CRC16 Algorithm = "crc-16"
	// NoAlgorithm stands for a check value that is wrong or missing.
	NoAlgorithm Algorithm = ""
)

// Tag is one element of a payload.
type Tag struct {
	ID    string `json:"id"`
	Value string `json:"value"`
	// Meaning is the element's meaning in English; empty when not known.
	Meaning string `json:"meaning,omitempty"`
	// Tags are the elements inside of a template.
	Tags []Tag `json:"tags,omitempty"`
}

// Code is a payload taken apart.
type Code struct {
	// Payload is the raw text, percent-encoding undone.
	Payload string
	Tags    []Tag
	// Algorithm is NoAlgorithm when the check value is wrong.
	Algorithm Algorithm
}

// Parse takes apart a link or a payload. An error that wraps ErrPayload means
// that the text is not made of tags; a wrong check value is no error.
func Parse(link string) (Code, error) {
	c := Code{Payload: payloadOf(link)}
	tags, err := split(c.Payload, 0)
	c.Tags = tags
	if err != nil {
		return c, err
	}
	if len(tags) == 0 {
		return c, fmt.Errorf("%w: empty", ErrPayload)
	}
	if last := tags[len(tags)-1]; last.ID == tagCheck && len(last.Value) == 4 {
		body := c.Payload[:len(c.Payload)-len(checkHeader)-4]
		switch {
		case strings.EqualFold(last.Value, Check(body)):
			c.Algorithm = SHA256
		case strings.EqualFold(last.Value, oldCheck(body)):
			c.Algorithm = CRC16
		}
	}
	return c, nil
}

// payloadOf takes the fragment out of a link and undoes percent-encoding.
func payloadOf(link string) string {
	payload := strings.TrimSpace(link)
	if _, fragment, found := strings.Cut(payload, "#"); found {
		payload = fragment
	}
	if raw, err := url.PathUnescape(payload); err == nil {
		return raw
	}
	return payload
}

// split reads two digits of id, two of length in characters, and the value.
func split(text string, depth int) ([]Tag, error) {
	var tags []Tag
	for at := 0; at < len(text); {
		if len(text)-at < 4 || !decimal(text[at:at+4]) {
			return tags, fmt.Errorf("%w: no tag at byte %d", ErrPayload, at)
		}
		id, want := text[at:at+2], int(text[at+2]-'0')*10+int(text[at+3]-'0')
		at += 4
		end := at
		for range want {
			_, size := utf8.DecodeRuneInString(text[end:])
			if size == 0 {
				return tags, fmt.Errorf("%w: tag %s is cut off", ErrPayload, id)
			}
			end += size
		}
		tag := Tag{ID: id, Value: text[at:end]}
		if depth == 0 {
			tag.Meaning = meaning(id)
			if id == tagERIP || id == tagEPOS || id == tagExtra {
				inner, err := split(tag.Value, depth+1)
				if err != nil {
					return append(tags, tag), fmt.Errorf("inside of tag %s: %w", id, err)
				}
				for i := range inner {
					inner[i].Meaning = meaning(id + "." + inner[i].ID)
				}
				tag.Tags = inner
			}
		}
		tags, at = append(tags, tag), end
	}
	return tags, nil
}

func decimal(s string) bool { return strings.Trim(s, "0123456789") == "" }

// find is the value of a tag, by a path such as 32 10.
func find(tags []Tag, path ...string) string {
	for _, t := range tags {
		if t.ID == path[0] {
			if len(path) == 1 {
				return t.Value
			}
			return find(t.Tags, path[1:]...)
		}
	}
	return ""
}

// Payment reads what the code asks to be paid through ERIP. ok is false when
// its check value is wrong or it is not a code of ERIP; a missing amount is zero.
func (c Code) Payment() (p Payment, ok bool) {
	if c.Algorithm == NoAlgorithm || find(c.Tags, tagERIP, "00") != eripSystem {
		return Payment{}, false
	}
	p = Payment{ServiceCode: find(c.Tags, tagERIP, "01"), Account: find(c.Tags, tagERIP, "10")}
	p.UNP, _ = strings.CutPrefix(find(c.Tags, tagName), "UNP_")
	if text := find(c.Tags, tagAmount); text != "" {
		amount, err := order.ParseKopecks(text)
		if err != nil {
			return Payment{}, false
		}
		p.Amount = amount
	}
	return p, true
}
