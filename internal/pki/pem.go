package pki

import (
	"bytes"
	"encoding/pem"
)

// EncodeCertificates writes certificates in PEM, one after the other.
func EncodeCertificates(list ...*Certificate) []byte {
	var out bytes.Buffer
	for _, c := range list {
		out.Write(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}))
	}
	return out.Bytes()
}
