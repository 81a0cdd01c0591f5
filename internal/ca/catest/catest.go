// Package catest gives tests an issuing CA over a real database: its folders as
// in production, and orders that are paid and ready to be issued.
package catest

import (
	"context"
	"crypto"
	"crypto/rand"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/ca"
	"github.com/remote-issuance/remote-issuance/internal/issuance"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
	"github.com/remote-issuance/remote-issuance/internal/pki/cms"
	"github.com/remote-issuance/remote-issuance/internal/pki/path"
	"github.com/remote-issuance/remote-issuance/internal/pki/testca"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/internal/seal"
	"github.com/remote-issuance/remote-issuance/internal/storage"
)

// Name is the issuer's.
const Name = "issuing"

// files of a bench's folder.
const (
	trustFolder   = "trust"
	issuersFolder = "issuers"
	openKeyFile   = "key.der"
)

// Bench is an issuing CA over a database.
type Bench struct {
	Pool *pgxpool.Pool
	// Dir holds the folders of TRUST_DIR and CA_DIR.
	Dir          string
	Certificates *postgres.CertificateStore
}

// New makes a CA with the profile of the file in a folder of the test's own.
func New(t testing.TB, pool *pgxpool.Pool, profile string) *Bench {
	t.Helper()
	b := Open(pool, t.TempDir())
	now := time.Now()
	made, err := testca.New(testca.Options{From: now.AddDate(-1, 0, 0)})
	require.NoError(t, err)
	rootList, err := made.RootCRL(now)
	require.NoError(t, err)
	key, err := alg.MarshalPrivateKey(made.Issuing.Key)
	require.NoError(t, err)
	settings, err := os.ReadFile(profile)
	require.NoError(t, err)
	issuer := filepath.Join(issuersFolder, Name)
	for path, content := range map[string][]byte{
		filepath.Join(trustFolder, "root.cer"):          made.Root.Certificate.Raw,
		filepath.Join(trustFolder, "issuing.cer"):       made.Issuing.Certificate.Raw,
		filepath.Join(trustFolder, "root.crl"):          rootList.Raw,
		filepath.Join(issuer, ca.FileCertificate):       pki.EncodeCertificates(made.Issuing.Certificate, made.Root.Certificate),
		filepath.Join(issuer, ca.FileProfile):           settings,
		filepath.Join(issuersFolder, "..", openKeyFile): key,
	} {
		path = filepath.Join(b.Dir, path)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, content, 0o600))
	}
	return b
}

// Open is a bench over what New has made, for another process.
func Open(pool *pgxpool.Pool, dir string) *Bench {
	return &Bench{Pool: pool, Dir: dir, Certificates: postgres.NewCertificateStore(pool)}
}

// TrustDir is the folder of trusted certificates and revocation lists.
func (b *Bench) TrustDir() string { return filepath.Join(b.Dir, trustFolder) }

// Key is the issuer's key as it lies in the folder.
func (b *Bench) Key() (crypto.Signer, error) {
	data, err := os.ReadFile(filepath.Join(b.Dir, openKeyFile))
	if err != nil {
		return nil, err
	}
	return alg.ParsePrivateKey(data)
}

// Issuers makes the issuer of the folder, with the key that wrap gives instead
// of its own; nil takes its own.
func (b *Bench) Issuers(wrap func(crypto.Signer) crypto.Signer) (*ca.Registry, error) {
	key, err := b.Key()
	if err != nil {
		return nil, err
	}
	if wrap != nil {
		key = wrap(key)
	}
	folder := filepath.Join(b.Dir, issuersFolder, Name)
	settings, err := os.ReadFile(filepath.Join(folder, ca.FileProfile))
	if err != nil {
		return nil, err
	}
	profile, err := ca.ParseProfile(settings)
	if err != nil {
		return nil, err
	}
	chain, err := os.ReadFile(filepath.Join(folder, ca.FileCertificate))
	if err != nil {
		return nil, err
	}
	certificates, err := cms.ParseCertificates(chain)
	if err != nil {
		return nil, err
	}
	authority, err := ca.NewAuthority(Name, certificates, key, profile, rand.Reader)
	if err != nil {
		return nil, err
	}
	return ca.NewRegistry(authority)
}

