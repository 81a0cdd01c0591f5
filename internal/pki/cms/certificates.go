package cms

import (
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
	if pki.IsDER(file) {
		return certificatesDER(file)
	}
	blocks, err := pki.Unarmor(file)
	if err != nil && fault.CodeOf(err) != fault.Trailing {
		return nil, err
	}
	var out []*pki.Certificate
	for _, block := range blocks {
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
	if encoded, ok := pki.DecodeBase64(file); ok && len(encoded) > 0 {
		return certificatesDER(encoded)
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
	if len(sd.Certificates) == 0 && len(sd.UnreadCertificates) > 0 {
		return nil, fault.New(fault.Malformed, "no certificate of the message can be read")
	}
	return sd.Certificates, nil
}
