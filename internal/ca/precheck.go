package ca

import (
	"crypto"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/remote-issuance/remote-issuance/internal/pki/cms"
)

// Precheck tells what the issuers would refuse. It has their profiles and
// certificates and none of their keys.
type Precheck struct{ issuers *Registry }

// LoadPrecheck reads the folders that LoadDirectory reads, without their keys:
// they need not be there.
func LoadPrecheck(directory fs.FS, random io.Reader) (*Precheck, error) {
	entries, err := fs.ReadDir(directory, ".")
	if err != nil {
		return nil, fmt.Errorf("profiles of issuers: %w", err)
	}
	var issuers []Issuer
	for _, e := range entries {
		if !e.IsDir() {
			continue
		}
		a, err := loadKeyless(directory, e.Name(), random)
		if err != nil {
			return nil, fmt.Errorf("issuer %s: %w", e.Name(), err)
		}
		issuers = append(issuers, a)
	}
	registry, err := NewRegistry(issuers...)
	if err != nil {
		return nil, err
	}
	return &Precheck{issuers: registry}, nil
}

func loadKeyless(directory fs.FS, name string, random io.Reader) (*Authority, error) {
	raw, err := fs.ReadFile(directory, name+"/"+FileProfile)
	if err != nil {
		return nil, err
	}
	profile, err := ParseProfile(raw)
	if err != nil {
		return nil, err
	}
	if raw, err = fs.ReadFile(directory, name+"/"+FileCertificate); err != nil {
		return nil, err
	}
	chain, err := cms.ParseCertificates(raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", FileCertificate, err)
	}
	if len(chain) == 0 {
		return nil, fmt.Errorf("%s holds no certificate", FileCertificate)
	}
	return NewAuthority(name, chain, keyless{chain[0].PublicKey}, profile, random)
}

// keyless stands for a key that is elsewhere.
type keyless struct{ public crypto.PublicKey }

// Public is the public key.
func (k keyless) Public() crypto.PublicKey { return k.public }

// Sign refuses: the key is elsewhere.
func (keyless) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) {
	return nil, errors.New("the issuer's key is not here")
}

// Check tells, without storing anything, whether the application could be
// issued now: ErrNoIssuer, ErrRefused, ErrLint or ErrTerm say why not. Asked
// when a request is uploaded, it keeps anybody from paying for a certificate
// that the profile refuses.
func (p *Precheck) Check(a Application) error {
	if err := a.validate(); err != nil {
		return err
	}
	issuer, err := p.issuers.For(a.Request.PublicKey)
	if err != nil {
		return err
	}
	_, err = issuer.Prepare(a)
	return err
}
