package order

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
)

// CheckCode names a check that an order passes or fails; the codes are stable.
type CheckCode string

// The checks, in the order in which they are made.
const (
	// CheckFile: the file is one of the accepted forms of a request.
	CheckFile CheckCode = "request-file"
	// CheckPossession: the request is signed with the key it names (S3).
	CheckPossession CheckCode = "proof-of-possession"
	// CheckKeyAlgorithm: type and size of the key are allowed (S3).
	CheckKeyAlgorithm CheckCode = "key-algorithm"
	// CheckKeyNew: the key is in no certificate and in no other open order (S3).
	CheckKeyNew CheckCode = "key-new"
	// CheckSubject: a field of the request against the current certificate (S4).
	CheckSubject CheckCode = "subject"
	// CheckStart: the requested start date (S5).
	CheckStart CheckCode = "start-date"
	// CheckTerm: the requested term (S6).
	CheckTerm CheckCode = "term"
	// CheckCertificate: the current certificate is in force: chain, validity, revocation (A1).
	CheckCertificate CheckCode = "current-certificate"
	// CheckIDCard: the current certificate is not on an ID card (A2).
	CheckIDCard CheckCode = "not-id-card"
	// CheckService: the service is the one that the current certificate belongs to (A1d).
	CheckService CheckCode = "service"
	// CheckRepresentative: the applicant acts for themselves (A3).
	CheckRepresentative CheckCode = "not-representative"
	// CheckContract: the organisation is under the public contract and pays from its own funds (A4).
	CheckContract CheckCode = "public-contract"
	// CheckResident: the person is a resident of Belarus (A5).
	CheckResident CheckCode = "resident"
	// CheckPerson: the population register knows the person under these names (S7).
	CheckPerson CheckCode = "person"
	// CheckOrganisation: the EGR knows the organisation as active under this name (S7).
	CheckOrganisation CheckCode = "organisation"
	// CheckTaxpayer: the taxpayer register knows the UNP as active (S7).
	CheckTaxpayer CheckCode = "taxpayer"
	// CheckHead: the signer is the head whom the EGR records (M1).
	CheckHead CheckCode = "head-of-organisation"
	// CheckSignature: the signature of the list is good over its exact bytes (M6).
	CheckSignature CheckCode = "list-signature"
)

// Verdict is the outcome of a check.
type Verdict string

// The verdicts.
const (
	// VerdictPassed: nothing to do.
	VerdictPassed Verdict = "passed"
	// VerdictChanged: differs where it may; the manager confirms it (S4).
	VerdictChanged Verdict = "changed"
	// VerdictFailed: the check is not passed; Cause says why.
	VerdictFailed Verdict = "failed"
)

// Check is one check with its outcome. Found and Expected are given where two
// values are compared: for CheckSubject the request's and the certificate's.
type Check struct {
	Code     CheckCode `json:"code"`
	Verdict  Verdict   `json:"verdict"`
	Field    Field     `json:"field,omitempty"`
	Found    string    `json:"found,omitempty"`
	Expected string    `json:"expected,omitempty"`
	// Cause is a stable slug of why the check failed, such as "expired" or "revoked".
	Cause string `json:"cause,omitempty"`
}

// Report is what a set of checks came to.
type Report []Check

// Passed tells whether no check failed.
func (r Report) Passed() bool {
	for _, c := range r {
		if c.Verdict == VerdictFailed {
			return false
		}
	}
	return true
}

// Failed lists the checks that failed.
func (r Report) Failed() Report { return r.with(VerdictFailed) }

// Changed lists the fields that differ where they may (S4).
func (r Report) Changed() Report { return r.with(VerdictChanged) }

func (r Report) with(v Verdict) Report {
	var out Report
	for _, c := range r {
		if c.Verdict == v {
			out = append(out, c)
		}
	}
	return out
}

// Digest is the evidence of the report in the audit log: "sha256:" and the
// hexadecimal SHA-256 of its JSON, as it is when the report is read back from
// where it is stored, which keeps neither NUL nor what is not UTF-8.
func (r Report) Digest() string {
	kept := make(Report, 0, len(r))
	for _, c := range r {
		kept = append(kept, Check{
			Code: CheckCode(storable(string(c.Code))), Verdict: Verdict(storable(string(c.Verdict))), Field: Field(storable(string(c.Field))),
			Found: storable(c.Found), Expected: storable(c.Expected), Cause: storable(c.Cause),
		})
	}
	// Strings only: it cannot fail.
	content, _ := json.Marshal(kept)
	return digest(content)
}

// storable replaces each octet that is not UTF-8, as JSON does, and drops NUL.
func storable(s string) string { return strings.ReplaceAll(string([]rune(s)), "\x00", "") }

func digest(content []byte) string {
	sum := sha256.Sum256(content)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// RefusalOf is why an order is refused for a report of the state registers:
// who may not order at all is told so (A4, A5), not that data differ (S7).
func RefusalOf(report Report) EndReason {
	for _, c := range report.Failed() {
		switch c.Code {
		case CheckContract:
			return ReasonContract
		case CheckResident:
			return ReasonNotResident
		default:
		}
	}
	return ReasonRegistersDiffer
}
