package auditcli_test

import (
	"crypto/rand"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/approval"
	"github.com/remote-issuance/remote-issuance/internal/approval/list"
	"github.com/remote-issuance/remote-issuance/internal/audit"
	"github.com/remote-issuance/remote-issuance/internal/cli/requestcli"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
	"github.com/remote-issuance/remote-issuance/internal/pki/cms"
	"github.com/remote-issuance/remote-issuance/internal/pki/testca"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/internal/postgres/pgtest"
)

// signedAt is when the manager signed; the certificates have ended long ago now.
var signedAt = time.Date(2021, 11, 23, 9, 0, 0, 0, time.UTC)

// signed is a confirmation whose signature was verified years ago.
type signed struct {
	t     *testing.T
	pool  *pgxpool.Pool
	id    string
	order string
	roots string
	// key is the public key of the audit log, private the file of its other half.
	key, private string
	issuer       *testca.CA
}

func newSigned(t *testing.T) signed {
	t.Helper()
	address := pgtest.URL(t)
	pool, err := postgres.Connect(t.Context(), address)
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	t.Setenv("DATABASE_URL", address)
	issuer, err := testca.New(testca.Options{From: signedAt.AddDate(-1, 0, 0)})
	require.NoError(t, err)
	s := signed{t: t, pool: pool, id: uuid.NewString(), order: uuid.NewString(), roots: t.TempDir(), issuer: issuer}
	require.NoError(t, os.WriteFile(filepath.Join(s.roots, "root.cer"), issuer.Root.Certificate.Raw, 0o600))
	s.private = filepath.Join(t.TempDir(), "audit.pem")
	s.key = s.private + ".pub.pem"
	_, err = run(t, "new-key", s.private)
	require.NoError(t, err)
	t.Setenv("AUDIT_KEY_FILE", s.private)
	s.sign()
	s.seal(signedAt.Add(40 * time.Minute))
	return s
}

// seal signs the head of the log as it was done at the instant.
func (s signed) seal(at time.Time) {
	s.t.Helper()
	data, err := os.ReadFile(s.private)
	require.NoError(s.t, err)
	key, err := audit.ParseKey(data)
	require.NoError(s.t, err)
	signer, err := audit.NewSigner(key)
	require.NoError(s.t, err)
	_, made, err := audit.Seal(s.t.Context(), postgres.NewAudit(s.pool), signer, at)
	require.NoError(s.t, err)
	require.True(s.t, made)
}

// record appends the entries of the approval.
func (s signed) record(at time.Time, evidence audit.Evidence) {
	s.t.Helper()
	by := audit.Actor{Kind: audit.ActorManager, ID: "5f1c"}
	log := postgres.NewAudit(s.pool)
	for _, event := range []audit.Event{
		{At: at.Add(-time.Hour), Actor: by, Action: audit.ActionListMade, OrderID: s.id},
		{At: at, Actor: by, Action: audit.ActionListSigned, OrderID: s.id, Evidence: evidence},
		{At: at, Actor: by, Action: audit.ActionApproved, OrderID: s.order, Evidence: evidence},
		{At: at.Add(time.Minute), Actor: audit.System(), Action: audit.ActionConfirmationPaid, OrderID: s.id},
	} {
		_, err := log.Append(s.t.Context(), event)
		require.NoError(s.t, err)
	}
}

