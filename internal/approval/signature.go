package approval

import (
	"time"

	"github.com/remote-issuance/remote-issuance/internal/approval/list"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/cms"
	"github.com/remote-issuance/remote-issuance/internal/pki/fault"
	"github.com/remote-issuance/remote-issuance/internal/pki/path"
)

// Validator checks signed documents and certification paths.
type Validator interface {
	Validate(cert *pki.Certificate, at time.Time, candidates ...*pki.Certificate) ([]*pki.Certificate, error)
	VerifyDocument(file, content []byte, at time.Time, candidates ...*pki.Certificate) (*path.Document, error)
}

// Verify checks a CMS signature over the canonical bytes: the bytes, the
// signature, the signer's certification path and revocation at the instant
// (M6). The subject is the signer as the certificate names them, with the
// organisation of a valid attribute certificate where the message holds one:
// that is how the owner of an ID card signs for an organisation (A2, M6), the one
// of the list if there are several.
func Verify(v Validator, canonical, signature []byte, at time.Time, candidates ...*pki.Certificate) (order.Report, order.Subject) {
	document, err := v.VerifyDocument(signature, canonical, at, candidates...)
	if err == nil {
		err = path.MaySignList(document.Signer, at)
	}
	passed := order.Check{Code: order.CheckSignature, Verdict: order.VerdictPassed}
	switch code := fault.CodeOf(err); {
	case err == nil:
		return order.Report{passed, {Code: order.CheckCertificate, Verdict: order.VerdictPassed}}, document.SubjectFor(organisationOf(canonical))
	case fault.PathCode(code):
		return order.Report{passed, failed(order.CheckCertificate, code)}, order.Subject{}
	default:
		return order.Report{failed(order.CheckSignature, code)}, order.Subject{}
	}
}

// organisationOf is the UNP of a list; empty for other bytes, of which nothing is decided.
func organisationOf(canonical []byte) order.UNP {
	l, err := list.Parse(canonical)
	if err != nil {
		return ""
	}
	return order.UNP(l.UNP)
}

// signedWith is the certificate that made a signature.
func signedWith(content, signature []byte, candidates ...*pki.Certificate) (*pki.Certificate, error) {
	message, err := cms.ParseSignedData(signature)
	if err != nil {
		return nil, err
	}
	verified, err := message.Verify(content, candidates...)
	if err != nil {
		return nil, err
	}
	return verified.Signer, nil
}

func failed(code order.CheckCode, cause fault.Code) order.Check {
	return order.Check{Code: code, Verdict: order.VerdictFailed, Cause: string(cause)}
}
