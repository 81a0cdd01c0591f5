package text

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Form is what one field may hold. The zero Form is one line of any length.
type Form struct {
	// Lines allows tabs, line feeds and carriage returns, as in a note.
	Lines bool
	// Pasted allows the marks of direction that phones put around a number or an
	// address that is copied; the reader of the field drops them.
	Pasted bool
	// Max is the greatest length in characters; 0 is as long as the body may be.
	Max int
}

// Error says which field was refused and why. It never quotes the value.
type Error struct {
	// Field is the path of the field: a JSON pointer without the leading slash for
	// bodies (orders/0), the name of a parameter or header otherwise; "" for a
	// string by itself.
	Field string
	// Reason is why.
	Reason Reason
	// At is the number of the first bad character, from 1 on; 0 where the whole
	// is refused.
	At int
}

// Error names the field, the reason and the place.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("text refused")
	if e.Field != "" {
		fmt.Fprintf(&b, " in %s", e.Field)
	}
	fmt.Fprintf(&b, ": %s", e.Reason)
	if e.At > 0 {
		fmt.Fprintf(&b, " at character %d", e.At)
	}
	return b.String()
}

// Refuse returns an *Error for a string that the field may not hold.
func (f Form) Refuse(s string) error {
	n := 0
	for rest := s; rest != ""; {
		n++
		r, size, ok := decode(rest)
		if !ok {
			return &Error{Reason: ReasonEncoding, At: n}
		}
		if reason := f.reasonOf(r); reason != "" {
			return &Error{Reason: reason, At: n}
		}
		rest = rest[size:]
	}
	if f.Max > 0 && n > f.Max {
		return &Error{Reason: ReasonLength}
	}
	return nil
}

// Refuse returns an *Error for a string that is not one line of good characters.
func Refuse(s string) error { return Form{}.Refuse(s) }

// MaxReplaced is the greatest length, in characters, that Replace leaves of a
// string: more than any name or answer of a foreign system has.
const MaxReplaced = 4096

// Replace makes a string of a foreign system fit to be stored, compared and
// shown: line breaks and tabs become blanks, invisible characters go, everything
// else that Refuse refuses becomes U+FFFD, so that a value that was mangled equals
// none that was not, and the length is cut to MaxReplaced.
func Replace(s string) string {
	if clean(s) {
		return s
	}
	var b strings.Builder
	n := 0
	for rest := s; rest != ""; {
		r, size, ok := decode(rest)
		rest = rest[size:]
		out := r
		switch c := classOf(r); {
		case !ok:
			out = utf8.RuneError
		case c == lineBreak:
			out = ' '
		case c == invisible:
			continue
		case c != plain:
			out = utf8.RuneError
		}
		if n++; n > MaxReplaced-1 && rest != "" {
			b.WriteRune('…')
			return b.String()
		}
		b.WriteRune(out)
	}
	return b.String()
}

func clean(s string) bool {
	if len(s) > MaxReplaced {
		return false
	}
	for _, r := range s {
		if r == utf8.RuneError || classOf(r) != plain {
			return false
		}
	}
	return true
}
