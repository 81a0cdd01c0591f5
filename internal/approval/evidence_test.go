package approval_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/approval"
	"github.com/remote-issuance/remote-issuance/internal/audit"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

func FuzzParseBundle(f *testing.F) {
	good, err := json.Marshal(approval.Bundle{
		Format: approval.BundleFormat, ConfirmationID: "c", At: time.Unix(0, 0).UTC().AddDate(50, 0, 0),
		List: []byte("{}"), Signature: []byte{0x30, 0}, SignedInWith: []byte{0x30, 0}, Certificates: [][]byte{{0x30, 0}}, Lists: [][]byte{{0x30, 0}},
	})
	require.NoError(f, err)
	f.Add(good)
	f.Add([]byte(`{"format":"remote-issuance/approval/2","audit":{"entries":null,"checkpoint":{}}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		b, err := approval.ParseBundle(data)
		if err != nil {
			require.ErrorIs(t, err, approval.ErrBundle)
			return
		}
		report, _, err := b.Verify()
		require.False(t, err == nil && report.Passed(), "nothing that is invented verifies")
	})
}

func FuzzParseEvidence(f *testing.F) {
	f.Add([]byte(`{"format":"remote-issuance/evidence/1","at":"2026-11-23T09:00:00Z","certificates":["MAA="],"listIds":["a"]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		e, err := approval.ParseEvidence(data)
		if err == nil {
			require.Equal(t, approval.EvidenceFormat, e.Format)
		}
	})
}

func TestM6_AnEntryRecordsOneApproval(t *testing.T) {
	at := time.Date(2026, 3, 2, 9, 0, 0, 123456789, time.UTC)
	bundle := approval.Bundle{ConfirmationID: "c", At: at, List: []byte("list"), Signature: []byte("signature"), SignedInWith: []byte("certificate")}
	bundle.Certificates, bundle.Lists = [][]byte{{1}, {2}}, [][]byte{{3}}
	kept, err := json.Marshal(approval.Evidence{
		Format: approval.EvidenceFormat, At: at, Certificates: bundle.Certificates, ListIDs: []string{order.RevocationListDocumentID([]byte{3}).String()},
	})
	require.NoError(t, err)
	entry := func() audit.Entry {
		e, err := audit.Next(audit.Head{}, audit.Event{
			At: at, Actor: audit.Actor{Kind: audit.ActorManager, ID: "m"}, Action: audit.ActionListSigned, OrderID: "c", Evidence: audit.Evidence{
				"evidence": audit.Digest(kept),
				"list":     audit.Digest(bundle.List), "signature": audit.Digest(bundle.Signature), "certificate": audit.Digest(bundle.SignedInWith),
			},
		})
		require.NoError(t, err)
		return e
	}
	require.NoError(t, bundle.RecordedBy(entry()), "the log keeps microseconds")
	for name, change := range map[string]func(b *approval.Bundle){
		"without revocation lists": func(b *approval.Bundle) { b.Lists = nil },
		"another revocation list":  func(b *approval.Bundle) { b.Lists = [][]byte{{4}} },
		"one certificate more":     func(b *approval.Bundle) { b.Certificates = append(b.Certificates[:2:2], []byte{5}) },
		"a nanosecond later":       func(b *approval.Bundle) { b.At = b.At.Add(1) },
	} {
		t.Run(name, func(t *testing.T) {
			changed := bundle
			change(&changed)
			require.ErrorIs(t, changed.RecordedBy(entry()), approval.ErrRecorded)
		})
	}
	for name, change := range map[string]func(e *audit.Entry){
		"other evidence":        func(e *audit.Entry) { e.Evidence["evidence"] = audit.Digest(nil) },
		"another confirmation":  func(e *audit.Entry) { e.OrderID = "d" },
		"another action":        func(e *audit.Entry) { e.Action = audit.ActionListMade },
		"a microsecond later":   func(e *audit.Entry) { e.At = e.At.Add(time.Microsecond) },
		"a year earlier":        func(e *audit.Entry) { e.At = e.At.AddDate(-1, 0, 0) },
		"another list":          func(e *audit.Entry) { e.Evidence["list"] = audit.Digest(nil) },
		"another signature":     func(e *audit.Entry) { e.Evidence["signature"] = audit.Digest(nil) },
		"another certificate":   func(e *audit.Entry) { e.Evidence["certificate"] = audit.Digest(nil) },
		"without the signature": func(e *audit.Entry) { delete(e.Evidence, "signature") },
	} {
		t.Run(name, func(t *testing.T) {
			e := entry()
			change(&e)
			require.ErrorIs(t, bundle.RecordedBy(e), approval.ErrRecorded)
		})
	}
}
