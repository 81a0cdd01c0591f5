package authority_test

import (
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/dev/authority"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/cms"
)

func read(t *testing.T, path string) *pki.CRL {
	t.Helper()
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	list, err := pki.ParseCRLFile(data)
	require.NoError(t, err)
	return list
}

// The product publishes into the same files: what it revoked stays revoked, and its numbers stay the greater ones.
func TestListsAreRenewedWithTheirEntries(t *testing.T) {
	now := time.Now().Truncate(time.Second)
	cas, err := authority.Open(t.TempDir(), "password", now, authority.Bign)
	require.NoError(t, err)
	path := filepath.Join(cas.TrustDir(), "bign.crl")
	first := read(t, path)
	require.NoError(t, cas.Publish(now.AddDate(0, 0, 9)))
	require.Equal(t, first.Raw, read(t, path).Raw, "a fresh list stays")

	issuing := cas.CA(authority.Bign).Issuing
	revoked := pki.Revoked{SerialNumber: big.NewInt(77), At: now, Reason: pki.ReasonKeyCompromise}
	published, err := pki.BuildCRL(pki.CRLTemplate{Number: big.NewInt(5), ThisUpdate: now, NextUpdate: now.AddDate(0, 0, 7),
		Entries: []pki.Revoked{revoked}}, issuing.Certificate, issuing.Key)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, published.Raw, 0o600))

	require.NoError(t, cas.Publish(now.Add(time.Hour)))
	renewed := read(t, path)
	require.Equal(t, int64(5), renewed.Number.Int64())
	require.True(t, renewed.NextUpdate.After(now.AddDate(0, 0, 29)))
	_, found := renewed.Find(revoked.SerialNumber)
	require.True(t, found)

	require.NoError(t, os.WriteFile(path, []byte("damaged"), 0o600))
	require.ErrorContains(t, cas.Publish(now), "bign.crl")
}

func TestTheSameAuthoritiesAreOpenedAgain(t *testing.T) {
	dir, now := t.TempDir(), time.Now()
	first, err := authority.Open(dir, "password", now, authority.ECDSA)
	require.NoError(t, err)
	again, err := authority.Open(dir, "password", now, authority.ECDSA)
	require.NoError(t, err)
	require.Equal(t, first.CA(authority.ECDSA).Root.Certificate.Raw, again.CA(authority.ECDSA).Root.Certificate.Raw)
	require.Nil(t, again.CA(authority.Bign))
	bundle, err := os.ReadFile(again.BundleFile(authority.ECDSA))
	require.NoError(t, err)
	chain, err := cms.ParseCertificates(bundle)
	require.NoError(t, err)
	require.Len(t, chain, 2)
}
