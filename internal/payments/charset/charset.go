// Package charset turns the one-byte Cyrillic encodings of banks and gateways
// into UTF-8 and back.
package charset

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
)

// utf8BOM is what some Windows programs write in front of UTF-8.
var utf8BOM = []byte("\xef\xbb\xbf")

// Windows1251 decodes windows-1251; every byte string is valid.
func Windows1251(data []byte) string { return decode(charmap.Windows1251, data) }

// CP866 decodes the DOS code page 866; every byte string is valid.
func CP866(data []byte) string { return decode(charmap.CodePage866, data) }

func decode(page *charmap.Charmap, data []byte) string {
	var out strings.Builder
	out.Grow(2 * len(data))
	for _, b := range data {
		out.WriteRune(page.DecodeByte(b))
	}
	return out.String()
}

// Text decodes UTF-8 when the bytes are valid UTF-8, with or without a byte
// order mark, and windows-1251 otherwise. Cyrillic text in windows-1251 is
// practically never valid UTF-8.
func Text(data []byte) string {
	if bytes.HasPrefix(data, utf8BOM) || utf8.Valid(data) {
		return UTF8(data)
	}
	return Windows1251(data)
}

// Guess finds out whether a file as a whole is UTF-8 or windows-1251, and gives
// what decodes its lines. A letter that was cut in UTF-8 does not turn the file
// into another encoding: whole letters of UTF-8 hardly ever stand in Cyrillic
// windows-1251, so the majority decides.
func Guess(data []byte) func([]byte) string {
	if bytes.HasPrefix(data, utf8BOM) {
		return UTF8
	}
	letters, broken := 0, 0
	for rest := data; len(rest) > 0; {
		r, size := utf8.DecodeRune(rest)
		switch {
		case r == utf8.RuneError && size == 1:
			broken++
		case size > 1:
			letters++
		}
		rest = rest[size:]
	}
	if letters > broken || broken == 0 {
		return UTF8
	}
	return Windows1251
}

// UTF8 decodes UTF-8, with or without a byte order mark; octets that are none
// become the replacement character.
func UTF8(data []byte) string {
	return string(bytes.ToValidUTF8(bytes.TrimPrefix(data, utf8BOM), []byte("\ufffd")))
}

// ToWindows1251 encodes a text; what windows-1251 lacks becomes a question mark.
func ToWindows1251(s string) []byte {
	out := make([]byte, 0, len(s))
	for _, r := range s {
		b, ok := charmap.Windows1251.EncodeRune(r)
		if !ok {
			b = '?'
		}
		out = append(out, b)
	}
	return out
}

// XMLDecoder reads XML in UTF-8, windows-1251 or cp866 as its declaration says.
// Entities of a document type are never resolved.
func XMLDecoder(r io.Reader) *xml.Decoder {
	d := xml.NewDecoder(r)
	d.CharsetReader = reader
	return d
}

func reader(label string, input io.Reader) (io.Reader, error) {
	var page encoding.Encoding
	switch strings.ToLower(label) {
	case "utf-8", "utf8", "us-ascii":
		return input, nil
	case "windows-1251", "cp1251":
		page = charmap.Windows1251
	case "cp866", "ibm866":
		page = charmap.CodePage866
	default:
		return nil, fmt.Errorf("xml in unknown encoding %q", label)
	}
	return page.NewDecoder().Reader(input), nil
}
