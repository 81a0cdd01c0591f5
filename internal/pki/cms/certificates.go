package cms

import (
	"bytes"
	"encoding/pem"

	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/fault"
)

// maxCertificates bounds how many certificates one file may hold.
const maxCertificates = 1000

// ParseCertificates reads every certificate of a file: DER, PEM (with other
// blocks between), or a certificates-only message (.p7b) in DER or PEM.
func ParseCertificates(file []byte) ([]*pki.Certificate, error) {
	if len(file) > MaxSignedData {
		return nil, fault.New(fault.TooLarge, "a certificate file has at most %d octets", MaxSignedData)
	}
	if len(file) > 0 && file[0] == 0x30 {
		return certificatesDER(file)
	}
	var out []*pki.Certificate
	for rest := bytes.TrimSpace(file); len(rest) > 0; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		var more []*pki.Certificate
		var err error
		switch block.Type {
		case "CERTIFICATE", "X509 CERTIFICATE", "PKCS7", "CMS":
			more, err = certificatesDER(block.Bytes)
		}
		if err != nil {
			return nil, err
		}
		if out = append(out, more...); len(out) > maxCertificates {
			return nil, fault.New(fault.TooLarge, "more than %d certificates", maxCertificates)
		}
	}
	if len(out) > 0 {
		return out, nil
	}
	if der, ok := decodeBase64(file); ok && len(der) > 0 {
		return certificatesDER(der)
	}
	return nil, fault.New(fault.Malformed, "no certificate in the file")
}

func certificatesDER(der []byte) ([]*pki.Certificate, error) {
	if !isContentInfo(der) {
		c, err := pki.ParseCertificate(der)
		if err != nil {
			return nil, err
		}
		return []*pki.Certificate{c}, nil
	}
	sd, err := ParseSignedData(der)
	if err != nil {
		return nil, err
	}
	return sd.Certificates, nil
}
