package api

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/registers"
)

// hostileText is a string that somebody could send.
type hostileText struct {
	name string
	// raw is the string as octets, escaped what stands between the quotes in JSON.
	raw, escaped string
	// refused tells that no field of ours may take it, unless it is pasted, which
	// drops marks of direction.
	refused, bidi bool
}

// hostileTexts are strings of every kind that has broken a system: each is
// refused with its field, or does no harm.
func hostileTexts() []hostileText {
	var out []hostileText
	for name, escaped := range map[string]string{
		"NUL": `\u0000`, "NUL in the middle": `a\u0000b`, "bell": `\u0007`, "escape": `\u001b[2J`, "delete": `\u007f`, "C1": `\u0081`,
		"next line": `a\u0085b`, "noncharacter": `\ufffe`, "noncharacter of the block": `\ufdd0`, "last code point": `\udbff\udfff`,
		"private use": `\ue000`, "tag": `\udb40\udc41`, "annotation": `\ufff9`,
	} {
		var raw string
		if err := json.Unmarshal([]byte(`"`+escaped+`"`), &raw); err != nil {
			panic(err)
		}
		out = append(out, hostileText{name: name, raw: raw, escaped: escaped, refused: true})
	}
	for r := rune(0x202a); r <= 0x2069; r++ {
		if r <= 0x202e || r >= 0x2066 {
			out = append(out, hostileText{name: fmt.Sprintf("%U", r), raw: string(r) + "a", escaped: fmt.Sprintf(`\u%04xa`, r), refused: true, bidi: true})
		}
	}
	for name, escaped := range map[string]string{"high surrogate": `\ud800`, "low surrogate": `\udc00`, "surrogates swapped": `\udc00\ud800`} {
		out = append(out, hostileText{name: name, raw: "\xed\xa0\x80", escaped: escaped, refused: true})
	}
	for name, raw := range map[string]string{"no UTF-8": "\xff\xfe", "overlong": "\xc0\x80", "surrogate in UTF-8": "\xed\xa0\x80", "too high": "\xf4\x90\x80\x80", "cut off": "a\xe2\x80"} {
		out = append(out, hostileText{name: name, raw: raw, escaped: raw, refused: true})
	}
	for name, raw := range map[string]string{
		"empty": "", "blank": "   ", "wide blank": "\u00a0\u3000", "zero width": "\u200b", "byte order mark": "\ufeff", "mark of direction": "\u200f",
		"combining flood": "e" + strings.Repeat("\u0301", 2000), "64 KiB": strings.Repeat("a", 64<<10), "64 KiB of Cyrillic": strings.Repeat("я", 32<<10),
		"digits": strings.Repeat("9", 64<<10), "SQL": "'; DROP TABLE orders; --", "HTML": "<script>alert(1)</script>", "template": "{{.}}${7*7}%s%n",
		"path": "../../etc/passwd", "quotes": `"\"`, "lines": "a\r\nb: c", "replacement": "\ufffd", "emoji": "👩‍👩‍👧",
	} {
		quoted, _ := json.Marshal(raw)
		out = append(out, hostileText{name: name, raw: raw, escaped: string(quoted[1 : len(quoted)-1])})
	}
	return out
}

// headsAt is the client of the register of heads that production uses.
func headsAt(t *testing.T, address string) Heads {
	t.Helper()
	heads, err := registers.NewHeads(registers.Options{BaseURL: address})
	require.NoError(t, err)
	return heads
}
