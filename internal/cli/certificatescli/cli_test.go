package certificatescli_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/ca"
	"github.com/remote-issuance/remote-issuance/internal/ca/catest"
	"github.com/remote-issuance/remote-issuance/internal/cli/certificatescli"
	"github.com/remote-issuance/remote-issuance/internal/cli/operator"
	"github.com/remote-issuance/remote-issuance/internal/issuance"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/internal/postgres/pgtest"
)

func run(t *testing.T, args ...string) (string, error) {
	t.Helper()
	root := &cobra.Command{Use: "issuance", SilenceErrors: true, SilenceUsage: true}
	root.AddCommand(certificatescli.Commands()...)
	var out bytes.Buffer
	root.SetOut(&out)
	root.SetErr(&out)
	root.SetArgs(append([]string{"certificates"}, args...))
	err := root.ExecuteContext(t.Context())
	return out.String(), err
}

// newBench sets the environment of the process: these tests run one by one.
func newBench(t *testing.T) *catest.Bench {
	t.Helper()
	address := pgtest.URL(t)
	pool, err := postgres.Connect(t.Context(), address)
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	t.Setenv("DATABASE_URL", address)
	return catest.New(t, pool, "../../../deploy/ca/profile.json")
}

func issue(t *testing.T, b *catest.Bench) (orderID, serial string) {
	t.Helper()
	issuers, err := b.Issuers(nil)
	require.NoError(t, err)
	authority, err := b.Authority(issuers, b.Certificates)
	require.NoError(t, err)
	id := b.Paid(t, "applicant")
	issued, err := authority.Issue(t.Context(), id)
	require.NoError(t, err)
	return id.String(), issued.SerialNumber
}

func TestShowAndRevoke(t *testing.T) {
	b := newBench(t)
	_, serial := issue(t, b)
	out, err := run(t, "show", serial)
	require.NoError(t, err)
	require.Contains(t, out, "certificate "+serial+" of issuer issuing: in force")
	require.Contains(t, out, "  order      1\n")

	for name, args := range map[string][]string{
		"no reason":       {"revoke", serial, "--issuer", "issuing"},
		"no such reason":  {"revoke", serial, "--issuer", "issuing", "--reason", "certificate-hold"},
		"no issuer":       {"revoke", serial, "--reason", "superseded"},
		"another issuer":  {"revoke", serial, "--issuer", "other", "--reason", "superseded", "--operator", "op"},
		"unknown":         {"revoke", "0b", "--issuer", "issuing", "--reason", "superseded", "--operator", "op"},
		"no number":       {"revoke", "serial", "--issuer", "issuing", "--reason", "superseded", "--operator", "op"},
		"unknown to show": {"show", "0b"},
	} {
		_, err := run(t, args...)
		require.Error(t, err, name)
	}
	t.Setenv("USER", "")
	_, err = run(t, "revoke", serial, "--issuer", "issuing", "--reason", "key-compromise")
	require.ErrorIs(t, err, operator.ErrNoAccount)

	out, err = run(t, "revoke", serial, "--issuer", "issuing", "--reason", "key-compromise", "--operator", "op-7")
	require.NoError(t, err)
	require.Contains(t, out, "is revoked: key compromise")
	out, err = run(t, "revoke", serial, "--issuer", "issuing", "--reason", "superseded", "--operator", "op-7")
	require.NoError(t, err)
	require.Contains(t, out, "already")
	out, err = run(t, "show", serial, "--json")
	require.NoError(t, err)
	var views []struct{ State, SerialNumber string }
	require.NoError(t, json.Unmarshal([]byte(out), &views))
	require.Equal(t, []struct{ State, SerialNumber string }{{"revoked", serial}}, views)
	var by string
	require.NoError(t, b.Pool.QueryRow(t.Context(), "SELECT actor_id FROM audit_entries WHERE action = 'certificate-revoked'").Scan(&by))
	require.Equal(t, "op-7", by)
}

func TestOrphansAreListed(t *testing.T) {
	b := newBench(t)
	id := b.Paid(t, "applicant").String()
	_, _, err := b.Certificates.Reserve(t.Context(), ca.Prepared{
		OrderID: id, Issuer: "issuing", Serial: "4a", TBS: []byte("tbs"), Algorithm: []byte("a"), KeyID: "k",
	}, func(issuance.Stored) error { return nil })
	require.NoError(t, err)
	out, err := run(t, "orphans")
	require.NoError(t, err)
	require.Contains(t, out, "0 orphans older than 1m0s")
	_, err = b.Pool.Exec(t.Context(), "UPDATE certificates SET reserved_at = now() - interval '2 minutes'")
	require.NoError(t, err)
	out, err = run(t, "orphans")
	require.NoError(t, err)
	require.Contains(t, out, "order 1: serial 4a of issuer issuing")
	out, err = run(t, "show", "4a")
	require.NoError(t, err)
	require.Contains(t, out, "reserved, not signed yet")
	_, err = run(t, "orphans", "--older", "0s")
	require.Error(t, err)
}
