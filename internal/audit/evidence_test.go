package audit

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestReferencesNameWhatIsKept(t *testing.T) {
	one := Digest([]byte("one"))
	for name, c := range map[string]struct {
		evidence Evidence
		want     []Reference
	}{
		"a document":              {Evidence{"list": one, "list-id": "d"}, []Reference{{"list", one, KeptDocument, "d"}}},
		"a certificate signed in": {Evidence{"certificate": one, "certificate-id": "d"}, []Reference{{"certificate", one, KeptDocument, "d"}}},
		"the issued certificate":  {Evidence{"certificate": one, "serial": "01"}, []Reference{{"certificate", one, KeptCertificate, "o"}}},
		"a gateway's message":     {Evidence{"message": one, "message-id": "m"}, []Reference{{"message", one, KeptMessage, "m"}}},
		"both checks": {Evidence{"report": one, "registers": one, "request-id": "r"}, []Reference{
			{"registers", one, KeptRegistersReport, "r"}, {"report", one, KeptFirstReport, "r"},
		}},
		"the last report":     {Evidence{"final-report": one}, []Reference{{"final-report", one, KeptFinalReport, "o"}}},
		"a refused file's":    {Evidence{"report": one}, []Reference{{"report", one, "", ""}}},
		"a list of the past":  {Evidence{"crl": one, "number": "7"}, []Reference{{"crl", one, "", ""}}},
		"nothing of the kind": {Evidence{"payment": "p", "request-id": "r"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, c.want, Entry{OrderID: "o", Evidence: c.evidence}.References())
		})
	}
}

// store is a vault of a map.
type store struct {
	digests map[Kept]string
	largest int
	err     error
}

func (s *store) Digests(_ context.Context, things []Kept) (map[Kept]string, error) {
	s.largest = max(s.largest, len(things))
	return s.digests, s.err
}

func TestALongLogIsComparedInBatches(t *testing.T) {
	var log []Entry
	head := Head{}
	vault := &store{digests: make(map[Kept]string)}
	const length = 3*vaultBatch + 7
	for i := range length {
		id := string(rune('a' + i%26))
		e, err := Next(head, Event{At: noon, Actor: System(), Action: ActionListMade, Evidence: Evidence{
			"list": Digest([]byte(id)), "list-id": id, "crl": Digest(nil),
		}})
		require.NoError(t, err)
		log, head = append(log, e), e.Head()
		vault.digests[Kept{As: KeptDocument, ID: id}] = Digest([]byte(id))
	}
	report, err := VerifyWithEvidence(t.Context(), each(log), nil, nil, vault)
	require.NoError(t, err)
	require.True(t, report.Clean(), report.Findings)
	require.EqualValues(t, length, report.Compared)
	require.EqualValues(t, length, report.Unkept)
	require.LessOrEqual(t, vault.largest, vaultBatch)

	vault.digests[Kept{As: KeptDocument, ID: "b"}] = Digest([]byte("c"))
	delete(vault.digests, Kept{As: KeptDocument, ID: "d"})
	report, err = VerifyWithEvidence(t.Context(), each(log), nil, nil, vault)
	require.NoError(t, err)
	require.Equal(t, FindingEvidenceChanged, report.Findings[0].Kind)
	require.EqualValues(t, 2, report.Findings[0].Sequence)
	require.Equal(t, FindingEvidenceMissing, report.Findings[1].Kind)
	require.EqualValues(t, 4, report.Findings[1].Sequence)

	vault.err = errors.New("the database is away")
	_, err = VerifyWithEvidence(t.Context(), each(log), nil, nil, vault)
	require.ErrorIs(t, err, vault.err)
}

func TestFindingsAreBounded(t *testing.T) {
	var log []Entry
	head := Head{}
	for range maxFindings + 5 {
		e, err := Next(head, Event{At: noon, Actor: System(), Action: ActionListMade, Evidence: Evidence{"list": Digest(nil), "list-id": "x"}})
		require.NoError(t, err)
		log, head = append(log, e), e.Head()
	}
	report, err := VerifyWithEvidence(t.Context(), each(log), nil, nil, &store{})
	require.NoError(t, err)
	require.Len(t, report.Findings, maxFindings)
	require.EqualValues(t, 5, report.More)
}