// sign keeps what was kept of the confirmation: list, signature, the
// certificate signed in with, and what the signature was verified against.
func (s signed) sign() {
	ctx, t := s.t.Context(), s.t
	key, err := alg.GenerateKey(alg.KeyBign256, rand.Reader)
	require.NoError(t, err)
	manager, err := s.issuer.Issue(testca.ProfileExtensions, testca.SampleEmployee(), key.Public(), signedAt.AddDate(0, 0, -1), signedAt.AddDate(1, 0, 0))
	require.NoError(t, err)
	digest := strings.Repeat("0a", 32)
	made, err := list.New(list.List{
		Number: 4, MadeAt: signedAt, Organisation: "Пример", UNP: "190000018", Head: "Образцова Вера Петровна", HeadNumber: "4010190A002PB9",
		Entries: []list.Entry{{
			Number: 17, Surname: "Примеров", GivenName: "Олег", PersonalNumber: "3010190A001PB9", Position: "Инженер", Years: 1, Price: 4320,
			Request: digest, KeyID: digest, Checked: digest, Registers: digest,
		}},
	})
	require.NoError(t, err)
	canonical := made.Canonical()
	signature, err := cms.SignData(canonical, manager, key, cms.SignOptions{})
	require.NoError(t, err)
	trust := s.issuer.Trust()
	issuing, err := s.issuer.CRL(signedAt.Add(-time.Hour))
	require.NoError(t, err)
	root, err := s.issuer.RootCRL(signedAt.Add(-time.Hour))
	require.NoError(t, err)
	trust.CRLs = []*pki.CRL{issuing, root}

	id, err := order.ParseID(s.id)
	require.NoError(t, err)
	listID, signatureID, certificateID := order.NewID(), order.NewID(), order.NewID()
	kept, err := approval.EvidenceDocuments(trust, signatureID, "190000018", signedAt)
	require.NoError(t, err)
	documents := postgres.NewDocuments(s.pool)
	for _, d := range append(kept,
		order.Document{ID: listID, Kind: order.DocumentList, MediaType: list.MediaType, Content: canonical},
		order.Document{ID: signatureID, Kind: order.DocumentSignature, MediaType: "application/pkcs7-signature", Content: signature},
		order.Document{ID: certificateID, Kind: order.DocumentCertificate, MediaType: "application/pkix-cert", Content: manager.Raw},
	) {
		d.OwnerKey = "190000018"
		require.NoError(t, documents.Put(ctx, d))
	}
	s.record(signedAt, audit.Evidence{
		"confirmation": s.id, "number": "17", "evidence": audit.Digest(kept[len(kept)-1].Content), "evidence-id": kept[len(kept)-1].ID.String(), "list": audit.Digest(canonical), "list-id": listID.String(), "signature": audit.Digest(signature),
		"signature-id": signatureID.String(), "certificate": audit.Digest(manager.Raw), "certificate-id": certificateID.String(),
	})
	_, err = s.pool.Exec(ctx, `INSERT INTO confirmations (id, unp, manager_key, certificate_id, language, started_at, policy, version, stage,
		list_id, signature_id, signed_at, order_ids, left_ids, number)
		VALUES ($1, '190000018', '5f1c', $2, 'ru', $3, '{}', 2, 'finished', $4, $5, $3, $6, '{}', 92239)`,
		uuid.UUID(id), uuid.UUID(certificateID), signedAt, uuid.UUID(listID), uuid.UUID(signatureID), []string{s.order})
	require.NoError(t, err)
	_, err = s.pool.Exec(ctx, `INSERT INTO payables (id, workflow_id, service, number, total, due, opened_at)
		VALUES ($1, 'w', '6.0.02', 92239, 4320, $2, $2)`, uuid.UUID(id), signedAt)
	require.NoError(t, err)
}

func TestM6_AnApprovalIsVerifiedAgainYearsLater(t *testing.T) {
	s := newSigned(t)
	for _, name := range []string{s.id, s.order, "NOAIS000092239", "ROAIS000092239"} {
		out, err := run(t, "approval", name, "--trust", s.roots)
		require.NoError(t, err, out)
		require.Contains(t, out, "is good at 2021-11-23 12:00:00")
		require.Contains(t, out, "order 17: Примеров Олег")
		require.Contains(t, out, "audit entry 2, sealed at 2021-11-23 12:40:00")
	}
	var kept int
	require.NoError(t, s.pool.QueryRow(t.Context(), "SELECT count(*) FROM documents WHERE kind = 'evidence'").Scan(&kept))
	require.Equal(t, 3, kept, "two lists and what names them")

	file := filepath.Join(t.TempDir(), "approval.json")
	out, err := run(t, "approval", s.id, "--export", file, "--trust", s.roots)
	require.NoError(t, err, out)
	require.Contains(t, out, "given with --trust")

	// From here on there is no database.
	t.Setenv("DATABASE_URL", "")
	out, err = run(t, "approval", "--file", file, "--trust", s.roots, "--checkpoint-key", s.key, "--json")
	require.NoError(t, err, out)
	var found struct {
		Good   bool          `json:"good"`
		Signer order.Subject `json:"signer"`
	}
	require.NoError(t, json.Unmarshal([]byte(out), &found))
	require.True(t, found.Good)
	require.Equal(t, "190000018", found.Signer.UNP)
	_, err = run(t, "approval", s.id)
	require.Equal(t, 2, requestcli.ExitCode(err))
	_, err = run(t, "approval")
	require.Equal(t, 2, requestcli.ExitCode(err))
}

