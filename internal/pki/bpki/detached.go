package bpki

import (
	"bytes"
	"time"

	"golang.org/x/crypto/cryptobyte"
	tags "golang.org/x/crypto/cryptobyte/asn1"

	"github.com/remote-issuance/remote-issuance/internal/stb/bign"
)

// MaxDocument is the longest document that is signed apart from its signature, in octets.
const MaxDocument = 16 << 20

// SignDetached signs a document and leaves it out: a ContentInfo with SignedData of
// CMS (RFC 5652) over data, with the certificate and the time, unless that is zero.
// It fails with [ErrMismatch] when the certificate is of another key.
func SignDetached(document []byte, cert *Certificate, key *bign.PrivateKey, at time.Time) ([]byte, error) {
	switch {
	case len(document) == 0:
		return nil, malformed("document to be signed")
	case len(document) > MaxDocument:
		return nil, ErrTooLarge
	}
	return signedData(contentData, document, cert, key, at)
}

// OpenDetached verifies a signature that [SignDetached] made, or one of the same
// form, over exactly the octets of the document. It fails with [ErrSignature] for a
// signature of something else.
func OpenDetached(document, der []byte) (*Signed, error) {
	body, err := openContentInfo(bytes.Clone(der), oidSignedData, "signed data")
	if err != nil {
		return nil, err
	}
	out := Signed{ContentType: contentData, Content: document}
	var version int
	var digests, encapsulated cryptobyte.String
	if !body.ReadASN1Integer(&version) || version != contentData.version() || !body.ReadASN1(&digests, tags.SET) ||
		!body.ReadASN1(&encapsulated, tags.SEQUENCE) || !readExact(&encapsulated, dataOID) || !encapsulated.Empty() {
		return nil, malformed("signed data")
	}
	if err := out.readSigner(body, digests); err != nil {
		return nil, err
	}
	return &out, nil
}

var dataOID = func() []byte {
	b := cryptobyte.NewBuilder(nil)
	b.AddASN1ObjectIdentifier(contentData.oid())
	return b.BytesOrPanic()
}()
