package authority

import (
	"crypto"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/ca"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
	"github.com/remote-issuance/remote-issuance/internal/pki/testca"
)

// Family is a family of algorithms with a CA of its own.
type Family string

// The families: STB 34.101.45, and ECDSA with RSA.
const (
	Bign  Family = "bign"
	ECDSA Family = "ecdsa"
)

// url is where certificates say that lists are; nothing in the local stack fetches them from there.
const url = "http://pki.example.by/"

// age is how old the CAs are, so that they could have issued the certificates that persons have today.
const age = 3

func (f Family) algorithm() alg.KeyAlgorithm {
	if f == Bign {
		return alg.KeyBign256
	}
	return alg.KeyECDSAP256
}

func (f Family) subjectKeys() []alg.KeyAlgorithm {
	if f == Bign {
		return []alg.KeyAlgorithm{alg.KeyBign256, alg.KeyBign384, alg.KeyBign512}
	}
	return []alg.KeyAlgorithm{alg.KeyECDSAP256, alg.KeyECDSAP384, alg.KeyECDSAP521, alg.KeyRSA2048, alg.KeyRSA3072, alg.KeyRSA4096}
}

// Certifies tells whether the family's CA issues certificates for keys like this one.
func (f Family) Certifies(public crypto.PublicKey) bool {
	kind, err := alg.KeyAlgorithmOf(public)
	return err == nil && slices.Contains(f.subjectKeys(), kind)
}

// Authorities are the CAs of all families that were asked for.
type Authorities struct {
	dir string
	cas map[Family]*testca.CA
}

// Open loads the CAs of the directory and makes those that are missing. The password protects the keys in the form that the product
// reads; it must be the same each time.
func Open(dir, password string, now time.Time, families ...Family) (*Authorities, error) {
	a := &Authorities{dir: dir, cas: map[Family]*testca.CA{}}
	for _, sub := range []string{a.TrustDir(), a.IssuersDir()} {
		if err := os.MkdirAll(sub, 0o755); err != nil {
			return nil, fmt.Errorf("sandbox CA: %w", err)
		}
	}
	for _, f := range families {
		made, err := a.open(f, password, now)
		if err != nil {
			return nil, fmt.Errorf("sandbox CA of %s: %w", f, err)
		}
		a.cas[f] = made
	}
	if a.cas[Bign] != nil {
		if err := a.makeAgent(password, now); err != nil {
			return nil, fmt.Errorf("agent of the sandbox CA: %w", err)
		}
	}
	return a, a.Publish(now)
}

// TrustDir holds the certificates and revocation lists of all families (TRUST_DIR).
func (a *Authorities) TrustDir() string { return filepath.Join(a.dir, "trust") }

// IssuersDir holds a folder for each issuing CA (CA_DIR).
func (a *Authorities) IssuersDir() string { return filepath.Join(a.dir, "issuers") }

// BundleFile is the PEM file with issuing CA and root of a family, for openssl's -CAfile.
func (a *Authorities) BundleFile(f Family) string {
	return filepath.Join(a.dir, "ca", string(f)+".pem")
}

// CA is the CA of a family; nil for one that was not asked for.
func (a *Authorities) CA(f Family) *testca.CA { return a.cas[f] }

// open loads a family, or makes it. The folder of the issuer comes last: where it is, everything is.
func (a *Authorities) open(f Family, password string, now time.Time) (*testca.CA, error) {
	home, issuer := filepath.Join(a.dir, "ca", string(f)), filepath.Join(a.IssuersDir(), string(f))
	options := testca.Options{Algorithm: f.algorithm(), From: now.AddDate(-age, 0, 0).Truncate(time.Second)}
	if _, err := os.Stat(filepath.Join(issuer, ca.FileProfile)); err == nil {
		return testca.Load(home, options)
	}
	made, err := testca.New(options)
	if err != nil {
		return nil, err
	}
	if err := made.Save(home, now); err != nil {
		return nil, err
	}
	key, err := ca.EncryptKey(made.Issuing.Key, []byte(password))
	if err != nil {
		return nil, err
	}
	profile, err := json.MarshalIndent(profileOf(f), "", "  ")
	if err != nil {
		return nil, err
	}
	chain := pki.EncodeCertificates(made.Issuing.Certificate, made.Root.Certificate)
	return made, errors.Join(
		write(filepath.Join(a.TrustDir(), string(f)+"-root.cer"), made.Root.Certificate.Raw, 0o644),
		write(filepath.Join(a.TrustDir(), string(f)+"-issuing.cer"), made.Issuing.Certificate.Raw, 0o644),
		write(a.BundleFile(f), chain, 0o644),
		write(filepath.Join(issuer, ca.FileCertificate), chain, 0o644),
		write(filepath.Join(issuer, ca.FileKey), key, 0o600),
		write(filepath.Join(issuer, ca.FileProfile), profile, 0o644),
	)
}

// write puts a file in place whole or not at all.
func write(path string, content []byte, mode os.FileMode) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	next := path + ".new"
	if err := os.WriteFile(next, content, mode); err != nil {
		return err
	}
	return os.Rename(next, path)
}
