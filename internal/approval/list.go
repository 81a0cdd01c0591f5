package approval

import (
	"bytes"
	"encoding/json"
	"errors"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

// Format names the layout of the canonical bytes.
const Format = "remote-issuance/list/1"

// List is what a manager confirms: who shall get a certificate, in which
// position and for how long (M5).
type List struct {
	Format string `json:"format"`
	// ID is the confirmation's id.
	ID           string    `json:"id"`
	Organisation string    `json:"organisation"`
	UNP          string    `json:"unp"`
	MadeAt       time.Time `json:"madeAt"`
	Entries      []Entry   `json:"entries"`
}

// Entry is one employee's order on a list.
type Entry struct {
	OrderID        string `json:"orderId"`
	Number         int64  `json:"number"`
	Surname        string `json:"surname"`
	GivenName      string `json:"givenName"`
	Patronymic     string `json:"patronymic,omitempty"`
	PersonalNumber string `json:"personalNumber"`
	// Position is the one of the current certificate, NewPosition the one of
	// the request where it changes (S4).
	Position    string `json:"position,omitempty"`
	NewPosition string `json:"newPosition,omitempty"`
	Years       int    `json:"years"`
	// KeyID is the SHA-256 of the public key, so that the list approves this
	// very request and no other.
	KeyID string        `json:"keyId"`
	Price order.Kopecks `json:"price"`
}

var errNobody = errors.New("a list names at least one employee")

// NewList checks that there is somebody on the list.
func NewList(id, organisation, unp string, at time.Time, entries []Entry) (List, error) {
	if len(entries) == 0 {
		return List{}, errNobody
	}
	return List{
		Format: Format, ID: id, Organisation: organisation, UNP: unp,
		MadeAt: at.In(order.Minsk()).Truncate(time.Second), Entries: entries,
	}, nil
}

// Canonical writes the exact bytes that are signed: JSON with the fields in
// the order of the type, two blanks of indentation, no HTML escapes, a line
// feed at the end.
func (l List) Canonical() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(l); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// Parse reads canonical bytes back, and nothing else: bytes that say the same
// in another way are not those that were signed.
func Parse(canonical []byte) (List, error) {
	var l List
	d := json.NewDecoder(bytes.NewReader(canonical))
	d.DisallowUnknownFields()
	if err := d.Decode(&l); err != nil {
		return List{}, err
	}
	if l.Format != Format {
		return List{}, errors.New("not a list of this format")
	}
	if len(l.Entries) == 0 {
		return List{}, errNobody
	}
	if again, err := l.Canonical(); err != nil || !bytes.Equal(again, canonical) {
		return List{}, errors.New("not the canonical bytes of a list")
	}
	return l, nil
}

// Total is the price of everybody on the list.
func (l List) Total() order.Kopecks {
	var sum order.Kopecks
	for _, e := range l.Entries {
		sum += e.Price
	}
	return sum
}
