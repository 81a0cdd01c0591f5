package request

import (
	"strings"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/admission"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
	"github.com/remote-issuance/remote-issuance/internal/pki/cms"
	"github.com/remote-issuance/remote-issuance/internal/pki/fault"
)

// Input is what the first check looks at.
type Input struct {
	// File is the request file as it was uploaded.
	File []byte
	// Current is the certificate the applicant signed in with.
	Current *pki.Certificate
	Service order.Service
	// Kind is the kind of applicant; empty means that of the current certificate (A1d).
	Kind order.Kind
	// Years is the term chosen in the form, 0 to take it from the file.
	Years  int
	Now    time.Time
	Policy order.Policy
	// Allowed are the kinds of key that may be certified; nil means AllowedKeys.
	Allowed []alg.KeyAlgorithm
	// VendorValidity are further attributes and extensions that carry the period.
	VendorValidity []pki.OID
	// Profile tells ID cards; its zero value means pki.DefaultProfile.
	Profile pki.Profile
}

// Result is what the first check found.
type Result struct {
	Report order.Report
	// Request is nil when the file could not be read.
	Request *pki.Request
	// Subject is whom the certificate is to name: what the request says and was
	// compared, with the name in Belarusian of the current certificate.
	Subject order.Subject
	// Kind is the kind of applicant that terms and fields were checked for.
	Kind order.Kind
	// Years is the term: from the file, else from the form; 0 when it is neither.
	Years int
	// RequestedStart is the day the request asks for, else the day of the rule.
	RequestedStart order.Date
	// KeyID is the SHA-256 of the SubjectPublicKeyInfo in hexadecimal, for
	// finding the key in certificates and other orders; empty for a bad key.
	KeyID string
	// NamedPayment is the payment that the request names; 0 when it names none.
	NamedPayment order.PaymentNumber
	// Changed are the fields that differ where they may (S4).
	Changed []order.Field
}

// Causes of failed checks besides the codes of package pki.
const (
	// CauseDiffers: the two values are not the same.
	CauseDiffers = "differs"
	// CauseMissing: the request does not say it.
	CauseMissing = "missing"
	// CauseCurrentKey: the request has the key of the current certificate.
	CauseCurrentKey = "current-key"
	// CauseOtherSigner: the signed data around the request is not signed by the current certificate.
	CauseOtherSigner = "other-signer"
	// CauseIDCard: certificate or request is of an ID card.
	CauseIDCard = "id-card"
	// CauseNotWholeYears: the period asked for is no number of whole years.
	CauseNotWholeYears = "not-whole-years"
	// CauseNotAllowed: the value is not among those allowed.
	CauseNotAllowed = "not-allowed"
	// CauseUnknownAttribute: the subject has an attribute that is held against nothing.
	CauseUnknownAttribute = "unknown-attribute"
	// CauseCertificateUnreadable: the current certificate says it in a way that cannot be read.
	CauseCertificateUnreadable = "certificate-unreadable"
	// CauseFormDiffers: file and form ask for different terms.
	CauseFormDiffers = "form-differs"
)

// AllowedKeys are the kinds of key that may be certified unless configured otherwise.
func AllowedKeys() []alg.KeyAlgorithm { return alg.KeyAlgorithms() }

// Check makes the first check. It never fails: what is wrong stands in the
// report. A file that is no request has that one check only. Whether the key is
// new and nobody uses an ID card stands there only when it is not so: to find
// it passed takes more than the file.
func Check(in Input) Result {
	c := checker{in: in.withDefaults()}
	c.out.Kind = c.in.Kind
	r, err := cms.ParseRequestFile(in.File)
	if err != nil {
		c.fail(order.CheckFile, string(fault.CodeOf(err)))
		return c.out
	}
	read := r.Read()
	c.out.Request, c.out.Subject = r.Request, read.Subject
	c.out.NamedPayment = namedPayment(r.Request)
	c.file(r.Envelope)
	c.possession(r.Request)
	c.key(r.Request)
	c.idCard(r.Request)
	c.subject(read)
	c.period(r.Request)
	return c.out
}

