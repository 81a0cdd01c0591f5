package text

import (
	"unicode"
	"unicode/utf8"
)

// Reason says why a string is refused.
type Reason string

// The reasons, the most dangerous first.
const (
	// ReasonEncoding is invalid UTF-8, in JSON a lone surrogate escape too: two
	// readers would read two values.
	ReasonEncoding Reason = "encoding"
	// ReasonNUL is U+0000, which PostgreSQL stores in neither text nor jsonb.
	ReasonNUL Reason = "nul"
	// ReasonControl is a control character that the field does not allow.
	ReasonControl Reason = "control"
	// ReasonBidi is an embedding, override or isolate (UAX #9): it shows a text
	// in another order than it has.
	ReasonBidi Reason = "bidi"
	// ReasonHidden is a tag character or an annotation: text that nobody sees.
	ReasonHidden Reason = "hidden"
	// ReasonUnassigned is a noncharacter or a private-use character: no two
	// readers see the same.
	ReasonUnassigned Reason = "unassigned"
	// ReasonLength is a text longer than its field.
	ReasonLength Reason = "length"
	// ReasonRepeated is a member of a JSON object, or a parameter, that is there twice.
	ReasonRepeated Reason = "repeated"
	// ReasonSyntax is JSON that cannot be read, or is nested too deep.
	ReasonSyntax Reason = "syntax"
)

// class is what a character is to the gate.
type class int

const (
	plain class = iota
	lineBreak
	invisible
	nul
	control
	bidi
	hidden
	unassigned
)

// Invisible tells whether a character takes no room and means nothing: zero-width
// spaces and joiners, the byte order mark, the soft hyphen, marks of direction.
// They come with text that is copied; who compares or sends a value drops them.
func Invisible(r rune) bool { return classOf(r) == invisible }

func classOf(r rune) class {
	switch {
	case r >= 0x20 && r < 0x7f:
		return plain
	case r == 0:
		return nul
	case r == '\t', r == '\n', r == '\r', r == 0x85, r == 0x2028, r == 0x2029:
		return lineBreak
	case unicode.IsControl(r):
		return control
	case r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069:
		return bidi
	case r >= 0xfdd0 && r <= 0xfdef, r&0xfffe == 0xfffe, unicode.Is(unicode.Co, r):
		return unassigned
	case r >= 0x206a && r <= 0x206f, r >= 0xfff9 && r <= 0xfffb, r >= 0xe0000 && r <= 0xe007f:
		return hidden
	case r == 0xad, r == 0x34f, r == 0x61c, r == 0x180e, r >= 0x200b && r <= 0x200f, r >= 0x2060 && r <= 0x2065, r == 0xfeff,
		r == 0x115f, r == 0x1160, r == 0x3164, r == 0xffa0:
		return invisible
	default:
		return plain
	}
}

// reasonOf is why a character that is no part of an allowed class is refused;
// "" for a good one.
func (f Form) reasonOf(r rune) Reason {
	switch classOf(r) {
	case nul:
		return ReasonNUL
	case control:
		return ReasonControl
	case lineBreak:
		if !f.Lines || r > '\r' {
			return ReasonControl
		}
	case bidi:
		if !f.Pasted {
			return ReasonBidi
		}
	case hidden:
		return ReasonHidden
	case unassigned:
		return ReasonUnassigned
	case plain, invisible:
	}
	return ""
}

// decode is the first character of s and its length in octets; ok is false where
// s does not begin with UTF-8.
func decode(s string) (r rune, size int, ok bool) {
	r, size = utf8.DecodeRuneInString(s)
	return r, size, r != utf8.RuneError || size > 1
}
