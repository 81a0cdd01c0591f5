package engine_test

import (
	"context"
	"log/slog"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"github.com/remote-issuance/remote-issuance/internal/config"
	"github.com/remote-issuance/remote-issuance/internal/engine"
	"github.com/remote-issuance/remote-issuance/internal/engine/enginetest"
	"github.com/remote-issuance/remote-issuance/internal/payload"
	"github.com/remote-issuance/remote-issuance/internal/payload/keyring"
	"github.com/remote-issuance/remote-issuance/internal/telemetry"
)

// keys are the keys of workflows, made when they are asked for.
type keys struct{ made sync.Map }

func (k *keys) Current(_ context.Context, workflowID string) (keyring.Key, error) {
	key, _ := k.made.LoadOrStore(workflowID, keyring.NewKey(workflowID, 1))
	return key.(keyring.Key), nil
}

func (k *keys) ByID(context.Context, uuid.UUID) (keyring.Key, error) {
	return keyring.Key{}, keyring.ErrKeyUnknown
}

func connect(t *testing.T, at config.Temporal, change ...engine.Option) client.Client {
	t.Helper()
	cache, err := payload.NewCache(&keys{}, 10)
	require.NoError(t, err)
	log := slog.New(slog.DiscardHandler)
	metrics, err := telemetry.NewMetrics(log)
	require.NoError(t, err)
	c, err := engine.Connect(engine.Options{Temporal: at, Log: log, Metrics: metrics, Keys: cache}, change...)
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return c
}

func TestWhatIsSentToTheServerIsEncrypted(t *testing.T) {
	server := enginetest.New(t)
	c := connect(t, config.Temporal{Address: config.Address(server.Address), Namespace: namespace})
	require.NoError(t, c.SignalWorkflow(t.Context(), "order/1", "", "rejected", map[string]string{"reason": "not an employee any more"}))

	signals := server.Signals()
	require.Len(t, signals, 1)
	require.Equal(t, "order/1", signals[0].WorkflowID)
	require.Len(t, signals[0].Input.GetPayloads(), 1)
	sent := signals[0].Input.GetPayloads()[0]
	require.NotContains(t, string(sent.GetData()), "employee")
	require.NotEqual(t, "json/plain", string(sent.GetMetadata()["encoding"]))
}

func TestConnectingDoesNotWaitForTheServer(t *testing.T) {
	changed := false
	c := connect(t, config.Temporal{Address: "127.0.0.1:1", Namespace: namespace}, func(o *client.Options) {
		changed = true
		require.Equal(t, namespace, o.Namespace)
		require.NotNil(t, o.MetricsHandler)
		require.Nil(t, o.ConnectionOptions.TLS)
	})
	require.NotNil(t, c)
	require.True(t, changed)
}

func TestAwaitEndsWhenTheServerAnswersOrTheContextEnds(t *testing.T) {
	server := enginetest.New(t)
	c := connect(t, config.Temporal{Address: config.Address(server.Address), Namespace: namespace})
	require.NoError(t, engine.Await(t.Context(), c))

	server.Healthy(false)
	ctx, cancel := context.WithCancel(t.Context())
	waiting := make(chan error, 1)
	go func() { waiting <- engine.Await(ctx, c) }()
	cancel()
	require.ErrorContains(t, <-waiting, "does not answer")

	go func() { waiting <- engine.Await(t.Context(), c) }()
	server.Healthy(true)
	require.NoError(t, <-waiting)
}

func TestOnlyWhatLeavesTheMachineIsCompressed(t *testing.T) {
	for address, compressed := range map[string]bool{
		"127.0.0.1:7233": false, "localhost:7233": false, "[::1]:7233": false, "temporal:7233": true, "10.0.0.1:7233": true, "[2001:db8::1]:7233": true,
	} {
		_ = connect(t, config.Temporal{Address: config.Address(address), Namespace: namespace}, func(o *client.Options) {
			require.Equal(t, compressed, o.ConnectionOptions.GrpcCompression == nil, address)
		})
	}
}

func TestM6_SignalsAreBoundToTheirNames(t *testing.T) {
	server := enginetest.New(t)
	c := connect(t, config.Temporal{Address: config.Address(server.Address), Namespace: namespace})
	require.NoError(t, c.SignalWorkflow(t.Context(), "order/1", "", "paid", map[string]string{"paymentId": "1"}))
	require.Equal(t, "signal:paid", string(server.Signals()[0].Input.GetPayloads()[0].GetMetadata()[payload.MetadataPurpose]))
}