func (in Input) withDefaults() Input {
	if in.Kind == "" {
		in.Kind = in.kind()
	}
	if in.Allowed == nil {
		in.Allowed = AllowedKeys()
	}
	if in.Profile.IDCardPrefix == "" {
		in.Profile.IDCardPrefix = pki.DefaultProfile().IDCardPrefix
	}
	return in
}

// kind is that of the current certificate where it orders the service, and else
// the one that usually does.
func (in Input) kind() order.Kind {
	if in.Current != nil {
		if kind, ok := admission.KindOf(in.Current); ok && order.ServiceOf(kind) == in.Service {
			return kind
		}
	}
	if in.Service == order.ServiceEmployee {
		return order.KindEmployee
	}
	return order.KindIndividual
}

type checker struct {
	in  Input
	out Result
}

func (c *checker) add(check order.Check) { c.out.Report = append(c.out.Report, check) }

func (c *checker) pass(code order.CheckCode) {
	c.add(order.Check{Code: code, Verdict: order.VerdictPassed})
}

func (c *checker) fail(code order.CheckCode, cause string) {
	c.add(order.Check{Code: code, Verdict: order.VerdictFailed, Cause: cause})
}

// file checks the envelope: signed data around a request must be signed with
// the current certificate, or it proves nothing.
func (c *checker) file(envelope *cms.SignedData) {
	if envelope == nil {
		c.pass(order.CheckFile)
		return
	}
	var candidates []*pki.Certificate
	if c.in.Current != nil {
		candidates = append(candidates, c.in.Current)
	}
	signature, err := envelope.Verify(nil, candidates...)
	switch {
	case err != nil:
		c.fail(order.CheckFile, string(fault.CodeOf(err)))
	case c.in.Current == nil || string(signature.Signer.Raw) != string(c.in.Current.Raw):
		c.fail(order.CheckFile, CauseOtherSigner)
	default:
		c.pass(order.CheckFile)
	}
}

// possession checks the request's own signature (S3). A key that cannot be
// used is the fault of the key, reported there.
func (c *checker) possession(r *pki.Request) {
	if r.KeyErr != nil {
		return
	}
	if err := r.CheckSignature(); err != nil {
		c.fail(order.CheckPossession, string(fault.CodeOf(err)))
		return
	}
	c.pass(order.CheckPossession)
}

// key checks kind and size of the key and that it is not the current one (S3).
func (c *checker) key(r *pki.Request) {
	if r.KeyErr != nil {
		c.fail(order.CheckKeyAlgorithm, string(fault.CodeOf(r.KeyErr)))
		return
	}
	name, err := alg.KeyAlgorithmOf(r.PublicKey)
	if err == nil {
		err = alg.CheckStrength(r.PublicKey)
	}
	if err != nil {
		c.fail(order.CheckKeyAlgorithm, string(fault.CodeOf(err)))
		return
	}
	check := order.Check{Code: order.CheckKeyAlgorithm, Verdict: order.VerdictFailed, Found: string(name), Cause: CauseNotAllowed}
	var allowed []string
	for _, a := range c.in.Allowed {
		allowed = append(allowed, string(a))
		if a == name {
			check.Verdict, check.Cause = order.VerdictPassed, ""
		}
	}
	check.Expected = strings.Join(allowed, ", ")
	c.add(check)

	c.out.KeyID, err = alg.KeyID(r.PublicKey)
	switch {
	case err != nil:
		c.fail(order.CheckKeyNew, string(fault.CodeOf(err)))
	case c.in.Current != nil && alg.SameSecret(r.PublicKey, c.in.Current.PublicKey):
		c.fail(order.CheckKeyNew, CauseCurrentKey)
	}
}

// idCard refuses ID cards on either side (A2).
func (c *checker) idCard(r *pki.Request) {
	card := c.in.Profile.RequestHolder(r) == pki.HolderIDCard ||
		c.in.Current != nil && c.in.Profile.Holder(c.in.Current) == pki.HolderIDCard
	if card {
		c.fail(order.CheckIDCard, CauseIDCard)
	}
}
