package fault

import (
	"errors"
	"fmt"
)

// Code is a stable slug of why a document, a signature or a path is refused.
type Code string

// Codes of documents that cannot be read.
const (
	// TooLarge: longer than the limit for its kind.
	TooLarge Code = "too-large"
	// Truncated: the bytes end before the structure does.
	Truncated Code = "truncated"
	// Trailing: octets follow the structure.
	Trailing Code = "trailing-data"
	// Indefinite: a BER indefinite length where DER is required.
	Indefinite Code = "indefinite-length"
	// Malformed: well-formed DER, but not the structure wanted.
	Malformed Code = "malformed"
	// Repeated: an attribute or extension stands twice.
	Repeated Code = "repeated-attribute"
	// Contradictory: two sources of one field say different things.
	Contradictory Code = "contradictory"
	// TooLong: a field has more characters than a certificate may have there.
	TooLong Code = "too-long"
	// NotAllowed: something that may not stand there at all.
	NotAllowed Code = "not-allowed"
	// NotRequest: in none of the forms of a certification request.
	NotRequest Code = "not-a-request"
)

// Codes of algorithms, keys and signatures.
const (
	// UnknownAlgorithm: an algorithm that is not in the registry.
	UnknownAlgorithm Code = "unknown-algorithm"
	// ObsoleteAlgorithm: an algorithm of the years before STB 34.101.45.
	ObsoleteAlgorithm Code = "obsolete-algorithm"
	// BadParameters: parameters absent, or others than the profile allows.
	BadParameters Code = "bad-parameters"
	// BadKey: the public key is not a valid one, such as a point off the curve.
	BadKey Code = "bad-key"
	// WeakKey: a valid key that is too short.
	WeakKey Code = "weak-key"
	// KeyMismatch: the signature algorithm does not belong to the key.
	KeyMismatch Code = "key-mismatch"
	// BadSignature: the signature is not of these bytes by this key.
	BadSignature Code = "bad-signature"
)

// Codes of certification paths.
const (
	// Expired: a certificate of the path has ended.
	Expired Code = "expired"
	// NotYetValid: a certificate of the path has not begun.
	NotYetValid Code = "not-yet-valid"
	// Revoked: a certificate of the path is on its issuer's CRL.
	Revoked Code = "revoked"
	// UnknownIssuer: no path leads to a trusted root.
	UnknownIssuer Code = "unknown-issuer"
	// NotCA: an issuer on the path is not allowed to issue.
	NotCA Code = "not-a-ca"
	// PathTooLong: more CA certificates than an issuer allows.
	PathTooLong Code = "path-too-long"
	// KeyUsage: the key may not be used for this.
	KeyUsage Code = "key-usage"
	// CriticalExtension: a critical extension nobody here understands.
	CriticalExtension Code = "critical-extension"
	// Policy: none of the certificate policies required.
	Policy Code = "policy"
	// CRLMissing: no CRL of the issuer.
	CRLMissing Code = "crl-missing"
	// CRLStale: the issuer's newest CRL is past its next update.
	CRLStale Code = "crl-stale"
	// CRLSignature: the issuer's CRL is not signed by the issuer.
	CRLSignature Code = "crl-bad-signature"
)

// Codes of signed data and attribute certificates.
const (
	// NoSigner: signed data without a signer.
	NoSigner Code = "no-signer"
	// SeveralSigners: more than one signer where one is wanted.
	SeveralSigners Code = "several-signers"
	// NoSignerCertificate: the signer's certificate is neither inside nor among the candidates.
	NoSignerCertificate Code = "no-signer-certificate"
	// NoContent: detached, and no content was given.
	NoContent Code = "no-content"
	// ContentDiffers: attached content is not the content given.
	ContentDiffers Code = "content-differs"
	// DigestMismatch: the content is not what was signed.
	DigestMismatch Code = "digest-mismatch"
	// SignedAttributes: signed attributes absent where required, or contradictory.
	SignedAttributes Code = "signed-attributes"
	// Holder: an attribute certificate of another holder.
	Holder Code = "other-holder"
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
	case Expired, NotYetValid, Revoked, UnknownIssuer, NotCA, PathTooLong, KeyUsage,
		CriticalExtension, Policy, CRLMissing, CRLStale, CRLSignature:
		return true
	default:
		return false
	}
}

// New refuses with a code and a detail, which must hold no personal data.
func New(code Code, format string, args ...any) error {
	return &Error{Code: code, Detail: fmt.Sprintf(format, args...)}
}

// Wrap refuses with a code because of another error.
func Wrap(code Code, err error, detail string) error {
	return &Error{Code: code, Detail: detail, Err: err}
}

// Within says in what document an error of the same code was found.
func Within(what string, err error) error {
	var e *Error
	if !errors.As(err, &e) {
		return Wrap(Malformed, err, what)
	}
	return &Error{Code: e.Code, Detail: what + ": " + e.Detail, Err: e.Err}
}
