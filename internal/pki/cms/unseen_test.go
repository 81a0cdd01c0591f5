package cms

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/pki/fault"
	"github.com/remote-issuance/remote-issuance/internal/pki/pkitest"
)

// Request files as mail programs, editors, devices and attackers leave them:
// one request in one reading, or the reason why not.
func TestS2_RequestFilesInEveryDress(t *testing.T) {
	der := pkitest.Sample(t, "req/emp1-ok.req")
	armor := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der}))
	text := base64.StdEncoding.EncodeToString(der)
	certificate := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: pkitest.Sample(t, "cert/emp1.cer")}))
	wide := func(s string, high, low int) string {
		var out []byte
		for _, unit := range utf16.Encode([]rune(s)) {
			pair := [2]byte{}
			pair[high], pair[low] = byte(unit>>8), byte(unit)
			out = append(out, pair[:]...)
		}
		return string(out)
	}
	ends := func(end string) string { return strings.ReplaceAll(armor, "\n", end) }
	for name, c := range map[string]struct {
		file string
		want fault.Code
	}{
		"headers of its own":       {string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der, Headers: map[string]string{"X": "y"}})), ""},
		"blanks after the label":   {strings.Replace(armor, "REQUEST-----\n", "REQUEST-----  \n", 1), ""},
		"blanks at line ends":      {ends(" \t\n"), ""},
		"blank lines inside":       {ends("\n\n"), ""},
		"CR, LF and both":          {strings.Replace(ends("\r\n"), "\r\n", "\r", 3), ""},
		"CR CR LF of a bad copy":   {ends("\r\r\n"), ""},
		"base64 without padding":   {strings.TrimRight(text, "="), ""},
		"base64 in short lines":    {strings.Join(strings.SplitAfter(text, "A"), "\n"), ""},
		"label in small letters":   {strings.ToLower(armor[:35]) + armor[35:], fault.NotRequest},
		"blank in the label":       {strings.Replace(armor, "REQUEST-----\n", "REQUEST -----\n", 1), fault.NotRequest},
		"Cyrillic in the label":    {strings.Replace(armor, "BEGIN C", "BEGIN С", 1), fault.NotRequest},
		"another end":              {strings.Replace(armor, "END CERT", "END NEW CERT", 1), fault.NotRequest},
		"no end":                   {armor[:strings.Index(armor, "-----END")], fault.NotRequest},
		"a certificate before":     {certificate + armor, fault.Trailing},
		"a certificate after":      {armor + certificate, fault.Trailing},
		"twice":                    {armor + armor, fault.Trailing},
		"NUL after":                {armor + "\x00", fault.Trailing},
		"a mark after":             {armor + "\ufeff", fault.Trailing},
		"a signature of mail":      {armor + "-- \nС уважением", fault.Trailing},
		"quoted in a letter":       {"> " + ends("\n> "), fault.NotRequest},
		"in a page":                {"<pre>" + armor + "</pre>", fault.NotRequest},
		"no-break blanks":          {ends("\n\u00a0"), fault.NotRequest},
		"lines end as in Unicode":  {ends("\u2028"), fault.NotRequest},
		"lines end vertically":     {ends("\v"), fault.NotRequest},
		"UTF-16, little end first": {wide("\ufeff"+armor, 1, 0), fault.NotRequest},
		"UTF-16, big end first":    {wide("\ufeff"+armor, 0, 1), fault.NotRequest},
		"UTF-16 without a mark":    {wide(armor, 1, 0), fault.NotRequest},
		"base64 for addresses":     {strings.NewReplacer("+", "-", "/", "_").Replace(text), fault.NotRequest},
		"base64 twice":             {text + text, fault.Trailing},
		"padding inside":           {text[:8] + "=" + text[8:], fault.NotRequest},
		"too much padding":         {strings.TrimRight(text, "=") + "===", fault.NotRequest},
		"base64 and NUL":           {text + "\x00", fault.NotRequest},
		"base64 in quotes":         {`"` + text + `"`, fault.NotRequest},
		"base64 with zero width":   {text[:9] + "\u200b" + text[9:], fault.NotRequest},
		"base64 of PEM":            {base64.StdEncoding.EncodeToString([]byte(armor)), fault.NotRequest},
		"hexadecimal":              {hex.EncodeToString(der), fault.NotRequest},
		"DER after a line end":     {"\n" + string(der), fault.NotRequest},
		"DER after a mark":         {"\ufeff" + string(der), fault.NotRequest},
		"DER twice":                {string(der) + string(der), fault.Trailing},
		"packed":                   {"\x1f\x8b\x08\x00" + string(der), fault.NotRequest},
	} {
		r, err := ParseRequestFile([]byte(c.file))
		require.Equal(t, c.want, fault.CodeOf(err), "%s: %v", name, err)
		if c.want == "" {
			require.Equal(t, der, r.Raw, name)
		}
	}
}
