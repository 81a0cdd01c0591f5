package card

import (
	"bytes"
	"fmt"
)

// File is a card as it was read.
type File struct {
	Card Card
	// PagesDiffer tells that the pages are not what this program writes of the
	// evidence: they were changed, or written by another version.
	PagesDiffer bool
	// HasPages is false for the evidence alone.
	HasPages bool
}

// Read reads a PDF that PDF made, or the evidence alone (card.json). ErrCard
// for anything else.
func Read(file []byte) (File, error) {
	switch {
	case len(file) > MaxFile:
		return File{}, fmt.Errorf("%w: more than %d octets", ErrCard, MaxFile)
	case !bytes.HasPrefix(file, []byte("%PDF-")):
		c, err := Parse(file)
		return File{Card: c}, err
	}
	_, data, err := detach(file)
	if err != nil {
		return File{}, err
	}
	c, err := Parse(data)
	if err != nil {
		return File{}, err
	}
	again, err := PDF(c)
	if err != nil {
		return File{}, err
	}
	return File{Card: c, HasPages: true, PagesDiffer: !bytes.Equal(again, file)}, nil
}
