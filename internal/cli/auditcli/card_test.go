package auditcli_test

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/audit"
	"github.com/remote-issuance/remote-issuance/internal/card"
	"github.com/remote-issuance/remote-issuance/internal/card/cardtest"
	"github.com/remote-issuance/remote-issuance/internal/cli/requestcli"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/internal/postgres/pgtest"
)

// issued is an order of a world with the directories of those who verify.
type issued struct {
	world       *cardtest.World
	id          order.ID
	trust, keys string
}

func newIssued(t *testing.T, service order.Service) issued {
	t.Helper()
	w, err := cardtest.New()
	require.NoError(t, err)
	i := issued{world: w, trust: t.TempDir(), keys: t.TempDir()}
	i.id, err = w.Issue(service, 17, cardtest.Changes{})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(i.trust, "root.cer"), w.CA.Root.Certificate.Raw, 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(i.trust, "issuing.cer"), w.CA.Issuing.Certificate.Raw, 0o600))
	public, err := x509.MarshalPKIXPublicKey(w.Public)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(i.keys, "log.pub.pem"), pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public}), 0o600))
	return i
}

// file is the card without a database.
func (i issued) file(t *testing.T) string {
	t.Helper()
	source, err := i.world.Source()
	require.NoError(t, err)
	made, err := source.Collect(t.Context(), i.id)
	require.NoError(t, err)
	pdf, err := card.PDF(made)
	require.NoError(t, err)
	return written(t, pdf)
}

func written(t *testing.T, data []byte) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "card.pdf")
	require.NoError(t, os.WriteFile(name, data, 0o600))
	return name
}

// store puts the world into a database.
func (i issued) store(t *testing.T) {
	t.Helper()
	address := pgtest.URL(t)
	pool, err := postgres.Connect(t.Context(), address)
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	t.Setenv("DATABASE_URL", address)
	t.Setenv("AUDIT_KEY_FILE", "")
	log, documents := postgres.NewAudit(pool), postgres.NewDocuments(pool)
	for _, e := range i.world.Entries() {
		got, err := log.Append(t.Context(), audit.Event{At: e.At, Actor: e.Actor, Action: e.Action, OrderID: e.OrderID, Evidence: e.Evidence})
		require.NoError(t, err)
		require.Equal(t, e.Hash, got.Hash)
	}
	for _, c := range i.world.Checkpoints() {
		require.NoError(t, log.SaveCheckpoint(t.Context(), c))
	}
	for id, content := range i.world.Documents() {
		require.NoError(t, documents.Put(t.Context(), order.Document{ID: id, Kind: order.DocumentEvidence, Content: content, OwnerKey: "x"}))
	}
	source, err := i.world.Source()
	require.NoError(t, err)
	der, err := source.Certificate(t.Context(), i.id)
	require.NoError(t, err)
	_, err = pool.Exec(t.Context(), `INSERT INTO certificates (order_id, serial_number, key_id, issuer, algorithm, tbs, not_before, not_after, reserved_at, der, issued_at)
		VALUES ($1, '0a', 'k', 'i', 'a', 't', now(), now(), now(), $2, now())`, uuid.UUID(i.id), der)
	require.NoError(t, err)
}

func TestM6_I1_ACardIsMadeAndVerifiedOffline(t *testing.T) {
	for _, service := range []order.Service{order.ServiceEmployee, order.ServiceIndividual} {
		t.Run(string(service), func(t *testing.T) {
			i := newIssued(t, service)
			i.store(t)
			file := filepath.Join(t.TempDir(), "17.pdf")
			out, err := run(t, "card", i.id.String(), "--out", file, "--trust", i.trust, "--audit-keys", i.keys, "--operator", "vera")
			require.NoError(t, err, out)
			require.Contains(t, out, "card of order 17")
			out, err = run(t, "show", i.id.String())
			require.NoError(t, err)
			require.Contains(t, out, "operator vera: made a card for evidence (card sha256:")
			_, err = run(t, "card", i.id.String(), "--out", file, "--trust", i.trust, "--audit-keys", i.keys, "--operator", "vera")
			require.ErrorIs(t, err, os.ErrExist)

			t.Setenv("DATABASE_URL", "")
			out, err = run(t, "card", file, "--trust", i.trust, "--audit-keys", i.keys)
			require.NoError(t, err, out)
			require.Contains(t, out, "the card of order 17 ("+string(service)+") is good")
			require.Contains(t, out, "pages: same")
			require.Equal(t, !service.NeedsApproval(), strings.Contains(out, "no list and no signature"))
		})
	}
}