// Validator is our own path validation over what lies in the trust folder now.
func (b *Bench) Validator(t testing.TB) *path.Validator {
	t.Helper()
	trust, err := path.LoadTrust(b.TrustDir())
	require.NoError(t, err)
	return path.NewValidator(trust, path.Options{})
}

// Keyring are the master keys of the bench.
func (b *Bench) Keyring() (*seal.Keyring, error) {
	return seal.NewKeyring(seal.MasterKey{ID: "test", Key: [seal.KeySize]byte{1}})
}

// CredentialIssuer makes and reveals credentials of the storage.
func (b *Bench) CredentialIssuer(store storage.Store) (*storage.Issuer, error) {
	ring, err := b.Keyring()
	if err != nil {
		return nil, err
	}
	hasher, err := storage.NewHasher(ring, 2)
	if err != nil {
		return nil, err
	}
	return storage.NewIssuer(store, hasher, ring, rand.Reader, storage.DefaultTerm)
}

// Chain finds the issuers of a certificate among what is trusted.
func (b *Bench) Chain(certificate []byte) ([][]byte, error) {
	c, err := pki.ParseCertificate(certificate)
	if err != nil {
		return nil, err
	}
	trust, err := path.LoadTrust(b.TrustDir())
	if err != nil {
		return nil, err
	}
	path, err := path.NewValidator(trust, path.Options{Revocation: path.RevocationOff}).Validate(c, c.NotBefore)
	if err != nil {
		return nil, err
	}
	var out [][]byte
	for _, issuer := range path[1:] {
		out = append(out, issuer.Raw)
	}
	return out, nil
}

// Store completes certificates over the store, with credentials of the bench.
func (b *Bench) Store(certificates issuance.Certificates) (issuance.Store, error) {
	credentials, err := b.CredentialIssuer(postgres.NewCredentials(b.Pool, b.Chain))
	if err != nil {
		return issuance.Store{}, err
	}
	return issuance.Store{Certificates: certificates, Gate: onlyPaid{}, Alarms: quiet{}, Credentials: credentials, Now: time.Now}, nil
}

// quiet hears alarms and says nothing.
type quiet struct{}

// Refused does nothing.
func (quiet) Refused(context.Context, order.ID, string, []issuance.Refusal) error { return nil }

// onlyPaid is a gate for orders that rest on nothing but their payment.
type onlyPaid struct{}

// Prove asks for an open order and its payment.
func (onlyPaid) Prove(_ context.Context, s issuance.Stored, _ ca.Prepared) error {
	switch {
	case !s.Order.Stage.Open():
		return &issuance.RefusedError{Refusals: []issuance.Refusal{issuance.RefusedStage}}
	case s.Payment == nil || s.Payment.State != payments.PayablePaid:
		return &issuance.RefusedError{Refusals: []issuance.Refusal{issuance.RefusedPayment}}
	default:
		return nil
	}
}

// Authority issues paid orders, over the bench's issuers and the store.
func (b *Bench) Authority(issuers *ca.Registry, certificates issuance.Certificates) (*issuance.Authority, error) {
	store, err := b.Store(certificates)
	if err != nil {
		return nil, err
	}
	service, err := ca.NewService(issuers, store)
	if err != nil {
		return nil, err
	}
	return &issuance.Authority{
		Orders:   postgres.NewOrders(b.Pool, order.Tariff{}),
		Payments: postgres.NewPayables(b.Pool), Service: service, Now: time.Now,
	}, nil
}

// subject is the invented person of the orders.
func subject() order.Subject { return testca.SampleIndividual() }
