package registers

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

// Causes of a malformed answer. They never quote it: it holds personal data.
var (
	errNotJSON      = errors.New("the answer is not the JSON that was agreed")
	errOtherRecord  = errors.New("the answer is about another record")
	errNoState      = errors.New("the answer does not tell the state")
	errDate         = errors.New("the answer has a date in no known form")
	errIncomplete   = errors.New("the answer lacks a required field")
	errUnknownValue = errors.New("the answer has a value that was not agreed")
)

// scalar is a JSON string or number: the public registers send codes as either.
type scalar string

// UnmarshalJSON implements json.Unmarshaler.
func (t *scalar) UnmarshalJSON(b []byte) error {
	switch {
	case bytes.Equal(b, []byte("null")):
		*t = ""
		return nil
	case len(b) > 0 && b[0] == '"':
		var s string
		if err := json.Unmarshal(b, &s); err != nil {
			return err
		}
		*t = scalar(strings.TrimSpace(s))
		return nil
	}
	var n json.Number
	if err := json.Unmarshal(b, &n); err != nil {
		return err
	}
	*t = scalar(n.String())
	return nil
}

// empty tells whether an answer says nothing at all.
func empty(body []byte) bool {
	switch string(bytes.TrimSpace(body)) {
	case "", "null", "[]", "{}", "[{}]":
		return true
	}
	return false
}

// minskDate reads an instant that stands for midnight in Minsk, written in UTC,
// as the EGR does; the offset was not always +03:00, so it is the time zone that
// decides, not arithmetic. No text is no date.
func minskDate(s scalar) (order.Date, error) {
	if s == "" {
		return order.Date{}, nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05Z0700"} {
		if t, err := time.Parse(layout, string(s)); err == nil {
			return order.DateOf(t), nil
		}
	}
	return order.Date{}, errDate
}

// sameUNP compares with leading zeros restored, which the EGR's numbers lose.
func sameUNP(unp order.UNP, answered scalar) bool {
	s := string(answered)
	if missing := 9 - len(s); missing > 0 {
		s = strings.Repeat("0", missing) + s
	}
	return order.Latin(s) == string(unp)
}
