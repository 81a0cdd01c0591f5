package auditcli_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/cli/requestcli"
)

func TestM6_ABackdatedApprovalIsFoundOut(t *testing.T) {
	for name, c := range map[string]struct {
		sql  string
		want string
	}{
		"its instant was changed":       {`UPDATE documents SET content = convert_to(replace(convert_from(content, 'UTF8'), '2021-11-23T09', '2021-11-23T08'), 'UTF8') WHERE media_type = 'application/json' AND kind = 'evidence'`, "claims"},
		"its entry was changed":         {`UPDATE audit_entries SET at = at - interval '1 hour' WHERE sequence = 2`, "does not give its hash"},
		"its entry was removed":         {`DELETE FROM audit_entries WHERE sequence = 2`, "no entry of the approval"},
		"another entry of it":           {`UPDATE audit_entries SET action = 'list-signed' WHERE sequence = 4`, "or several"},
		"an entry after it was changed": {`UPDATE audit_entries SET actor_id = 'x' WHERE sequence = 4`, "does not give its hash"},
		"its checkpoint was removed":    {`DELETE FROM audit_checkpoints`, "is not sealed yet"},
		"its checkpoint was changed":    {`UPDATE audit_checkpoints SET at = at - interval '1 minute'`, "is not sealed yet"},
		"its signature was changed":     {`UPDATE documents SET content = (SELECT content FROM documents WHERE kind = 'list') WHERE kind = 'list-signature'`, "signature of entry 2"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSigned(t)
			_, err := s.pool.Exec(t.Context(), c.sql)
			require.NoError(t, err)
			out, err := run(t, "approval", s.order, "--trust", s.roots)
			require.ErrorIs(t, err, requestcli.ErrVerdict, out)
			require.Contains(t, out, c.want)
		})
	}
}

// The log's key is at hand and signs now what is said to be of years ago.
func TestM6_AnApprovalOfThePastThatIsSealedNowIsNotGood(t *testing.T) {
	s := newSigned(t)
	_, err := s.pool.Exec(t.Context(), "DELETE FROM audit_checkpoints")
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "approval.json")
	out, err := run(t, "approval", s.id, "--trust", s.roots, "--export", file)
	require.ErrorIs(t, err, requestcli.ErrVerdict)
	require.Contains(t, out, "is not sealed yet")
	for _, args := range [][]string{{s.id}, {"--file", file, "--checkpoint-key", s.key}} {
		out, err = run(t, append([]string{"approval", "--trust", s.roots}, args...)...)
		require.ErrorIs(t, err, requestcli.ErrVerdict)
		require.Contains(t, out, "later only")
	}
	_, err = run(t, "approval", "--trust", s.roots, "--file", file, "--checkpoint-key", s.key, "--sealed-within", "999999h")
	require.NoError(t, err)
}

func TestAnApprovalThatIsNotSealedIsNotExportedWithoutTheKey(t *testing.T) {
	s := newSigned(t)
	_, err := s.pool.Exec(t.Context(), "DELETE FROM audit_checkpoints")
	require.NoError(t, err)
	t.Setenv("AUDIT_KEY_FILE", "")
	file := filepath.Join(t.TempDir(), "approval.json")
	_, err = run(t, "approval", s.id, "--trust", s.roots, "--export", file)
	require.ErrorContains(t, err, "not exported")
	require.NoFileExists(t, file)
	out, err := run(t, "approval", s.id, "--trust", s.roots)
	require.NoError(t, err, out)
	require.Contains(t, out, "no public key of the audit log is configured")
}

func TestVerifyReadsWhatTheLogRefersTo(t *testing.T) {
	s := newSigned(t)
	out, err := run(t, "verify")
	require.NoError(t, err, out)
	require.Contains(t, out, "the audit log is whole: 4 entries")
	require.Contains(t, out, "8 digests compared with what is stored; 0 are of what is not kept")
	_, err = s.pool.Exec(t.Context(), "UPDATE documents SET content = set_byte(content, 9, get_byte(content, 9) # 1) WHERE kind = 'list'")
	require.NoError(t, err)
	out, err = run(t, "verify")
	require.ErrorIs(t, err, requestcli.ErrVerdict)
	require.Contains(t, out, "entry 2: evidence-changed: list: the document ")
	require.Contains(t, out, "entry 3: evidence-changed: list: the document ")
	out, err = run(t, "verify", "--log-only")
	require.NoError(t, err)
	require.Contains(t, out, "0 digests compared")
	_, err = s.pool.Exec(t.Context(), "DELETE FROM documents WHERE kind = 'list'")
	require.NoError(t, err)
	out, err = run(t, "verify")
	require.ErrorIs(t, err, requestcli.ErrVerdict)
	require.Contains(t, out, "entry 2: evidence-missing: list: the document ")
}
