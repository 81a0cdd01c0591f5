package persons

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/remote-issuance/remote-issuance/internal/pki/bpki"
	"github.com/remote-issuance/remote-issuance/internal/stb/bign"
)

// Password opens the key containers of the sample persons. It protects nothing: the keys are those of nobody.
const Password = "sample-password"

// WriteFiles puts what a person carries with them into one folder, for pages that ask for such files: ID.cer, and for a bign key also
// its container of STB 34.101.78, ID.p8, under [Password].
func WriteFiles(dir string, holders []Holder) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, h := range holders {
		if err := h.WriteFiles(dir); err != nil {
			return fmt.Errorf("files of sample person %s: %w", h.ID, err)
		}
	}
	return nil
}

// WriteFiles writes the files of one person; those that are there already stay.
func (h Holder) WriteFiles(dir string) error {
	certificate, container := filepath.Join(dir, h.ID+".cer"), filepath.Join(dir, h.ID+".p8")
	there, err := os.ReadFile(certificate)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if bytes.Equal(there, h.Certificate.Raw) {
		return nil
	}
	if key, ok := h.Key.(*bign.PrivateKey); ok {
		sealed, err := bpki.SealKey(key, []byte(Password), bpki.Protection{})
		if err != nil {
			return err
		}
		if err := os.WriteFile(container, sealed, 0o600); err != nil {
			return err
		}
	} else if err := os.Remove(container); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	// The certificate is written last: with it the container is complete.
	return os.WriteFile(certificate, h.Certificate.Raw, 0o644)
}
