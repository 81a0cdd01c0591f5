package temporal

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"
	"go.temporal.io/sdk/worker"
	"google.golang.org/grpc"

	"github.com/remote-issuance/remote-issuance/dev/postgres"
)

func startServer(t *testing.T, opts Options) *Server {
	t.Helper()
	begin := time.Now()
	opts.Namespace = "orders"
	s, err := Start(t.Context(), opts)
	require.NoError(t, err)
	t.Logf("server ready after %s", time.Since(begin).Round(time.Millisecond))
	return s
}

func dial(t *testing.T, s *Server, forward func(string) time.Duration) client.Client {
	t.Helper()
	opts := client.Options{HostPort: s.HostPort(), Namespace: s.Namespace(), Logger: sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler))}
	if forward != nil {
		opts.ConnectionOptions.DialOptions = []grpc.DialOption{grpc.WithChainUnaryInterceptor(SkipTime(forward))}
	}
	c, err := client.DialContext(t.Context(), opts)
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return c
}

func work(t *testing.T, c client.Client) worker.Worker {
	t.Helper()
	w := worker.New(c, queue, worker.Options{})
	w.RegisterWorkflow(waiting)
	require.NoError(t, w.Start())
	return w
}

func begin(t *testing.T, c client.Client, id string) client.WorkflowRun {
	t.Helper()
	run, err := c.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: id, TaskQueue: queue}, waiting)
	require.NoError(t, err)
	return run
}

func result(t *testing.T, run client.WorkflowRun) outcome {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	var out outcome
	require.NoError(t, run.Get(ctx, &out))
	return out
}

// requireWholeTerm allows for the second or so that the server needs to let five days pass; not a moment less is allowed.
func requireWholeTerm(t *testing.T, out outcome) {
	t.Helper()
	require.Equal(t, "expired", out.End)
	require.GreaterOrEqual(t, out.Passed, visibility)
	require.Less(t, out.Passed, visibility+time.Minute)
}

// TestD1_FiveDaysPassOnTheRealServer: the whole term, a stop on the third day, and a start together with an update.
func TestD1_FiveDaysPassOnTheRealServer(t *testing.T) {
	t.Parallel()
	s := startServer(t, Options{TimeSkipping: true, SearchAttributes: attributes()})
	defer func() { require.NoError(t, s.Close()) }()
	c := dial(t, s, func(id string) time.Duration {
		if id == "day three" || id == "two stops" {
			return 72 * time.Hour
		}
		return 0
	})
	defer work(t, c).Stop()

	t.Run("expires", func(t *testing.T) {
		at := time.Now()
		out := result(t, begin(t, c, "expires"))
		t.Logf("five days took %s", time.Since(at).Round(time.Millisecond))
		requireWholeTerm(t, out)
	})
	t.Run("approved on day three", func(t *testing.T) {
		run := begin(t, c, "day three")
		require.NoError(t, AwaitForward(t.Context(), c, s.Namespace(), "day three"))
		require.NoError(t, c.SignalWorkflow(t.Context(), "day three", "", approve, nil))
		out := result(t, run)
		require.Equal(t, "approved", out.End)
		require.InDelta(t, 72, out.Passed.Hours(), 0.1)
	})
	t.Run("two stops, then the end", func(t *testing.T) {
		run := begin(t, c, "two stops")
		require.NoError(t, AwaitForward(t.Context(), c, s.Namespace(), "two stops"))
		require.NoError(t, Forward(t.Context(), c, s.Namespace(), "two stops", "day four", 24*time.Hour))
		desc, err := c.DescribeWorkflowExecution(t.Context(), "two stops", "")
		require.NoError(t, err)
		require.Equal(t, enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING, desc.WorkflowExecutionInfo.Status)
		require.NoError(t, RunOn(t.Context(), c, s.Namespace(), "two stops"))
		require.Equal(t, "expired", result(t, run).End)
	})
	t.Run("update with start", func(t *testing.T) {
		start := c.NewWithStartWorkflowOperation(client.StartWorkflowOptions{ID: "with update", TaskQueue: queue,
			WorkflowIDConflictPolicy: enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING}, waiting)
		handle, err := c.UpdateWithStartWorkflow(t.Context(), client.UpdateWithStartWorkflowOptions{StartWorkflowOperation: start,
			UpdateOptions: client.UpdateWorkflowOptions{UpdateName: approval, WaitForStage: client.WorkflowUpdateStageCompleted}})
		require.NoError(t, err)
		var answer string
		require.NoError(t, handle.Get(t.Context(), &answer))
		require.Equal(t, "waiting", answer)
		run, err := start.Get(t.Context())
		require.NoError(t, err)
		requireWholeTerm(t, result(t, run))
	})
}

