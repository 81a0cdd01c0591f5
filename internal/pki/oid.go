package pki

import (
	"github.com/remote-issuance/remote-issuance/internal/pki/der"
)

// OID is an object identifier.
type OID = der.OID

// Object identifiers of names (X.520, STB 34.101.78).
var (
	OIDCommonName             = OID{2, 5, 4, 3}
	OIDSurname                = OID{2, 5, 4, 4}
	OIDSerialNumber           = OID{2, 5, 4, 5}
	OIDCountry                = OID{2, 5, 4, 6}
	OIDLocality               = OID{2, 5, 4, 7}
	OIDState                  = OID{2, 5, 4, 8}
	OIDStreet                 = OID{2, 5, 4, 9}
	OIDOrganisation           = OID{2, 5, 4, 10}
	OIDUnit                   = OID{2, 5, 4, 11}
	OIDTitle                  = OID{2, 5, 4, 12}
	OIDName                   = OID{2, 5, 4, 41}
	OIDGivenName              = OID{2, 5, 4, 42}
	OIDOrganisationIdentifier = OID{2, 5, 4, 97}
	OIDEmail                  = OID{1, 2, 840, 113549, 1, 9, 1}
)

// Object identifiers of GosSUOK: in names or as extensions, depending on the certificate's age.
var (
	OIDPersonalNumber = OID{1, 2, 112, 1, 2, 1, 1, 1, 1, 1}
	OIDUNP            = OID{1, 2, 112, 1, 2, 1, 1, 1, 1, 2}
	OIDPosition       = OID{1, 2, 112, 1, 2, 1, 1, 5, 1}
	OIDGosUnit        = OID{1, 2, 112, 1, 2, 1, 1, 5, 2}
	// Of the tax authority's CA before GosSUOK; not known to be used by RUC.
	oidFormerUNP      = OID{1, 3, 6, 1, 4, 1, 12656, 106, 101}
	oidFormerPosition = OID{1, 3, 6, 1, 4, 1, 12656, 5, 1}
	// OIDPolicyRoot and OIDPolicyIssuing stand in the CA certificates of GosSUOK.
	OIDPolicyRoot    = OID{1, 2, 112, 1, 2, 1, 1, 1, 3, 1}
	OIDPolicyIssuing = OID{1, 2, 112, 1, 2, 1, 1, 1, 3, 2}
	// OIDPolicyRegistration is the role of a registration authority (STB 34.101.78, 7.2).
	OIDPolicyRegistration = OID{1, 2, 112, 0, 2, 0, 34, 101, 78, 2, 20}
)

// Object identifiers of extensions (RFC 5280).
var (
	OIDDirectoryAttributes   = OID{2, 5, 29, 9}
	OIDSubjectKeyID          = OID{2, 5, 29, 14}
	OIDKeyUsage              = OID{2, 5, 29, 15}
	OIDPrivateKeyUsagePeriod = OID{2, 5, 29, 16}
	OIDSubjectAltName        = OID{2, 5, 29, 17}
	OIDBasicConstraints      = OID{2, 5, 29, 19}
	OIDCRLNumber             = OID{2, 5, 29, 20}
	OIDReasonCode            = OID{2, 5, 29, 21}
	OIDIssuingDistribution   = OID{2, 5, 29, 28}
	OIDCRLDistribution       = OID{2, 5, 29, 31}
	OIDPolicies              = OID{2, 5, 29, 32}
	OIDAuthorityKeyID        = OID{2, 5, 29, 35}
	OIDExtKeyUsage           = OID{2, 5, 29, 37}
	OIDAuthorityInfo         = OID{1, 3, 6, 1, 5, 5, 7, 1, 1}
	// OIDKeyAttributes is the obsolete extension of X.509 (1993) that the root of GosSUOK carries.
	OIDKeyAttributes = OID{2, 5, 29, 2}

	OIDClientAuth      = OID{1, 3, 6, 1, 5, 5, 7, 3, 2}
	OIDEmailProtection = OID{1, 3, 6, 1, 5, 5, 7, 3, 4}

	oidDeltaCRL          = OID{2, 5, 29, 27}
	oidCertificateIssuer = OID{2, 5, 29, 29}
	OIDAnyPolicy         = OID{2, 5, 29, 32, 0}
	oidAIAIssuers        = OID{1, 3, 6, 1, 5, 5, 7, 48, 2}
	oidAIAOCSP           = OID{1, 3, 6, 1, 5, 5, 7, 48, 1}
)

// Object identifiers of request attributes (PKCS#9, STB 34.101.78, Microsoft).
var (
	OIDChallengePassword   = OID{1, 2, 840, 113549, 1, 9, 7}
	OIDExtensionRequest    = OID{1, 2, 840, 113549, 1, 9, 14}
	OIDMSExtensionRequest  = OID{1, 3, 6, 1, 4, 1, 311, 2, 1, 14}
	OIDCertificateValidity = OID{1, 2, 112, 0, 2, 0, 34, 101, 78, 4, 1}
)
