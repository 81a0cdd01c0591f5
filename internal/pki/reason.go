package pki

// Reason is why a certificate was revoked (RFC 5280, 5.3.1).
type Reason int

// The reasons of revocation.
const (
	ReasonUnspecified          Reason = 0
	ReasonKeyCompromise        Reason = 1
	ReasonCACompromise         Reason = 2
	ReasonAffiliationChanged   Reason = 3
	ReasonSuperseded           Reason = 4
	ReasonCessationOfOperation Reason = 5
	ReasonCertificateHold      Reason = 6
	ReasonRemoveFromCRL        Reason = 8
	ReasonPrivilegeWithdrawn   Reason = 9
	ReasonAACompromise         Reason = 10
)

// String gives the reason in words for logs and operators.
func (r Reason) String() string {
	switch r {
	case ReasonKeyCompromise:
		return "key compromise"
	case ReasonCACompromise:
		return "CA compromise"
	case ReasonAffiliationChanged:
		return "affiliation changed"
	case ReasonSuperseded:
		return "superseded"
	case ReasonCessationOfOperation:
		return "cessation of operation"
	case ReasonCertificateHold:
		return "certificate hold"
	case ReasonRemoveFromCRL:
		return "removed from CRL"
	case ReasonPrivilegeWithdrawn:
		return "privilege withdrawn"
	case ReasonAACompromise:
		return "AA compromise"
	case ReasonUnspecified:
		return "unspecified"
	default:
		return "unspecified"
	}
}
