package persons

import (
	"crypto"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/remote-issuance/remote-issuance/dev/authority"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
	"github.com/remote-issuance/remote-issuance/internal/pki/cms"
)

const (
	// Certificates of sample persons are old enough to be renewed soon, and are made anew before they end.
	certificateAge  = 23 // months
	certificateTerm = 2  // years
	replaceBefore   = 7 * 24 * time.Hour

	keyName, certificateName = "key.pem", "certificate.cer"
)

// Holder is a sample person with key and certificate.
type Holder struct {
	Person
	Key         crypto.Signer
	Certificate *pki.Certificate
}

// Open loads the keys and certificates of the persons from a directory, a folder for each person, and makes those that are missing
// end within a week, or are of another family than is wanted now.
func Open(dir string, cas *authority.Authorities, now time.Time, list []Person) ([]Holder, error) {
	holders := make([]Holder, 0, len(list))
	for _, p := range list {
		h, err := open(filepath.Join(dir, p.ID), cas, now, p)
		if err != nil {
			return nil, fmt.Errorf("sample person %s: %w", p.ID, err)
		}
		holders = append(holders, h)
	}
	return holders, nil
}

func open(dir string, cas *authority.Authorities, now time.Time, p Person) (Holder, error) {
	keyFile, certificateFile := filepath.Join(dir, keyName), filepath.Join(dir, certificateName)
	h, err := load(keyFile, certificateFile, p)
	if err == nil && h.Certificate.NotAfter.Sub(now) > replaceBefore && p.Family.Certifies(h.Key.Public()) {
		return h, nil
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return Holder{}, err
	}
	return Renew(filepath.Dir(dir), cas, now, p)
}

// Renew makes a new key and certificate of a person in a directory of persons.
func Renew(persons string, cas *authority.Authorities, now time.Time, p Person) (Holder, error) {
	dir := filepath.Join(persons, p.ID)
	keyFile, certificateFile := filepath.Join(dir, keyName), filepath.Join(dir, certificateName)
	h, err := Make(cas, now, p)
	if err != nil {
		return Holder{}, err
	}
	private, err := alg.MarshalPrivateKey(h.Key)
	if err != nil {
		return Holder{}, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return Holder{}, err
	}
	// The certificate is written last: without it the key is made anew.
	if err := os.WriteFile(keyFile, private, 0o600); err != nil {
		return Holder{}, err
	}
	return h, os.WriteFile(certificateFile, h.Certificate.Raw, 0o644)
}

func load(keyFile, certificateFile string, p Person) (Holder, error) {
	der, err := os.ReadFile(certificateFile)
	if err != nil {
		return Holder{}, err
	}
	private, err := os.ReadFile(keyFile)
	if err != nil {
		return Holder{}, err
	}
	h := Holder{Person: p}
	if h.Key, err = alg.ParsePrivateKey(private); err != nil {
		return Holder{}, err
	}
	h.Certificate, err = pki.ParseCertificate(der)
	return h, err
}

// Make gives a person a new key and a certificate that ends in a month.
func Make(cas *authority.Authorities, now time.Time, p Person) (Holder, error) {
	key, err := NewKey(p.Family)
	if err != nil {
		return Holder{}, err
	}
	from := now.AddDate(0, -certificateAge, 0).Truncate(time.Second)
	certificate, err := cas.CA(p.Family).Issue(p.Profile, p.Subject, key.Public(), from, from.AddDate(certificateTerm, 0, 0))
	return Holder{Person: p, Key: key, Certificate: certificate}, err
}

// NewKey makes a key of the family's usual strength.
func NewKey(f authority.Family) (crypto.Signer, error) {
	kind := alg.KeyBign256
	if f == authority.ECDSA {
		kind = alg.KeyECDSAP256
	}
	return alg.GenerateKey(kind, rand.Reader)
}

// Request makes a request file for the person's next certificate: a new key of the same family, the same subject unless changed,
// the start that the service wants, and the term.
func (h Holder) Request(now time.Time, years int, change ...func(*order.Subject)) ([]byte, error) {
	key, err := NewKey(h.Family)
	if err != nil {
		return nil, err
	}
	s := h.Subject
	for _, f := range change {
		f(&s)
	}
	start := Start(h.Service(), now)
	r, err := h.Profile.Request(s, key, &pki.Validity{NotBefore: start, NotAfter: start.AddDate(years, 0, 0)})
	if err != nil {
		return nil, err
	}
	return r.Raw, nil
}

// startDays is how many days ahead an employee's certificate is to begin (S5).
const startDays = 10

// Start is the instant at which a request of the service has to ask its certificate to begin (S5).
func Start(service order.Service, now time.Time) time.Time {
	day := order.DateOf(now)
	if service == order.ServiceEmployee {
		day = day.AddDays(startDays)
	}
	return day.Start()
}

// Sign makes the detached CMS signature of the person over a content.
func (h Holder) Sign(content []byte, now time.Time) ([]byte, error) {
	return cms.SignData(content, h.Certificate, h.Key, cms.SignOptions{SigningTime: now})
}
