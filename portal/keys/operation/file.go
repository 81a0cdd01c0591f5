package operation

import (
	"bytes"
	"encoding/base64"
	"errors"
	"strings"

	"github.com/remote-issuance/remote-issuance/internal/pki/bpki"
)

// ReadCertificate reads a certificate file: DER, PEM, or bare base64, as
// programs export it. Errors: [ErrCertificate] and bpki.ErrTooLarge.
func ReadCertificate(file []byte) (*bpki.Certificate, error) {
	if len(file) > bpki.MaxMessage {
		return nil, bpki.ErrTooLarge
	}
	der, ok := unarmoured(file, "CERTIFICATE")
	if !ok {
		return nil, ErrCertificate
	}
	c, err := bpki.ParseCertificate(der)
	if err != nil {
		return nil, errors.Join(ErrCertificate, err)
	}
	return c, nil
}

// unarmoured is the DER of a file that is DER, one PEM block of a label, or base64.
func unarmoured(file []byte, label string) ([]byte, bool) {
	if len(file) > 0 && file[0] == 0x30 {
		return file, true
	}
	text := string(bytes.TrimSpace(bytes.TrimPrefix(file, []byte("\xEF\xBB\xBF"))))
	if rest, ok := strings.CutPrefix(text, "-----BEGIN "+label+"-----"); ok {
		if text, ok = strings.CutSuffix(rest, "-----END "+label+"-----"); !ok {
			return nil, false
		}
	}
	der, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
	return der, err == nil && len(der) > 0
}
