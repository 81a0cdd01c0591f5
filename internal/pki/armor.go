package pki

import (
	"bytes"
	"encoding/base64"
	"encoding/pem"

	"github.com/remote-issuance/remote-issuance/internal/pki/der"
	"github.com/remote-issuance/remote-issuance/internal/pki/fault"
)

// Unarmor finds the blocks of a text in PEM (RFC 7468): a mark of Unicode and
// text before the first boundary are permitted, line ends are CRLF, LF or CR,
// and a DOS end-of-file mark may close the text. None for what is no such text;
// an error for anything but blanks after the last block.
func Unarmor(file []byte) ([]*pem.Block, error) {
	text := plain(file)
	if !armored(text) {
		return nil, nil
	}
	var out []*pem.Block
	for {
		block, rest := pem.Decode(text)
		if block == nil {
			break
		}
		out, text = append(out, block), rest
		if len(out) > maxBlocks {
			return nil, fault.New(fault.TooLarge, "more than %d PEM blocks", maxBlocks)
		}
	}
	if len(out) == 0 {
		return nil, fault.New(fault.Malformed, "a PEM block that cannot be read")
	}
	if len(bytes.TrimSpace(text)) != 0 {
		return out, fault.New(fault.Trailing, "something follows the PEM block")
	}
	return out, nil
}

// armored tells whether a line begins a PEM block.
func armored(text []byte) bool {
	return bytes.HasPrefix(text, []byte("-----BEGIN ")) || bytes.Contains(text, []byte("\n-----BEGIN "))
}

// IsDER tells whether a file is meant to be DER or BER: it begins with a
// SEQUENCE, and is not a text with a PEM block that begins with the digit 0.
func IsDER(file []byte) bool {
	if len(file) == 0 || file[0] != 0x30 {
		return false
	}
	return !armored(plain(file)) || der.Check(file) == nil
}

// maxBlocks bounds how many PEM blocks one file may hold.
const maxBlocks = 1000

// plain is a text with line ends LF, without the marks of Unicode and of DOS.
func plain(file []byte) []byte {
	text := bytes.TrimPrefix(file, []byte("\xEF\xBB\xBF"))
	text = bytes.TrimRight(text, "\x1A \t\r\n")
	text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
	return bytes.ReplaceAll(text, []byte("\r"), []byte("\n"))
}

// DecodeBase64 reads bare base64 with line breaks, padded at its end or not.
func DecodeBase64(text []byte) ([]byte, bool) {
	text = plain(text)
	clean := make([]byte, 0, len(text))
	for _, b := range text {
		switch b {
		case '\n', ' ', '\t':
		default:
			clean = append(clean, b)
		}
	}
	if length := len(bytes.TrimRight(clean, "=")); len(clean)-length <= maxPadding {
		clean = clean[:length]
	}
	out, err := base64.RawStdEncoding.DecodeString(string(clean))
	return out, err == nil
}

// maxPadding is how many signs of padding base64 has at most.
const maxPadding = 2

// EncodeCertificates writes certificates in PEM, one after the other.
func EncodeCertificates(list ...*Certificate) []byte {
	var out bytes.Buffer
	for _, c := range list {
		out.Write(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}))
	}
	return out.Bytes()
}
