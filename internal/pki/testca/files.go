package testca

import (
	"crypto"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
	"github.com/remote-issuance/remote-issuance/internal/pki/fault"
)

// The files that Save writes and Load reads.
const (
	fileRoot       = "root.cer"
	fileIssuing    = "issuing.cer"
	fileRootKey    = "root.key.pem"
	fileIssuingKey = "issuing.key.pem"
	fileRootCRL    = "root.crl"
	fileIssuingCRL = "issuing.crl"
)

// Save writes certificates, keys and fresh revocation lists into a directory,
// which LoadTrust of package pki and Load can read.
func (ca *CA) Save(dir string, at time.Time) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("test ca: %w", err)
	}
	rootCRL, err := ca.RootCRL(at)
	if err != nil {
		return err
	}
	issuingCRL, err := ca.CRL(at)
	if err != nil {
		return err
	}
	files := map[string][]byte{
		fileRoot: ca.Root.Certificate.Raw, fileIssuing: ca.Issuing.Certificate.Raw,
		fileRootCRL: rootCRL.Raw, fileIssuingCRL: issuingCRL.Raw,
	}
	for name, key := range map[string]crypto.Signer{fileRootKey: ca.Root.Key, fileIssuingKey: ca.Issuing.Key} {
		if files[name], err = alg.MarshalPrivateKey(key); err != nil {
			return err
		}
	}
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			return fmt.Errorf("test ca: %w", err)
		}
	}
	return nil
}

// Load reads what Save wrote. Options are used for the certificates made from now on.
func Load(dir string, o Options) (*CA, error) {
	if o.URL == "" {
		o.URL = "http://pki.example.by"
	}
	ca := &CA{options: o}
	for _, a := range []struct {
		authority *Authority
		cert, key string
	}{{&ca.Root, fileRoot, fileRootKey}, {&ca.Issuing, fileIssuing, fileIssuingKey}} {
		var err error
		if *a.authority, err = loadAuthority(filepath.Join(dir, a.cert), filepath.Join(dir, a.key)); err != nil {
			return nil, fmt.Errorf("test ca: %w", err)
		}
	}
	return ca, nil
}

func loadAuthority(certFile, keyFile string) (Authority, error) {
	der, err := os.ReadFile(certFile)
	if err != nil {
		return Authority{}, err
	}
	raw, err := os.ReadFile(keyFile)
	if err != nil {
		return Authority{}, err
	}
	cert, err := pki.ParseCertificate(der)
	if err != nil {
		return Authority{}, err
	}
	key, err := alg.ParsePrivateKey(raw)
	if err != nil {
		return Authority{}, err
	}
	if !alg.SameKey(cert.PublicKey, key.Public()) {
		return Authority{}, &fault.Error{Code: fault.KeyMismatch, Detail: "certificate and key do not belong together"}
	}
	return Authority{Certificate: cert, Key: key}, nil
}

// SampleEmployee is an invented person of an invented organisation.
func SampleEmployee() order.Subject {
	return order.Subject{
		Surname: "Образцова", GivenName: "Вера", Patronymic: "Петровна", CommonName: `ООО "Пример"`,
		PersonalNumber: "4010190A002PB9", Country: "BY", Region: "Минская", Locality: "г. Минск", Street: "ул. Примерная, д. 2",
		Organisation: `Общество с ограниченной ответственностью "Пример"`, Position: "Бухгалтер", UNP: "190000018",
		Email: "vera@example.by",
	}
}

// SampleIndividual is an invented natural person.
func SampleIndividual() order.Subject {
	return order.Subject{
		Surname: "Примеров", GivenName: "Олег", Patronymic: "Янович", CommonName: "ALEH PRYMERAU 3010190A001PB9",
		PersonalNumber: "3010190A001PB9", Country: "BY", Email: "aleh@example.by", BelarusianName: "Прымераў Алег Янавіч",
	}
}
