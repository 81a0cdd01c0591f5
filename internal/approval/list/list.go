// Package list writes and reads the list (перечень сведений) that the head of an
// organisation signs: XML of plain fields in the words of the regulations, so
// that what is read is what is signed. It knows no keys and no database.
package list

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

// List is what a manager confirms: who shall get a certificate, in which
// position and for how long (M5).
type List struct {
	// Number is the one that people know the list by.
	Number int64 `json:"number"`
	// MadeAt is in Minsk, to the second.
	MadeAt       time.Time `json:"madeAt"`
	Organisation string    `json:"organisation"`
	UNP          string    `json:"unp"`
	// Head is who the list was made for, as their certificate names them;
	// HeadNumber is the personal number without the prefix of ID cards.
	Head       string  `json:"head"`
	HeadNumber string  `json:"headPersonalNumber"`
	Entries    []Entry `json:"entries"`
}

// Entry is one employee's order on a list. The names for JSON are those of reports,
// not of what is signed. Digests are SHA-256 in lower-case
// hexadecimal.
type Entry struct {
	// Number is the order's.
	Number         int64  `json:"number"`
	Surname        string `json:"surname"`
	GivenName      string `json:"givenName"`
	Patronymic     string `json:"patronymic,omitempty"`
	PersonalNumber string `json:"personalNumber"`
	// Position is the one of the current certificate, NewPosition the one of
	// the request where it changes (S4).
	Position    string        `json:"position,omitempty"`
	NewPosition string        `json:"newPosition,omitempty"`
	Years       int           `json:"years"`
	Price       order.Kopecks `json:"price"`
	// Request is of the request file, KeyID of the public key in it: the list
	// approves this very request and no other.
	Request string `json:"request"`
	KeyID   string `json:"keyId"`
	// Checked and Registers are of the reports of both checks, which passed.
	Checked   string `json:"checked"`
	Registers string `json:"registers"`
}

// MaxOrders is how many orders one list can hold.
const MaxOrders = 200

// maxPrice keeps totals far from overflowing.
const maxPrice order.Kopecks = 1_000_000_000_000

// ErrList is returned for what is no list.
var ErrList = errors.New("not a list in its exact octets")

// New makes a list and checks it. ErrList, with what is wrong.
func New(l List) (List, error) {
	l.MadeAt = l.MadeAt.In(order.Minsk()).Truncate(time.Second)
	_, err := Parse(l.Canonical())
	return l, err
}

// Parse reads canonical octets back, and nothing else: octets that say the same
// in another way are not those that were signed. ErrList.
func Parse(octets []byte) (List, error) {
	var l List
	r := reader{rest: string(octets)}
	r.expect(opening)
	readFields(&r, listFields, listIndent, &l)
	for r.skip(entryOpening) {
		if len(l.Entries) == MaxOrders {
			return List{}, fmt.Errorf("%w: more than %d orders", ErrList, MaxOrders)
		}
		var e Entry
		readFields(&r, entryFields, entryIndent, &e)
		r.expect(entryClosing)
		l.Entries = append(l.Entries, e)
	}
	r.expect(closing)
	switch {
	case r.err != nil:
		return List{}, fmt.Errorf("%w: %w", ErrList, r.err)
	case r.rest != "":
		return List{}, fmt.Errorf("%w: octets behind the end", ErrList)
	}
	if err := l.check(); err != nil {
		return List{}, fmt.Errorf("%w: %w", ErrList, err)
	}
	if !bytes.Equal(l.Canonical(), octets) {
		return List{}, fmt.Errorf("%w: the same in other octets", ErrList)
	}
	return l, nil
}

var (
	errNobody   = errors.New("a list names at least one employee")
	errRepeated = errors.New("an order stands on it twice")
)

// check finds what no list lacks.
func (l List) check() error {
	if len(l.Entries) == 0 {
		return errNobody
	}
	for _, missing := range []struct {
		is   bool
		what string
	}{
		{l.Number <= 0, "number"}, {l.MadeAt.IsZero(), "date"}, {l.UNP == "", "UNP"}, {l.Head == "", "head"}, {l.HeadNumber == "", "personal number of the head"},
	} {
		if missing.is {
			return fmt.Errorf("a list without %s", missing.what)
		}
	}
	seen := make(map[int64]bool, len(l.Entries))
	for _, e := range l.Entries {
		if seen[e.Number] {
			return errRepeated
		}
		seen[e.Number] = true
		if e.Number <= 0 || e.Years <= 0 || e.Price <= 0 || e.Price > maxPrice || e.PersonalNumber == "" || !isDigest(e.Request) || !isDigest(e.KeyID) ||
			!isDigest(e.Checked) || !isDigest(e.Registers) {
			return fmt.Errorf("order %d lacks number, person, term, price or a digest", e.Number)
		}
	}
	return nil
}

// Total is the price of everybody on the list.
func (l List) Total() order.Kopecks {
	var sum order.Kopecks
	for _, e := range l.Entries {
		sum += e.Price
	}
	return sum
}

// Entry finds the line of an order by its number; nil where there is none.
func (l List) Entry(number int64) *Entry {
	for i := range l.Entries {
		if l.Entries[i].Number == number {
			return &l.Entries[i]
		}
	}
	return nil
}
