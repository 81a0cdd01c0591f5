package postgres_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/remote-issuance/remote-issuance/internal/audit"
	"github.com/remote-issuance/remote-issuance/internal/ca"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
)

// evidence is a database with every kind of thing that entries refer to.
func evidence(t *testing.T) *bundle {
	t.Helper()
	b := setup(t)
	b.keepsCertificates = true
	s := b.issued("01")
	credentials := postgres.NewCredentials(b.pool, func([]byte) ([][]byte, error) { return nil, nil })
	_, err := credentials.Fetch(t.Context(), s.ID.String(), day)
	require.NoError(t, err)
	_, err = b.certificates.Activate(t.Context(), []byte("der 01"), day)
	require.NoError(t, err)
	revocation, err := ca.NewRevocation("test", "01", pki.ReasonSuperseded, day)
	require.NoError(t, err)
	require.NoError(t, b.certificates.Revoke(t.Context(), revocation))

	employee := b.saved(order.ServiceEmployee)
	b.confirm(employee, b.saved(order.ServiceEmployee))
	refused := b.open(order.ServiceIndividual)
	require.NoError(t, b.take(refused))
	_, err = b.orders.End(t.Context(), order.Ending{
		OrderID: refused.ID, End: order.EndRefused, Reason: order.ReasonRegistersDiffer, By: order.BySystem, At: day, Report: order.Report{
			{Code: order.CheckTaxpayer, Verdict: order.VerdictPassed},
			{Code: order.CheckPerson, Verdict: order.VerdictFailed, Field: order.FieldSurname, Found: "\xff\xfea\x00", Expected: "<&>\u2028"},
		},
	})
	require.NoError(t, err)
	b.failed()
	lost, err := b.receive(card(999, 1))
	require.NoError(t, err)
	_, err = b.ledger.Return(t.Context(), lost.ID, "op-1", "sent back")
	require.NoError(t, err)
	return b
}

// failed uploads a file that does not pass; it is not kept.
func (b *bundle) failed() {
	b.t.Helper()
	s := b.open(order.ServiceIndividual)
	b.decide(s, consent())
	u, file := s.upload(order.Report{{Code: order.CheckFile, Verdict: order.VerdictFailed, Cause: "syntax"}})
	_, err := b.orders.TakeUpload(b.t.Context(), s.ID, u, file)
	require.NoError(b.t, err)
}

func (b *bundle) verifyEvidence() audit.Report {
	report, err := audit.VerifyWithEvidence(b.t.Context(), b.audit.Entries(b.t.Context()), nil, nil, postgres.NewVault(b.pool))
	require.NoError(b.t, err)
	return report
}

func (b *bundle) exec(sql string, args ...any) int64 {
	tag, err := b.pool.Exec(b.t.Context(), sql, args...)
	require.NoError(b.t, err, sql)
	return tag.RowsAffected()
}

// cited are the things that entries refer to, each with its first entry.
func (b *bundle) cited() (things []audit.Kept, first map[audit.Kept]int64) {
	first = make(map[audit.Kept]int64)
	for e, err := range b.audit.Entries(b.t.Context()) {
		require.NoError(b.t, err)
		for _, r := range e.References() {
			k := audit.Kept{As: r.Kept, ID: r.ID}
			if _, known := first[k]; r.Kept != "" && !known {
				things, first[k] = append(things, k), e.Sequence
			}
		}
	}
	return things, first
}

var columns = map[audit.KeptAs][3]string{
	audit.KeptDocument: {"documents", "id", "content"}, audit.KeptMessage: {"gateway_messages", "id", "raw"},
	audit.KeptCertificate: {"certificates", "order_id", "der"}, audit.KeptFirstReport: {"requests", "id", "report"},
	audit.KeptRegistersReport: {"requests", "id", "registers"}, audit.KeptFinalReport: {"orders", "id", "report"},
}

func TestEvidenceOfEveryKindIsComparedAndWhole(t *testing.T) {
	b := evidence(t)
	report := b.verifyEvidence()
	require.True(t, report.Clean(), report.Findings)
	things, _ := b.cited()
	kinds := make(map[audit.KeptAs]int)
	for _, k := range things {
		kinds[k.As]++
	}
	require.Len(t, kinds, len(columns), kinds)
	require.Greater(t, kinds[audit.KeptDocument], 10, "requests, certificates, list, signature, evidence")
	require.Positive(t, report.Compared)
	require.EqualValues(t, 1, report.Unkept, "the report over the refused file")
}

// Any one octet of anything that an entry refers to, changed by SQL, is found
// at that entry.
func TestEveryChangedOctetOfEvidenceIsFound(t *testing.T) {
	b := evidence(t)
	things, first := b.cited()
	rapid.Check(t, func(r *rapid.T) {
		k := rapid.SampledFrom(things).Draw(r, "thing")
		c := columns[k.As]
		var was string
		require.NoError(r, b.pool.QueryRow(t.Context(), fmt.Sprintf("SELECT %s::text FROM %s WHERE %s = $1", c[2], c[0], c[1]), k.ID).Scan(&was))
		changed, cast := alter(r, was), "::bytea"
		if !strings.HasPrefix(was, `\x`) {
			cast = "::jsonb"
		}
		update := fmt.Sprintf("UPDATE %s SET %s = $1%s WHERE %s = $2", c[0], c[2], "::text"+cast, c[1])
		if _, err := b.pool.Exec(t.Context(), update, changed, k.ID); err != nil {
			r.Skip("no JSON any more")
		}
		defer b.exec(update, was, k.ID)
		var is string
		require.NoError(r, b.pool.QueryRow(t.Context(), fmt.Sprintf("SELECT %s::text FROM %s WHERE %s = $1", c[2], c[0], c[1]), k.ID).Scan(&is))
		if is == was {
			r.Skip("the same JSON in other octets")
		}
		report := b.verifyEvidence()
		require.NotEmpty(r, report.Findings, "%s %s: %s", k.As, k.ID, changed)
		require.Equal(r, first[k], report.Findings[0].Sequence, report.Findings)
		require.Equal(r, audit.FindingEvidenceChanged, report.Findings[0].Kind)
		require.Contains(r, report.Findings[0].Detail, k.ID)
	})
	require.True(t, b.verifyEvidence().Clean())
}

