package pki

import (
	"bytes"
	"encoding/pem"

	"github.com/remote-issuance/remote-issuance/internal/pki/fault"
)

// ParseCRLFile reads a CRL from DER or PEM "X509 CRL".
func ParseCRLFile(file []byte) (*CRL, error) {
	if len(file) > 0 && file[0] == 0x30 {
		return ParseCRL(file)
	}
	block, rest := pem.Decode(file)
	if block == nil || block.Type != "X509 CRL" {
		return nil, fault.New(fault.Malformed, "no CRL in the file")
	}
	if len(bytes.TrimSpace(rest)) != 0 {
		return nil, fault.New(fault.Trailing, "something follows the CRL")
	}
	return ParseCRL(block.Bytes)
}