func TestM6_AnAlteredApprovalIsFound(t *testing.T) {
	s := newSigned(t)
	file := filepath.Join(t.TempDir(), "approval.json")
	_, err := run(t, "approval", s.id, "--export", file, "--trust", s.roots)
	require.NoError(t, err)
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	other, err := testca.New(testca.Options{From: signedAt.AddDate(-1, 0, 0)})
	require.NoError(t, err)
	foreign := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(foreign, "root.cer"), other.Root.Certificate.Raw, 0o600))
	for name, c := range map[string]struct {
		change func(b *approval.Bundle)
		trust  string
	}{
		"a byte of the list":          {func(b *approval.Bundle) { b.List[len(b.List)/2] ^= 1 }, s.roots},
		"another name on the list":    {func(b *approval.Bundle) { b.List = []byte(strings.Replace(string(b.List), "Олег", "Алег", 1)) }, s.roots},
		"another confirmation":        {func(b *approval.Bundle) { b.ConfirmationID = uuid.NewString() }, s.roots},
		"a byte of the signature":     {func(b *approval.Bundle) { b.Signature[len(b.Signature)-1] ^= 1 }, s.roots},
		"without revocation lists":    {func(b *approval.Bundle) { b.Lists = nil }, s.roots},
		"when it was not in force":    {func(b *approval.Bundle) { b.At = b.At.AddDate(5, 0, 0) }, s.roots},
		"with roots of somebody":      {func(*approval.Bundle) {}, foreign},
		"without certificates at all": {func(b *approval.Bundle) { b.Certificates = nil }, s.roots},
		"a second earlier":            {func(b *approval.Bundle) { b.At = b.At.Add(-time.Second) }, s.roots},
		"without its audit entry":     {func(b *approval.Bundle) { b.Audit = nil }, s.roots},
		"another audit entry":         {func(b *approval.Bundle) { b.Audit.Entries = b.Audit.Entries[1:] }, s.roots},
		"another date in the entry":   {func(b *approval.Bundle) { b.Audit.Entries[0].At = b.At.Add(time.Second) }, s.roots},
		"the checkpoint of another":   {func(b *approval.Bundle) { b.Audit.Checkpoint.Hash[0] ^= 1 }, s.roots},
	} {
		t.Run(name, func(t *testing.T) {
			bundle, err := approval.ParseBundle(data)
			require.NoError(t, err)
			c.change(&bundle)
			changed, err := json.Marshal(bundle)
			require.NoError(t, err)
			path := filepath.Join(t.TempDir(), "changed.json")
			require.NoError(t, os.WriteFile(path, changed, 0o600))
			out, err := run(t, "approval", "--file", path, "--trust", c.trust, "--checkpoint-key", s.key)
			require.ErrorIs(t, err, requestcli.ErrVerdict, out)
			require.Contains(t, out, "is NOT good")
		})
	}
	_, err = approval.ParseBundle(data[1:])
	require.ErrorIs(t, err, approval.ErrBundle)
}

// A verdict rests on roots of the verifier's own, and offline on the log's key.
func TestM6_NobodyVouchesForAnApprovalByItself(t *testing.T) {
	s := newSigned(t)
	file := filepath.Join(t.TempDir(), "approval.json")
	out, err := run(t, "approval", s.id, "--export", file)
	require.ErrorIs(t, err, requestcli.ErrVerdict)
	require.Contains(t, out, "is NOT good")
	require.Contains(t, out, "--trust DIR")
	out, err = run(t, "approval", "--file", file, "--checkpoint-key", s.key)
	require.ErrorIs(t, err, requestcli.ErrVerdict)
	require.Contains(t, out, "--trust DIR")
	out, err = run(t, "approval", "--file", file, "--trust", s.roots)
	require.ErrorIs(t, err, requestcli.ErrVerdict)
	require.Contains(t, out, "--checkpoint-key")
	other := filepath.Join(t.TempDir(), "other.pem")
	_, err = run(t, "new-key", other)
	require.NoError(t, err)
	out, err = run(t, "approval", "--file", file, "--trust", s.roots, "--checkpoint-key", other+".pub.pem")
	require.ErrorIs(t, err, requestcli.ErrVerdict)
	require.Contains(t, out, "unknown key")
	_, err = run(t, "approval", s.id, "--trust", t.TempDir())
	require.Equal(t, 2, requestcli.ExitCode(err))
}

// Whoever gets at a key of then and at the database now can sign for the past,
// but no checkpoint of then covers it.