// alter changes one octet of a hexadecimal bytea or of a JSON text.
func alter(r *rapid.T, was string) string {
	octets := []byte(was)
	if strings.HasPrefix(was, `\x`) {
		if len(octets) == 2 {
			return `\x00`
		}
		i := rapid.IntRange(2, len(octets)-1).Draw(r, "digit")
		digits := "0123456789abcdef"
		octets[i] = digits[(strings.IndexByte(digits, octets[i])+rapid.IntRange(1, 15).Draw(r, "by"))%16]
		return string(octets)
	}
	i := rapid.IntRange(0, len(octets)-1).Draw(r, "octet")
	octets[i] = byte(rapid.IntRange(' ', '~').Draw(r, "for"))
	return string(octets)
}

func TestMissingEvidenceIsFoundAndNamed(t *testing.T) {
	b := evidence(t)
	things, first := b.cited()
	b.exec("SET session_replication_role = replica")
	for name, c := range map[string]struct {
		sql  string
		kept audit.KeptAs
	}{
		"a document":      {"DELETE FROM documents WHERE id = $1", audit.KeptDocument},
		"a certificate":   {"UPDATE certificates SET der = NULL, issued_at = NULL WHERE order_id = $1", audit.KeptCertificate},
		"a request's row": {"DELETE FROM requests WHERE id = $1", audit.KeptFirstReport},
	} {
		t.Run(name, func(t *testing.T) {
			for _, k := range things {
				if k.As == c.kept {
					require.EqualValues(t, 1, b.exec(c.sql, k.ID))
					report := b.verifyEvidence()
					found := false
					for _, f := range report.Findings {
						found = found || f.Kind == audit.FindingEvidenceMissing && f.Sequence == first[k] && strings.Contains(f.Detail, k.ID)
					}
					require.True(t, found, report.Findings)
					return
				}
			}
			t.Fatal("nothing of this kind")
		})
	}
}

// The revocation lists that a signature was verified against are named by the
// evidence of it only.
func TestM6_AChangedRevocationListOfTheEvidenceIsFound(t *testing.T) {
	for name, sql := range map[string]string{
		"changed": "UPDATE documents SET content = set_byte(content, 3, get_byte(content, 3) # 1) WHERE media_type = 'application/pkix-crl'",
		"gone":    "DELETE FROM documents WHERE media_type = 'application/pkix-crl'",
	} {
		t.Run(name, func(t *testing.T) {
			b := setup(t)
			b.confirm(b.saved(order.ServiceEmployee))
			require.True(t, b.verifyEvidence().Clean())
			require.EqualValues(t, 1, b.exec(sql))
			report := b.verifyEvidence()
			require.NotEmpty(t, report.Findings)
			require.Contains(t, report.Findings[0].Detail, "revocation list")
		})
	}
}

// Two documents that change places are both found: what counts is the place.
func TestSwappedEvidenceIsFound(t *testing.T) {
	b := setup(t)
	one, two := b.saved(order.ServiceEmployee), b.saved(order.ServiceEmployee)
	b.exec(`UPDATE documents d SET content = o.content FROM documents o
		WHERE d.id = ANY ($1::uuid[]) AND o.id = ANY ($1::uuid[]) AND o.id <> d.id`, []string{one.RequestID.String(), two.RequestID.String()})
	require.Len(t, b.verifyEvidence().Findings, 2)
}

// The manager's approval names what it rests on, with the key that signed.
func TestM6_TheApprovalNamesTheManagersCertificate(t *testing.T) {
	b := setup(t)
	s := b.saved(order.ServiceEmployee)
	id, _ := b.confirm(s)
	for _, subject := range []order.ID{id, s.ID} {
		entries, err := b.audit.OrderEntries(t.Context(), subject.String())
		require.NoError(t, err)
		last := entries[len(entries)-1]
		require.Equal(t, audit.ActorManager, last.Actor.Kind)
		require.NoError(t, last.Proves("certificate", []byte(manager)))
		require.NoError(t, last.Proves("signer", []byte("certificate of the signer")))
		require.NoError(t, last.Proves("signature", []byte("signature")))
		require.NoError(t, last.Proves("list", b.octets(1, s)))
		require.Equal(t, strings.Repeat("0b", 32), last.Evidence["key"])
	}
}

func TestP4_EveryEntryOfMoneyNamesItsMessage(t *testing.T) {
	b := setup(t)
	s := b.saved(order.ServiceIndividual)
	n := card(b.own(s).Number, b.own(s).Total)
	p, err := b.receive(n)
	require.NoError(t, err)
	id, err := order.ParseID(p.ID)
	require.NoError(t, err)
	require.NoError(t, b.payables.ReportUnapplied(t.Context(), id, s.ID, payments.ReasonClosed))
	_, err = b.ledger.Return(t.Context(), p.ID, "op-1", "note")
	require.NoError(t, err)
	seen := 0
	for e, err := range b.audit.Entries(t.Context()) {
		require.NoError(t, err)
		if e.Evidence["payment"] != "" {
			require.NoError(t, e.Proves("message", n.Raw))
			seen++
		}
	}
	require.Equal(t, 3, seen)
}
