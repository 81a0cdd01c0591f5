package qr

import "strings"

// Report says what stands in a payment QR link and whether its check value is right.
type Report struct {
	Payload string `json:"payload"`
	Tags    []Tag  `json:"tags"`
	// Check is the check value received; Expected the one it should be.
	Check    string `json:"check"`
	Expected string `json:"expected"`
	// Algorithm is how the check value was made; empty when it is wrong.
	Algorithm Algorithm `json:"algorithm,omitempty"`
	// Valid tells whether the check value is right.
	Valid bool `json:"valid"`
	// Problem says what is wrong; empty when nothing is.
	Problem string `json:"problem,omitempty"`
}

// Explain takes a link apart. ok is the report's Valid: the text is made of
// tags and ends in the right check value.
func Explain(link string) (r Report, ok bool) {
	code, err := Parse(link)
	r = Report{Payload: code.Payload, Tags: code.Tags, Algorithm: code.Algorithm}
	body := code.Payload
	if n := len(code.Payload) - len(checkHeader) - 4; n >= 0 && strings.HasPrefix(code.Payload[n:], checkHeader) {
		body, r.Check = code.Payload[:n], code.Payload[n+len(checkHeader):]
	}
	r.Expected = Check(body)
	switch {
	case err != nil:
		r.Problem = err.Error()
	case r.Check == "":
		r.Problem = "the last tag is not a check value (63)"
	case code.Algorithm == NoAlgorithm:
		r.Problem = "the check value is wrong"
	default:
		r.Valid = true
		if code.Algorithm == CRC16 {
			r.Expected = r.Check
		}
	}
	return r, r.Valid
}
