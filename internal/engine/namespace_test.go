package engine_test

import (
	"context"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/remote-issuance/remote-issuance/internal/config"
	"github.com/remote-issuance/remote-issuance/internal/engine"
	"github.com/remote-issuance/remote-issuance/internal/engine/enginetest"
)

const namespace = "remote-issuance-test"

func attributes() []temporal.SearchAttributeKey {
	return []temporal.SearchAttributeKey{
		temporal.NewSearchAttributeKeyKeyword("OrderStage"), temporal.NewSearchAttributeKeyTime("PayBy"),
	}
}

func kinds() map[string]enumspb.IndexedValueType {
	return map[string]enumspb.IndexedValueType{
		"OrderStage": enumspb.INDEXED_VALUE_TYPE_KEYWORD, "PayBy": enumspb.INDEXED_VALUE_TYPE_DATETIME,
	}
}

// plain is a client of a server that starts without anything.
func plain(t *testing.T) (client.Client, *enginetest.Server) {
	t.Helper()
	server := enginetest.New(t)
	c, err := engine.Plain(config.Temporal{Address: config.Address(server.Address), Namespace: namespace}, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return c, server
}

func TestPrepareRegistersWhatIsMissing(t *testing.T) {
	c, server := plain(t)
	for range 2 {
		require.NoError(t, engine.Prepare(t.Context(), c, namespace, attributes()...))
		require.Equal(t, map[string]int64{namespace: 30 * 24 * 60 * 60}, server.Namespaces())
		require.Equal(t, kinds(), server.Attributes())
	}
}

func TestPrepareAddsOnlyNewAttributes(t *testing.T) {
	c, server := plain(t)
	require.NoError(t, engine.Prepare(t.Context(), c, namespace, attributes()[0]))
	require.Len(t, server.Attributes(), 1)
	// The server refuses to add one that it has.
	require.NoError(t, engine.Prepare(t.Context(), c, namespace, attributes()...))
	require.Equal(t, kinds(), server.Attributes())
}

func TestPrepareTwiceAtOnceIsNoError(t *testing.T) {
	c, server := plain(t)
	server.Refuse("RegisterNamespace", serviceerror.NewNamespaceAlreadyExists("another process was faster"))
	server.Refuse("AddSearchAttributes", serviceerror.NewAlreadyExists("another process was faster"))
	require.NoError(t, engine.Prepare(t.Context(), c, namespace, attributes()...))
}

func TestPrepareWaitsForTheServersCaches(t *testing.T) {
	c, server := plain(t)
	lag := serviceerror.NewInvalidArgument("unknown search attribute")
	for method, err := range map[string]error{
		"DescribeNamespace": serviceerror.NewNotFound("not seen yet"), "ListSearchAttributes": serviceerror.NewNamespaceNotFound(namespace),
		"AddSearchAttributes": lag, "ListWorkflowExecutions": lag,
	} {
		server.Refuse(method, err)
	}
	require.NoError(t, engine.Prepare(t.Context(), c, namespace, attributes()...))
	require.Equal(t, kinds(), server.Attributes())
}

func TestPrepareGivesUpWithTheContextAndTellsWhy(t *testing.T) {
	c, server := plain(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	server.Refuse("DescribeNamespace", serviceerror.NewInvalidArgument("no"))
	err := engine.Prepare(ctx, c, namespace, attributes()...)
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorContains(t, err, namespace)
	require.Empty(t, server.Namespaces())
}

func TestPrepareDoesNotKnockAtAClosedDoor(t *testing.T) {
	c, server := plain(t)
	denied := serviceerror.NewPermissionDenied("not yours", "")
	server.Refuse("RegisterNamespace", denied)
	require.ErrorContains(t, engine.Prepare(t.Context(), c, namespace), "not yours")
	server.Refuse("AddSearchAttributes", denied)
	require.ErrorContains(t, engine.Prepare(t.Context(), c, namespace, attributes()...), "not yours")
}
