package charset

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
)

// ErrTwice is returned for a document that says twice what it may say once: one
// reader would take the first value, another the last.
var ErrTwice = errors.New("an element stands twice")

// ErrShape is returned for a document with text beside elements, of which
// readers make different values, or with anything after its end.
var ErrShape = errors.New("text stands beside elements or after the document")

// Once reads a document and fails when one of its elements has two children of
// a name that single says may stand there once. Names are local. Errors:
// ErrTwice with the names, ErrShape, or that of the XML.
func Once(data []byte, single func(parent, name string) bool) error {
	d := XMLDecoder(bytes.NewReader(data))
	type element struct {
		name           string
		seen           map[string]bool
		text, elements bool
	}
	var open []element
	ended := false
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		switch t := token.(type) {
		case xml.CharData:
			if len(bytes.TrimSpace(t)) == 0 {
				continue
			}
			if len(open) == 0 {
				if ended {
					return ErrShape
				}
				continue
			}
			parent := &open[len(open)-1]
			if parent.text = true; parent.elements {
				return fmt.Errorf("%w: in %s", ErrShape, parent.name)
			}
		case xml.StartElement:
			if len(open) == 0 && ended {
				return ErrShape
			}
			if n := len(open); n > 0 {
				parent := &open[n-1]
				if parent.elements = true; parent.text {
					return fmt.Errorf("%w: in %s", ErrShape, parent.name)
				}
			}
			if n := len(open); n > 0 && single(open[n-1].name, t.Name.Local) {
				parent := &open[n-1]
				if parent.seen[t.Name.Local] {
					return fmt.Errorf("%w: %s in %s", ErrTwice, t.Name.Local, parent.name)
				}
				if parent.seen == nil {
					parent.seen = map[string]bool{}
				}
				parent.seen[t.Name.Local] = true
			}
			open = append(open, element{name: t.Name.Local})
		case xml.EndElement:
			open = open[:len(open)-1]
			ended = len(open) == 0
		}
	}
}
