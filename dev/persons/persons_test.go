package persons_test

import (
	"context"
	"crypto/rand"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/dev/authority"
	"github.com/remote-issuance/remote-issuance/dev/persons"
	"github.com/remote-issuance/remote-issuance/internal/ca"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
	"github.com/remote-issuance/remote-issuance/internal/pki/path"
	"github.com/remote-issuance/remote-issuance/internal/request"
)

const password = "open sesame"

func setup(t *testing.T, dir string, now time.Time, families ...authority.Family) (*authority.Authorities, []persons.Holder) {
	t.Helper()
	cas, err := authority.Open(dir+"/pki", password, now, families...)
	require.NoError(t, err)
	holders, err := persons.Open(dir+"/persons", cas, now, persons.Sample(families...))
	require.NoError(t, err)
	return cas, holders
}

// Whatever family is asked for, every sample person can order: the certificate is in force, the request passes the first check, and
// the issuer's profile takes it.
func TestA1_S4_I3_SamplePersonsCanOrder(t *testing.T) {
	now := time.Now()
	for name, families := range map[string][]authority.Family{
		"both": {authority.Bign, authority.ECDSA}, "bign": {authority.Bign}, "ecdsa": {authority.ECDSA},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cas, holders := setup(t, t.TempDir(), now, families...)
			trust, err := path.LoadTrust(cas.TrustDir())
			require.NoError(t, err)
			validator := path.NewValidator(trust, path.Options{Revocation: path.RevocationAll})
			issuers, err := ca.LoadDirectory(t.Context(), os.DirFS(cas.IssuersDir()),
				func(context.Context, string) ([]byte, error) { return []byte(password), nil }, rand.Reader)
			require.NoError(t, err)
			for _, h := range holders {
				_, err := validator.Validate(h.Certificate, now)
				require.NoError(t, err, h.ID)
				require.Equal(t, h.Subject, h.Certificate.Subject(), h.ID)

				file, err := h.Request(now, 1)
				require.NoError(t, err, h.ID)
				result := request.Check(request.Input{File: file, Current: h.Certificate, Service: h.Service(), Kind: h.Kind, Now: now,
					Policy: order.DefaultPolicy()})
				require.Empty(t, result.Report.Failed(), h.ID)
				require.Empty(t, result.Changed, h.ID)

				issuer, err := issuers.For(result.Request.PublicKey)
				require.NoError(t, err, h.ID)
				_, err = issuer.Prepare(ca.Application{OrderID: h.ID, Service: h.Service(), Kind: h.Kind, Years: result.Years,
					Request: result.Request, Subject: result.Subject, RequestedStart: result.RequestedStart.Start(), Now: now})
				require.NoError(t, err, h.ID)
			}
		})
	}
}

func TestCertificatesStayUntilTheyEnd(t *testing.T) {
	now, dir := time.Now(), t.TempDir()
	_, first := setup(t, dir, now, authority.Bign)
	_, same := setup(t, dir, now.AddDate(0, 0, 14), authority.Bign)
	require.Equal(t, first[0].Certificate.Raw, same[0].Certificate.Raw)

	later := now.AddDate(0, 0, 40)
	cas, renewed := setup(t, dir, later, authority.Bign)
	require.NotEqual(t, first[0].Certificate.Raw, renewed[0].Certificate.Raw)
	trust, err := path.LoadTrust(cas.TrustDir())
	require.NoError(t, err)
	_, err = path.NewValidator(trust, path.Options{Revocation: path.RevocationAll}).Validate(renewed[0].Certificate, later)
	require.NoError(t, err, "revocation lists are published again before they end")
}

func TestEntriesNameTheHeads(t *testing.T) {
	data := persons.Entries(persons.Sample())
	heads := map[string]string{}
	for _, o := range data.Organisations {
		if o.Head != nil {
			heads[o.UNP] = o.Head.Surname
		}
	}
	require.Equal(t, map[string]string{persons.OrganisationUNP: "Пробная", persons.StrangerUNP: "Посторонний"}, heads)
	require.Len(t, data.Persons, len(persons.Sample()))
}

func TestPersonsFollowTheFamilyThatIsWanted(t *testing.T) {
	now, dir := time.Now(), t.TempDir()
	_, first := setup(t, dir, now, authority.Bign)
	_, other := setup(t, dir, now, authority.ECDSA)
	for i := range first {
		require.True(t, authority.Bign.Certifies(first[i].Key.Public()))
		require.True(t, authority.ECDSA.Certifies(other[i].Key.Public()))
		require.True(t, alg.SameKey(other[i].Certificate.PublicKey, other[i].Key.Public()))
	}
}
