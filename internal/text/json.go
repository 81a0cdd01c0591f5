package text

import (
	"encoding/json"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// maxDepth is the deepest nesting of a body; ours have three levels.
const maxDepth = 64

// Fields are the forms of fields by name, whatever their place; a field that is
// not named has the zero Form.
type Fields map[string]Form

// JSON returns an *Error for a JSON text with a string, or a name of a member,
// that Refuse would refuse, with a member that is there twice (names that differ
// in case only are one to encoding/json), or that is no single JSON value. It
// reads the text itself, because decoders quietly replace invalid UTF-8 and lone
// surrogates by U+FFFD. An empty text is no error.
func (f Fields) JSON(raw []byte) error {
	if strings.TrimLeft(string(raw), " \t\r\n") == "" {
		return nil
	}
	if !json.Valid(raw) {
		return &Error{Reason: ReasonSyntax}
	}
	s := scanner{raw: raw, fields: f}
	if err := s.value(nil, Form{}); err != nil {
		return err
	}
	return nil
}

// scanner walks a text that json.Valid has found good.
type scanner struct {
	raw    []byte
	at     int
	fields Fields
}

func (s *scanner) skip() byte {
	for s.raw[s.at] == ' ' || s.raw[s.at] == '\t' || s.raw[s.at] == '\n' || s.raw[s.at] == '\r' {
		s.at++
	}
	return s.raw[s.at]
}

func (s *scanner) value(path []string, form Form) *Error {
	if len(path) > maxDepth {
		return &Error{Reason: ReasonSyntax}
	}
	switch s.skip() {
	case '{':
		return s.object(path)
	case '[':
		return s.array(path, form)
	case '"':
		_, err := s.text(path, form)
		return err
	default:
		for s.at < len(s.raw) && !strings.ContainsRune(",]} \t\r\n", rune(s.raw[s.at])) {
			s.at++
		}
		return nil
	}
}

func (s *scanner) object(path []string) *Error {
	s.at++
	seen := map[string]bool{}
	for s.skip() != '}' {
		if s.raw[s.at] == ',' {
			s.at++
			s.skip()
		}
		name, err := s.text(path, Form{})
		if err != nil {
			return err
		}
		inner := append(path[:len(path):len(path)], name)
		key := fold(name)
		if seen[key] {
			return &Error{Field: pointer(inner), Reason: ReasonRepeated}
		}
		seen[key] = true
		s.skip()
		s.at++ // the colon
		if err := s.value(inner, s.fields.form(name)); err != nil {
			return err
		}
	}
	s.at++
	return nil
}

// array gives every element the form of the field that holds them.
func (s *scanner) array(path []string, form Form) *Error {
	s.at++
	for i := 0; s.skip() != ']'; i++ {
		if s.raw[s.at] == ',' {
			s.at++
		}
		if err := s.value(append(path[:len(path):len(path)], strconv.Itoa(i)), form); err != nil {
			return err
		}
	}
	s.at++
	return nil
}

// text reads a string, which begins at s.at, and judges it.
func (s *scanner) text(path []string, form Form) (string, *Error) {
	var b strings.Builder
	n := 0
	for s.at++; s.raw[s.at] != '"'; {
		n++
		r, ok := s.character()
		if !ok {
			return "", &Error{Field: pointer(path), Reason: ReasonEncoding, At: n}
		}
		if reason := form.reasonOf(r); reason != "" {
			return "", &Error{Field: pointer(path), Reason: reason, At: n}
		}
		b.WriteRune(r)
	}
	s.at++
	if form.Max > 0 && n > form.Max {
		return "", &Error{Field: pointer(path), Reason: ReasonLength}
	}
	return b.String(), nil
}

// character reads one character of a string; ok is false for a lone surrogate
// and for what is not UTF-8.
func (s *scanner) character() (r rune, ok bool) {
	if s.raw[s.at] != '\\' {
		r, size := utf8.DecodeRune(s.raw[s.at:])
		s.at += size
		return r, r != utf8.RuneError || size > 1
	}
	s.at += 2
	switch c := s.raw[s.at-1]; c {
	case 'u':
		r = s.unit()
	case 'b':
		return '\b', true
	case 'f':
		return '\f', true
	case 'n':
		return '\n', true
	case 'r':
		return '\r', true
	case 't':
		return '\t', true
	default:
		return rune(c), true
	}
	if !utf16.IsSurrogate(r) {
		return r, true
	}
	if s.raw[s.at] != '\\' || s.raw[s.at+1] != 'u' {
		return r, false
	}
	s.at += 2
	r = utf16.DecodeRune(r, s.unit())
	return r, r != utf8.RuneError
}

// unit reads the four hexadecimal digits of an escape.
func (s *scanner) unit() rune {
	n, _ := strconv.ParseUint(string(s.raw[s.at:s.at+4]), 16, 16) // json.Valid has seen the digits
	s.at += 4
	return rune(n)
}

// form is the form of a member, found as encoding/json finds its field.
func (f Fields) form(name string) Form {
	if form, ok := f[name]; ok {
		return form
	}
	folded := fold(name)
	for known, form := range f {
		if fold(known) == folded {
			return form
		}
	}
	return Form{}
}

// fold is one name for all names that encoding/json takes for the same member.
func fold(name string) string {
	return strings.Map(func(r rune) rune {
		least := r
		for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
			least = min(least, next)
		}
		return least
	}, name)
}

// maxName is how much of a name that somebody else chose is repeated.
const maxName = 64

// pointer is a JSON pointer (RFC 6901) without its leading slash.
func pointer(path []string) string {
	escaped := make([]string, len(path))
	for i, name := range path {
		if utf8.RuneCountInString(name) > maxName {
			name = string([]rune(name)[:maxName]) + "…"
		}
		escaped[i] = strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
	}
	return strings.Join(escaped, "/")
}
