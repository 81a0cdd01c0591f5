package pki

import (
	"bytes"
	"encoding/pem"
)

// maxCertificates bounds how many certificates one file may hold.
const maxCertificates = 1000

// ParseCertificates reads every certificate of a file: DER, PEM (with other
// blocks between), or a certificates-only message (.p7b) in DER or PEM.
func ParseCertificates(file []byte) ([]*Certificate, error) {
	if len(file) > MaxSignedData {
		return nil, refuse(CodeTooLarge, "a certificate file has at most %d octets", MaxSignedData)
	}
	if len(file) > 0 && file[0] == 0x30 {
		return certificatesDER(file)
	}
	var out []*Certificate
	for rest := bytes.TrimSpace(file); len(rest) > 0; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		var more []*Certificate
		var err error
		switch block.Type {
		case "CERTIFICATE", "X509 CERTIFICATE", "PKCS7", "CMS":
			more, err = certificatesDER(block.Bytes)
		}
		if err != nil {
			return nil, err
		}
		if out = append(out, more...); len(out) > maxCertificates {
			return nil, refuse(CodeTooLarge, "more than %d certificates", maxCertificates)
		}
	}
	if len(out) > 0 {
		return out, nil
	}
	if der, ok := decodeBase64(file); ok && len(der) > 0 {
		return certificatesDER(der)
	}
	return nil, refuse(CodeMalformed, "no certificate in the file")
}

func certificatesDER(der []byte) ([]*Certificate, error) {
	if !isContentInfo(der) {
		c, err := ParseCertificate(der)
		if err != nil {
			return nil, err
		}
		return []*Certificate{c}, nil
	}
	sd, err := ParseSignedData(der)
	if err != nil {
		return nil, err
	}
	return sd.Certificates, nil
}

// EncodeCertificates writes certificates in PEM, one after the other.
func EncodeCertificates(list ...*Certificate) []byte {
	var out bytes.Buffer
	for _, c := range list {
		out.Write(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}))
	}
	return out.Bytes()
}

// ParseCRLFile reads a CRL from DER or PEM "X509 CRL".
func ParseCRLFile(file []byte) (*CRL, error) {
	if len(file) > 0 && file[0] == 0x30 {
		return ParseCRL(file)
	}
	block, rest := pem.Decode(file)
	if block == nil || block.Type != "X509 CRL" {
		return nil, refuse(CodeMalformed, "no CRL in the file")
	}
	if len(bytes.TrimSpace(rest)) != 0 {
		return nil, refuse(CodeTrailing, "something follows the CRL")
	}
	return ParseCRL(block.Bytes)
}
