package card

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/approval"
	"github.com/remote-issuance/remote-issuance/internal/audit"
)

// Format names the layout of the evidence and of the pages that are written of it.
const Format = "remote-issuance/card/1"

// MaxFile is how many octets a card may have.
const MaxFile = 64 << 20

// Card is the evidence of one issued order.
type Card struct {
	Format  string `json:"format"`
	OrderID string `json:"orderId"`
	// Number is the one that people know the order by.
	Number int64 `json:"number"`
	// Certificate is the one that was issued, in DER; Chain leads from its issuer
	// to a root.
	Certificate []byte   `json:"certificate"`
	Chain       [][]byte `json:"chain"`
	// Request is the request file, as it was uploaded.
	Request []byte `json:"request"`
	// Approval is the signed list with what it was verified against; nil for
	// 6.0.00, which nobody but the applicant signs. Its entry stands in Log.
	Approval *approval.Bundle `json:"approval,omitempty"`
	// Log are the pieces of the audit log that hold the order's entries, each up
	// to the checkpoint that seals it.
	Log []audit.Proof `json:"log"`
}

// ErrCard is returned for what cannot be read as a card.
var ErrCard = errors.New("not a card for evidence")

// Canonical writes the exact octets of the evidence: JSON without blanks and
// HTML escapes, the fields in the order of the types, a line feed at the end.
func (c Card) Canonical() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(c); err != nil {
		return nil, fmt.Errorf("card: %w", err)
	}
	return b.Bytes(), nil
}

// Parse reads canonical octets back and nothing else: what says the same in
// another way is another file. ErrCard.
func Parse(data []byte) (Card, error) {
	if len(data) > MaxFile {
		return Card{}, fmt.Errorf("%w: more than %d octets", ErrCard, MaxFile)
	}
	var c Card
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&c); err != nil {
		return Card{}, fmt.Errorf("%w: %w", ErrCard, err)
	}
	if c.Format != Format {
		return Card{}, fmt.Errorf("%w: another format", ErrCard)
	}
	if again, err := c.Canonical(); err != nil || !bytes.Equal(again, data) {
		return Card{}, fmt.Errorf("%w: not its canonical octets", ErrCard)
	}
	if c.Approval != nil && (c.Approval.Format != approval.BundleFormat || c.Approval.Audit != nil) {
		return Card{}, fmt.Errorf("%w: another format of the approval", ErrCard)
	}
	for _, p := range c.Log {
		exact := exactTime(p.Checkpoint.At)
		for _, e := range p.Entries {
			exact = exact && exactTime(e.At)
		}
		if !exact {
			return Card{}, fmt.Errorf("%w: an instant of the log is not in UTC and microseconds", ErrCard)
		}
	}
	return c, nil
}

// exactTime tells whether an instant is written as hashes cover it.
func exactTime(t time.Time) bool {
	_, offset := t.Zone()
	return offset == 0 && t.Nanosecond()%int(time.Microsecond) == 0
}

const codePrefix = "urn:remote-issuance:card:"

// Code is what the QR code of a card says: urn:remote-issuance:card:NUMBER:sha256:DIGEST,
// the digest over the canonical octets.
func (c Card) Code() (string, error) {
	data, err := c.Canonical()
	if err != nil {
		return "", err
	}
	return codePrefix + strconv.FormatInt(c.Number, 10) + ":" + audit.Digest(data), nil
}

// Matches tells whether a code that was read from paper is the card's.
func (c Card) Matches(code string) bool {
	own, err := c.Code()
	return err == nil && strings.TrimSpace(code) == own
}
