package worker

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
	sdkworker "go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/remote-issuance/remote-issuance/internal/ca"
	"github.com/remote-issuance/remote-issuance/internal/config"
	"github.com/remote-issuance/remote-issuance/internal/engine"
	"github.com/remote-issuance/remote-issuance/internal/engine/enginetest"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/process"
)

func TestACanaryFindsWhatABuildLacks(t *testing.T) {
	c, _ := installation(t)
	answers := httptest.NewServer(http.NotFoundHandler())
	defer answers.Close()
	broken := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }))
	defer broken.Close()
	require.NoError(t, c.Registers.EGR.UnmarshalText([]byte(answers.URL)))
	require.NoError(t, c.Registers.GRP.UnmarshalText([]byte(broken.URL)))
	c.Deployment = config.Deployment{Name: "orders", BuildID: "1.1.0", Patches: config.PatchesHold}
	base, err := process.Open(t.Context(), "test", c.Common)
	require.NoError(t, err)
	defer base.Close()
	made, err := compose(t.Context(), base, c)
	require.NoError(t, err)

	canary := made.activities.Canary
	database, err := canary.ProbeDatabase(t.Context())
	require.NoError(t, err)
	require.Empty(t, database.Fault)
	report, err := canary.ProbeNeighbours(t.Context())
	require.NoError(t, err)
	require.Equal(t, "1.1.0", report.Build)
	require.Equal(t, "hold", report.Patches)
	faults := map[string]string{}
	for _, f := range report.Findings {
		faults[f.Name] = f.Fault
	}
	require.Len(t, faults, 6)
	require.Empty(t, faults["key of bign"])
	require.Empty(t, faults["register egr"], "who answers that nothing is there answers")
	require.Contains(t, faults["register taxpayers"], "502")
	require.NotEmpty(t, faults["register population"], "nobody listens there")

	_, err = base.Pool.Exec(t.Context(), "DELETE FROM goose_db_version WHERE version_id = (SELECT max(version_id) FROM goose_db_version)")
	require.NoError(t, err)
	database, err = canary.ProbeDatabase(t.Context())
	require.NoError(t, err)
	require.Contains(t, database.Fault, "issuance migrate of this build has to run first")
}

// lister notes the lists that it is asked to sign.
type lister struct {
	ca.Issuer
	signed [][]byte
}

func (l *lister) SignCRL(ctx context.Context, list ca.CRL) ([]byte, error) {
	der, err := l.Issuer.SignCRL(ctx, list)
	l.signed = append(l.signed, der)
	return der, err
}

func TestTheProbeOfAKeySignsWhatHasNeverHeld(t *testing.T) {
	b := newBench(t)
	l := &lister{Issuer: b.issuers.All()[0]}
	require.NoError(t, probeKey(t.Context(), l))
	require.Len(t, l.signed, 1)
	list, err := pki.ParseCRL(l.signed[0])
	require.NoError(t, err)
	require.Equal(t, 1970, list.NextUpdate.UTC().Year(), "nobody believes a list of then")
	require.Empty(t, list.Entries)
}

func TestWorkersHaveVersionsOnlyInADeployment(t *testing.T) {
	require.Equal(t, sdkworker.DeploymentOptions{}, deploymentOptions(config.Deployment{BuildID: "1.0.0"}))
	o := deploymentOptions(config.Deployment{Name: "orders", BuildID: "1.0.0"})
	require.True(t, o.UseVersioning)
	require.Equal(t, sdkworker.WorkerDeploymentVersion{DeploymentName: "orders", BuildID: "1.0.0"}, o.Version)
	require.Equal(t, workflow.VersioningBehaviorAutoUpgrade, o.DefaultVersioningBehavior, "decision 0020")

	require.Nil(t, preferredVersion(config.PatchesAdopt))
	held := preferredVersion(config.PatchesHold)(sdkworker.PreferredVersionProviderInput{MinSupported: 1, MaxSupported: 3})
	require.Equal(t, &sdkworker.VersionPreference{Version: workflow.DefaultVersion, ClampToSupportedRange: true}, held)

	c, _ := installation(t)
	c.Deployment.Name = "orders"
	require.ErrorIs(t, Run(t.Context(), c), errUnnamedBuild)
}

func TestAWorkerSaysWhyItGetsNothing(t *testing.T) {
	server := enginetest.New(t)
	c, err := engine.Plain(config.Temporal{Address: config.Address(server.Address), Namespace: "test"}, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	defer c.Close()
	var out bytes.Buffer
	looks := awaitsCurrent(c, config.Temporal{Namespace: "test"}, config.Deployment{Name: "orders", BuildID: "1.0.0"}, slog.New(slog.NewTextHandler(&out, nil)))
	require.NoError(t, looks.once(t.Context()))
	require.Empty(t, out.String(), "nobody has polled yet")
	d := &enginetest.Deployment{Name: "orders", Builds: []string{"1.0.0"}}
	server.Deploy(d)
	require.NoError(t, looks.once(t.Context()))
	require.Contains(t, out.String(), "issuance deploy current")
	out.Reset()
	d.Current = "1.0.0"
	require.NoError(t, looks.once(t.Context()))
	require.Empty(t, out.String())
}
