package renewal

import (
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/bpki"
	"github.com/remote-issuance/remote-issuance/internal/stb/bign"
)

// signedWithin is how far the time that a request was signed at, where it says so,
// may be from now: a container that somebody kept back serves nobody later.
const signedWithin = 24 * time.Hour

// Received is a request of the process Spawn whose signature is good. Whether the
// certificate is one to order with, package draft says.
type Received struct {
	ID bpki.RequestID
	// File is the certification request, Signed the signed data around it, in DER.
	File, Signed []byte
	FileSHA256   [sha256.Size]byte
	// Certificate is the sender's, as the whole reader reads it.
	Certificate *pki.Certificate
	Statement   Statement
}

// Open opens a container of the process Spawn that is enveloped for the agent, at an
// instant. Errors are or wrap those of package bpki, or ErrStatement.
func Open(container []byte, agent bpki.Holder, at time.Time) (Received, error) {
	signed, id, err := bpki.OpenRequest(bpki.ContentSpawn, container, agent)
	if err != nil {
		return Received{ID: id}, err
	}
	if !signed.SigningTime.IsZero() && signed.SigningTime.Sub(at).Abs() > signedWithin {
		return Received{ID: id}, fmt.Errorf("%w: signed at another time", bpki.ErrMismatch)
	}
	certificate, err := pki.ParseCertificate(signed.Certificate.Raw)
	if err != nil {
		return Received{ID: id}, fmt.Errorf("%w: certificate", bpki.ErrMalformed)
	}
	file, err := pki.ParseRequest(signed.Content)
	if err != nil {
		return Received{ID: id}, fmt.Errorf("%w: certification request", bpki.ErrMalformed)
	}
	// The certificate goes back enveloped for its key.
	if _, ok := file.PublicKey.(*bign.PublicKey); !ok {
		return Received{ID: id}, fmt.Errorf("%w: the key asked for", bpki.ErrAlgorithm)
	}
	statement, err := statementOf(file)
	return Received{
		ID: id, File: signed.Content, Signed: signed.Raw, FileSHA256: sha256.Sum256(signed.Content), Certificate: certificate, Statement: statement,
	}, err
}
