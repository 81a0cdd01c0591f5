package cms

import (
	"encoding/pem"

	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/fault"
)

// MaxRequestFile is the greatest length of a request file in octets.
const MaxRequestFile = 64 << 10

// RequestFile is a request as it was uploaded.
type RequestFile struct {
	*pki.Request
	// Envelope is the signed data that the request came in, nil for a bare request.
	Envelope *SignedData
}

func bare(der []byte) (*RequestFile, error) {
	r, err := pki.ParseRequest(der)
	if err != nil {
		return nil, err
	}
	return &RequestFile{Request: r, Envelope: nil}, nil
}

// ParseRequestFile reads a request in any form in which programs save it:
// DER PKCS#10; DER signed data around one; PEM of either; bare base64 of
// either. Text before a PEM block is permitted (RFC 7468, 5.2). A file in none of them is
// refused with fault.NotRequest or the more precise reason.
func ParseRequestFile(file []byte) (*RequestFile, error) {
	if len(file) > MaxRequestFile {
		return nil, fault.New(fault.TooLarge, "a request file has at most %d octets", MaxRequestFile)
	}
	if len(file) == 0 {
		return nil, fault.New(fault.NotRequest, "the file is empty")
	}
	if pki.IsDER(file) {
		return parseRequestDER(file)
	}
	blocks, err := pki.Unarmor(file)
	switch {
	case fault.CodeOf(err) == fault.Malformed:
		return nil, fault.New(fault.NotRequest, "a PEM block that cannot be read")
	case err != nil:
		return nil, err
	case len(blocks) > 1:
		return nil, fault.New(fault.Trailing, "something follows the PEM block")
	case len(blocks) == 1:
		return parseRequestPEM(blocks[0])
	}
	encoded, ok := pki.DecodeBase64(file)
	if !ok || len(encoded) == 0 || encoded[0] != 0x30 {
		return nil, fault.New(fault.NotRequest, "neither DER nor PEM nor base64")
	}
	return parseRequestDER(encoded)
}

func parseRequestPEM(block *pem.Block) (*RequestFile, error) {
	switch block.Type {
	case "CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST":
		return bare(block.Bytes)
	case "PKCS7", "CMS":
		return requestInside(block.Bytes)
	default:
		return nil, fault.New(fault.NotRequest, "a PEM block of another kind")
	}
}

func parseRequestDER(der []byte) (*RequestFile, error) {
	if isContentInfo(der) {
		return requestInside(der)
	}
	return bare(der)
}

// requestInside takes the request out of signed data; whose signature that is
// is for the caller to check against the current certificate.
func requestInside(der []byte) (*RequestFile, error) {
	sd, err := ParseSignedData(der)
	if err != nil {
		return nil, err
	}
	if sd.Content == nil {
		return nil, fault.New(fault.NotRequest, "signed data without content")
	}
	if len(sd.Content) == 0 || sd.Content[0] != 0x30 {
		return nil, fault.New(fault.NotRequest, "signed data with other content")
	}
	r, err := pki.ParseRequest(sd.Content)
	if err != nil {
		return nil, err
	}
	return &RequestFile{Request: r, Envelope: sd}, nil
}
