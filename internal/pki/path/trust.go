package path

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/cms"
)

// LoadTrust reads a directory of certificates (*.cer, *.crt, *.pem, *.p7b) and
// revocation lists (*.crl), DER or PEM: self-signed certificates are roots, the
// others intermediates; PEM files without a certificate, such as keys and lists,
// are passed over. A directory without a root is an error.
func LoadTrust(dir string) (Trust, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return Trust{}, fmt.Errorf("trust directory: %w", err)
	}
	var t Trust
	for _, e := range entries {
		if e.IsDir() {
			continue
		}
		if err := t.load(filepath.Join(dir, e.Name())); err != nil {
			return Trust{}, fmt.Errorf("trust directory: %s: %w", e.Name(), err)
		}
	}
	if len(t.Roots) == 0 {
		return Trust{}, errors.New("trust directory: no self-signed certificate in it")
	}
	return t, nil
}

func (t *Trust) load(path string) error {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".crl":
		return t.loadCRL(path)
	case ".cer", ".crt", ".p7b", ".pem":
	default:
		return nil
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	list, err := cms.ParseCertificates(data)
	if err != nil {
		if strings.EqualFold(filepath.Ext(path), ".pem") && !strings.Contains(string(data), "BEGIN CERTIFICATE-") {
			return nil
		}
		return err
	}
	for _, c := range list {
		t.Add(c)
	}
	return nil
}

func (t *Trust) loadCRL(path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	crl, err := pki.ParseCRLFile(data)
	if err != nil {
		return err
	}
	t.CRLs = append(t.CRLs, crl)
	return nil
}

// Add puts a certificate among the roots when it is self-signed, among the
// intermediates otherwise; one that is there already is not added again.
func (t *Trust) Add(c *pki.Certificate) {
	set := &t.Intermediates
	if c.SelfIssued() && c.CheckSignatureFrom(c) == nil {
		set = &t.Roots
	}
	for _, o := range *set {
		if string(o.Raw) == string(c.Raw) {
			return
		}
	}
	*set = append(*set, c)
}
