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

// Once reads a document and fails when one of its elements has two children of
// a name that single says may stand there once. Names are local. Errors:
// ErrTwice with the names, or that of the XML.
func Once(data []byte, single func(parent, name string) bool) error {
	d := XMLDecoder(bytes.NewReader(data))
	type element struct {
		name string
		seen map[string]bool
	}
	var open []element
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		switch t := token.(type) {
		case xml.StartElement:
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
			if len(open) == 0 {
				return nil
			}
		}
	}
}
