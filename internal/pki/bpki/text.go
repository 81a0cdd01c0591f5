package bpki

import (
	"unicode"
	"unicode/utf8"
)

// textWithin says whether a text has between one and max characters, in UTF-8 and
// without control characters, which no text of a person has and which mislead
// whoever reads it in a terminal or a log.
func textWithin(text string, max int) bool {
	if text == "" || !utf8.ValidString(text) || utf8.RuneCountInString(text) > max {
		return false
	}
	for _, r := range text {
		if unicode.IsControl(r) {
			return false
		}
	}
	return true
}
