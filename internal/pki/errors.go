package pki

import (
	"errors"
	"fmt"
)

// Code is a stable slug of why a document, a signature or a path is refused.
type Code string

// Codes of documents that cannot be read.
const (
	// CodeTooLarge: longer than the limit for its kind.
	CodeTooLarge Code = "too-large"
	// CodeTruncated: the bytes end before the structure does.
	CodeTruncated Code = "truncated"
	// CodeTrailing: octets follow the structure.
	CodeTrailing Code = "trailing-data"
	// CodeIndefinite: a BER indefinite length where DER is required.
	CodeIndefinite Code = "indefinite-length"
	// CodeMalformed: well-formed DER, but not the structure wanted.
	CodeMalformed Code = "malformed"
	// CodeRepeated: an attribute or extension stands twice.
	CodeRepeated Code = "repeated-attribute"
	// CodeNotRequest: in none of the forms of a certification request.
	CodeNotRequest Code = "not-a-request"
)

// Codes of algorithms, keys and signatures.
const (
	// CodeUnknownAlgorithm: an algorithm that is not in the registry.
	CodeUnknownAlgorithm Code = "unknown-algorithm"
	// CodeObsoleteAlgorithm: an algorithm of the years before STB 34.101.45.
	CodeObsoleteAlgorithm Code = "obsolete-algorithm"
	// CodeBadParameters: parameters absent, or others than the profile allows.
	CodeBadParameters Code = "bad-parameters"
	// CodeBadKey: the public key is not a valid one, such as a point off the curve.
	CodeBadKey Code = "bad-key"
	// CodeWeakKey: a valid key that is too short.
	CodeWeakKey Code = "weak-key"
	// CodeKeyMismatch: the signature algorithm does not belong to the key.
	CodeKeyMismatch Code = "key-mismatch"
	// CodeBadSignature: the signature is not of these bytes by this key.
	CodeBadSignature Code = "bad-signature"
)

// Codes of certification paths.
const (
	// CodeExpired: a certificate of the path has ended.
	CodeExpired Code = "expired"
	// CodeNotYetValid: a certificate of the path has not begun.
	CodeNotYetValid Code = "not-yet-valid"
	// CodeRevoked: a certificate of the path is on its issuer's CRL.
	CodeRevoked Code = "revoked"
	// CodeUnknownIssuer: no path leads to a trusted root.
	CodeUnknownIssuer Code = "unknown-issuer"
	// CodeNotCA: an issuer on the path is not allowed to issue.
	CodeNotCA Code = "not-a-ca"
	// CodePathTooLong: more CA certificates than an issuer allows.
	CodePathTooLong Code = "path-too-long"
	// CodeKeyUsage: the key may not be used for this.
	CodeKeyUsage Code = "key-usage"
	// CodeCriticalExtension: a critical extension nobody here understands.
	CodeCriticalExtension Code = "critical-extension"
	// CodePolicy: none of the certificate policies required.
	CodePolicy Code = "policy"
	// CodeCRLMissing: no CRL of the issuer.
	CodeCRLMissing Code = "crl-missing"
	// CodeCRLStale: the issuer's newest CRL is past its next update.
	CodeCRLStale Code = "crl-stale"
	// CodeCRLSignature: the issuer's CRL is not signed by the issuer.
	CodeCRLSignature Code = "crl-bad-signature"
)

// Codes of signed data and attribute certificates.
const (
	// CodeNoSigner: signed data without a signer.
	CodeNoSigner Code = "no-signer"
	// CodeSeveralSigners: more than one signer where one is wanted.
	CodeSeveralSigners Code = "several-signers"
	// CodeNoSignerCertificate: the signer's certificate is neither inside nor among the candidates.
	CodeNoSignerCertificate Code = "no-signer-certificate"
	// CodeNoContent: detached, and no content was given.
	CodeNoContent Code = "no-content"
	// CodeContentDiffers: attached content is not the content given.
	CodeContentDiffers Code = "content-differs"
	// CodeDigestMismatch: the content is not what was signed.
	CodeDigestMismatch Code = "digest-mismatch"
	// CodeSignedAttributes: signed attributes absent where required, or contradictory.
	CodeSignedAttributes Code = "signed-attributes"
	// CodeHolder: an attribute certificate of another holder.
	CodeHolder Code = "other-holder"
)

// Error is why something was refused. It holds no personal data.
type Error struct {
	Code   Code
	Detail string
	Err    error
}

// Error gives the code and the detail.
func (e *Error) Error() string {
	s := string(e.Code)
	if e.Detail != "" {
		s += ": " + e.Detail
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap gives the cause, if there is one.
func (e *Error) Unwrap() error { return e.Err }

// CodeOf finds the code of an error of this package; empty for other errors and nil.
func CodeOf(err error) Code {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// PathCode tells whether a code is about a certification path and not about
// the document that was signed.
func PathCode(c Code) bool {
	switch c {
	case CodeExpired, CodeNotYetValid, CodeRevoked, CodeUnknownIssuer, CodeNotCA, CodePathTooLong, CodeKeyUsage,
		CodeCriticalExtension, CodePolicy, CodeCRLMissing, CodeCRLStale, CodeCRLSignature:
		return true
	default:
		return false
	}
}

func refuse(code Code, format string, args ...any) error {
	return &Error{Code: code, Detail: fmt.Sprintf(format, args...)}
}

func refuseErr(code Code, err error, detail string) error {
	return &Error{Code: code, Detail: detail, Err: err}
}

// within says in what document an error of the same code was found.
func within(what string, err error) error {
	var e *Error
	if !errors.As(err, &e) {
		return refuseErr(CodeMalformed, err, what)
	}
	return &Error{Code: e.Code, Detail: what + ": " + e.Detail, Err: e.Err}
}