func TestStart_RefusesWhatCannotWork(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { require.NoError(t, l.Close()) }()
	for name, opts := range map[string]Options{
		"a namespace is required":   {},
		"missing port in address":   {Namespace: "orders", Listen: "127.0.0.1"},
		"address already in use":    {Namespace: "orders", Listen: l.Addr().String()},
		"schema: failed to connect": {Namespace: "orders", Postgres: &Postgres{Addr: "127.0.0.1:1", User: "nobody"}},
	} {
		_, err := Start(t.Context(), opts)
		require.ErrorContains(t, err, name)
	}
}

// TestD5_RestartKeepsWorkflowAndHistory tells a whole life on PostgreSQL: first start, a workflow that waits, a restart on another
// port, the approval, and the listing by search attribute.
func TestD5_RestartKeepsWorkflowAndHistory(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	t.Cleanup(func() { require.NoError(t, postgres.Remove(data)) })
	cluster, err := postgres.Start(t.Context(), postgres.Options{DataDir: data})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, cluster.Close()) })
	opts := Options{Postgres: &Postgres{Addr: cluster.Addr(), User: postgres.User, Password: cluster.Password()}, UIListen: "127.0.0.1:0",
		LogFile: filepath.Join(data, "logs", "temporal.log"), SearchAttributes: attributes(), Codec: Codec{Endpoint: "http://127.0.0.1:9/codec"}}

	s := startServer(t, opts)
	runID := startAndWait(t, s)
	at := time.Now()
	require.NoError(t, s.Close())
	t.Logf("stopped in %s", time.Since(at).Round(time.Millisecond))

	// A newer program knows one attribute more, and registers it in a namespace that is there already.
	opts.SearchAttributes["PayBy"] = enumspb.INDEXED_VALUE_TYPE_DATETIME
	s = startServer(t, opts)
	defer func() { require.NoError(t, s.Close()) }()
	requireUI(t, s)
	c := dial(t, s, nil)
	listed, err := c.CountWorkflow(t.Context(), countRequest("OrderStage = 'awaiting-approval' AND PayBy IS NULL AND ExecutionStatus = 'Running'"))
	require.NoError(t, err)
	require.EqualValues(t, 1, listed.GetCount())
	history := c.GetWorkflowHistory(t.Context(), "kept", runID, false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	first, err := history.Next()
	require.NoError(t, err)
	require.Equal(t, enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED, first.GetEventType())

	defer work(t, c).Stop()
	require.NoError(t, c.SignalWorkflow(t.Context(), "kept", runID, approve, nil))
	require.Equal(t, "approved", result(t, c.GetWorkflow(t.Context(), "kept", runID)).End)
}

func countRequest(query string) *workflowservice.CountWorkflowExecutionsRequest {
	return &workflowservice.CountWorkflowExecutionsRequest{Query: query}
}

// startAndWait leaves a workflow that waits for its approval, and returns its run id.
func startAndWait(t *testing.T, s *Server) string {
	t.Helper()
	c := dial(t, s, nil)
	w := work(t, c)
	defer w.Stop()
	run := begin(t, c, "kept")
	require.Eventually(t, func() bool {
		count, err := c.CountWorkflow(t.Context(), countRequest("OrderStage = 'awaiting-approval'"))
		return err == nil && count.GetCount() == 1
	}, 10*time.Second, 50*time.Millisecond)
	return run.GetRunID()
}

func requireUI(t *testing.T, s *Server) {
	t.Helper()
	for path, want := range map[string]string{"/": "<html", "/api/v1/namespaces/orders": `"name": "orders"`, "/api/v1/settings": "http://127.0.0.1:9/codec"} {
		resp, err := http.Get(s.UIURL() + path)
		require.NoError(t, err)
		body, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		require.Equal(t, http.StatusOK, resp.StatusCode, path)
		require.Contains(t, string(body), want)
	}
}
