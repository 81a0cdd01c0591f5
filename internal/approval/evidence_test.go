package approval_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/approval"
)

func FuzzParseBundle(f *testing.F) {
	good, err := json.Marshal(approval.Bundle{
		Format: approval.BundleFormat, ConfirmationID: "c", At: time.Unix(0, 0).UTC().AddDate(50, 0, 0),
		List: []byte("{}"), Signature: []byte{0x30, 0}, SignedInWith: []byte{0x30, 0}, Certificates: [][]byte{{0x30, 0}}, Lists: [][]byte{{0x30, 0}},
	})
	require.NoError(f, err)
	f.Add(good)
	f.Add([]byte(`{"format":"remote-issuance/approval/1"}`))
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
