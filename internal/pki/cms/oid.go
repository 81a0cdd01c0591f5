package cms

import (
	"github.com/remote-issuance/remote-issuance/internal/pki/der"
)

// Object identifiers of CMS (RFC 5652).
var (
	oidData          = der.OID{1, 2, 840, 113549, 1, 7, 1}
	oidSignedData    = der.OID{1, 2, 840, 113549, 1, 7, 2}
	oidContentType   = der.OID{1, 2, 840, 113549, 1, 9, 3}
	oidMessageDigest = der.OID{1, 2, 840, 113549, 1, 9, 4}
	oidSigningTime   = der.OID{1, 2, 840, 113549, 1, 9, 5}
)