func TestM6_ACardIsGoodOnlyUnderTheVerifiersOwnTrust(t *testing.T) {
	i, other := newIssued(t, order.ServiceEmployee), newIssued(t, order.ServiceEmployee)
	file := i.file(t)
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"no roots":      {[]string{"--audit-keys", i.keys}, "nobody vouches for the roots"},
		"no keys":       {[]string{"--trust", i.trust}, "nobody vouches for the audit log"},
		"other roots":   {[]string{"--trust", other.trust, "--audit-keys", i.keys}, "the certificate's chain"},
		"other keys":    {[]string{"--trust", i.trust, "--audit-keys", other.keys}, "unknown key"},
		"another code":  {[]string{"--trust", i.trust, "--audit-keys", i.keys, "--code", "urn:remote-issuance:card:17:sha256:00"}, "the code is of another card"},
		"sealed sooner": {[]string{"--trust", i.trust, "--audit-keys", i.keys, "--sealed-within", "1m"}, "later only"},
	} {
		t.Run(name, func(t *testing.T) {
			out, err := run(t, append([]string{"card", file}, c.args...)...)
			require.ErrorIs(t, err, requestcli.ErrVerdict, out)
			require.Contains(t, out, "is NOT good")
			require.Contains(t, out, c.want)
		})
	}
	out, err := run(t, "card", file, "--trust", i.trust, "--audit-keys", i.keys, "--json")
	require.NoError(t, err)
	var found struct {
		Good  bool       `json:"good"`
		Facts card.Facts `json:"facts"`
	}
	require.NoError(t, json.Unmarshal([]byte(out), &found))
	require.True(t, found.Good)
	_, err = run(t, "card", file, "--trust", i.trust, "--audit-keys", i.keys, "--code", found.Facts.Code)
	require.NoError(t, err)
}

// Paper that says something else than its evidence deceives whoever reads it.
func TestPagesThatSayAnotherThingAreFound(t *testing.T) {
	i := newIssued(t, order.ServiceIndividual)
	data, err := os.ReadFile(i.file(t))
	require.NoError(t, err)
	changed := bytes.ReplaceAll(data, []byte("/CreationDate(D:2"), []byte("/CreationDate(D:3"))
	require.NotEqual(t, data, changed)
	file := written(t, changed)
	out, err := run(t, "card", file, "--trust", i.trust, "--audit-keys", i.keys)
	require.ErrorIs(t, err, requestcli.ErrVerdict, out)
	require.Contains(t, out, "the pages are not what the evidence says")
	out, err = run(t, "card", file, "--trust", i.trust, "--audit-keys", i.keys, "--evidence-only")
	require.NoError(t, err, out)
	require.Contains(t, out, "pages: not compared")
	_, err = run(t, "card", written(t, make([]byte, 1<<20)), "--trust", i.trust, "--audit-keys", i.keys)
	require.ErrorIs(t, err, card.ErrCard)
	require.Equal(t, 2, requestcli.ExitCode(err))
}

func TestACardThatProvesNothingIsNotMade(t *testing.T) {
	i := newIssued(t, order.ServiceIndividual)
	i.store(t)
	file := filepath.Join(t.TempDir(), "17.pdf")
	for name, args := range map[string][]string{
		"no trust":      {i.id.String()},
		"another order": {order.NewID().String(), "--trust", i.trust, "--audit-keys", i.keys},
		"no seal known": {i.id.String(), "--trust", i.trust},
		"nobody":        {i.id.String(), "--trust", i.trust, "--audit-keys", i.keys, "--operator", ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := run(t, append([]string{"card", "--out", file, "--operator", "vera"}, args...)...)
			require.Error(t, err)
			require.NoFileExists(t, file)
		})
	}
}
