package operation

import (
	"errors"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/pki/bpki"
)

// Signature is a detached signature of a document to be made.
type Signature struct {
	Document []byte
	// Container has the key, Certificate is the file of its certificate.
	Container, Certificate []byte
	Password               string
	Now                    time.Time
}

// Make signs, and verifies what it made. Errors: those of this package,
// bpki.ErrPassword, and bpki.ErrMismatch for the certificate of another key.
func (s Signature) Make() ([]byte, error) {
	cert, err := ReadCertificate(s.Certificate)
	if err != nil {
		return nil, err
	}
	container, ok := unarmoured(s.Container, "ENCRYPTED PRIVATE KEY")
	if !ok {
		return nil, ErrContainer
	}
	password := []byte(s.Password)
	defer clear(password)
	key, err := bpki.OpenKey(container, password)
	switch {
	case errors.Is(err, bpki.ErrPassword):
		return nil, err
	case err != nil:
		return nil, errors.Join(ErrContainer, err)
	}
	der, err := bpki.SignDetached(s.Document, cert, key, s.Now)
	if err != nil {
		return nil, err
	}
	if _, err := bpki.OpenDetached(s.Document, der); err != nil {
		return nil, err
	}
	return der, nil
}
