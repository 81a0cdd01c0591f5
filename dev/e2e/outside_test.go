package e2e_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/dev/postgres"
	"github.com/remote-issuance/remote-issuance/dev/stack"
	"github.com/remote-issuance/remote-issuance/dev/temporal"
)

// A stack on a database and a Temporal server from outside prepares both and serves orders there.
func TestServersFromOutsideAreUsed(t *testing.T) {
	dir := t.TempDir()
	cluster, err := postgres.Start(t.Context(), postgres.Options{DataDir: filepath.Join(dir, "outside")})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, cluster.Close()) })
	require.NoError(t, cluster.CreateDatabase(t.Context(), "elsewhere"))
	server, err := temporal.Start(t.Context(), temporal.Options{
		Namespace: "somebody-elses", LogFile: filepath.Join(dir, "temporal.log"),
		Postgres: &temporal.Postgres{Addr: cluster.Addr(), User: postgres.User, Password: cluster.Password()},
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Close()) })

	s, err := stack.Start(t.Context(), stack.Options{
		DataDir: filepath.Join(dir, "stack"), WithoutUI: true,
		DatabaseURL: cluster.URL("elsewhere"), TemporalAddress: server.HostPort(),
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	require.Equal(t, server.HostPort(), s.URLs.Temporal)
	w := newWorld(t, s)
	p := w.employee()
	o := w.waiting(p, w.upload(p, 1))
	require.NotEmpty(t, w.workflowOf(w.temporal(), o.Number))
}
