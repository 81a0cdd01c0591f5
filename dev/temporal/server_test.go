package temporal

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
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
	requireListed(t, c)
	requireFewIndexes(t, *opts.Postgres)
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

// requireListed asks each question that operators and this service ask.
func requireListed(t *testing.T, c client.Client) {
	t.Helper()
	for query, want := range map[string]int64{
		"OrderStage = 'awaiting-approval' AND PayBy IS NULL AND ExecutionStatus = 'Running'": 1,
		"WorkflowId = 'kept'": 1, "WorkflowId STARTS_WITH 'ke'": 1, "WorkflowType = 'waiting' AND ExecutionStatus = 'Running'": 1,
		"PayBy < '2026-01-01T00:00:00Z'": 0, "ExecutionStatus = 'Completed'": 0, "StartTime > '2026-01-01T00:00:00Z'": 1,
		"TaskQueue = '" + queue + "'": 1, "TemporalNamespaceDivision = 'TemporalScheduler'": 0,
	} {
		listed, err := c.CountWorkflow(t.Context(), countRequest(query))
		require.NoError(t, err, query)
		require.Equal(t, want, listed.GetCount(), query)
	}
	page, err := c.ListWorkflow(t.Context(), &workflowservice.ListWorkflowExecutionsRequest{Query: "OrderStage = 'awaiting-approval'"})
	require.NoError(t, err)
	require.Len(t, page.GetExecutions(), 1)
	require.Equal(t, "kept", page.GetExecutions()[0].GetExecution().GetWorkflowId())
}

// requireFewIndexes: each index of the visibility table is written at every change of every workflow.
func requireFewIndexes(t *testing.T, p Postgres) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), p.url("temporal_visibility"))
	require.NoError(t, err)
	defer func() { require.NoError(t, conn.Close(t.Context())) }()
	var indexes int
	require.NoError(t, conn.QueryRow(t.Context(), "SELECT count(*) FROM pg_indexes WHERE tablename = 'executions_visibility'").Scan(&indexes))
	require.Equal(t, 8, indexes)
	// The attributes are found by their indexes, not by reading the table.
	_, err = conn.Exec(t.Context(), "SET enable_seqscan = off")
	require.NoError(t, err)
	var plan []byte
	require.NoError(t, conn.QueryRow(t.Context(), `EXPLAIN (FORMAT JSON) SELECT run_id FROM executions_visibility
		WHERE namespace_id = 'x' AND Keyword04 = 'y' ORDER BY (COALESCE(close_time, '9999-12-31 23:59:59')) DESC, start_time DESC, run_id LIMIT 10`).Scan(&plan))
	require.Contains(t, string(plan), "by_keyword_04")
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
	requireNoWriting(t, s)
}

// requireNoWriting: the UI's own API would carry any message to a workflow, in the name of whoever can open the UI.
func requireNoWriting(t *testing.T, s *Server) {
	t.Helper()
	page, err := http.Get(s.UIURL() + "/")
	require.NoError(t, err)
	require.NoError(t, page.Body.Close())
	for _, path := range []string{
		"/workflows/kept/signal/" + approve, "/workflows/kept/terminate", "/workflows/kept/cancel", "/workflows/kept/reset",
		"/workflows/kept/update/" + approval, "/workflows/new", "/batch-operations/1", "/schedules/daily/patch",
	} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.UIURL()+"/api/v1/namespaces/orders"+path, strings.NewReader("{}"))
		require.NoError(t, err)
		request.Header.Set("Content-Type", "application/json")
		for _, cookie := range page.Cookies() {
			request.AddCookie(cookie)
			request.Header.Set("X-CSRF-TOKEN", cookie.Value)
		}
		resp, err := http.DefaultClient.Do(request)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		require.Equal(t, http.StatusMethodNotAllowed, resp.StatusCode, path)
	}
}

func TestAttributesTakeTheFirstFreeColumns(t *testing.T) {
	keyword, datetime := enumspb.INDEXED_VALUE_TYPE_KEYWORD, enumspb.INDEXED_VALUE_TYPE_DATETIME
	all := map[string]enumspb.IndexedValueType{"PayBy": datetime, "OrderStage": keyword, "OrderNumber": keyword, "Organisation": keyword}
	for range 20 {
		require.Equal(t, map[string]string{"Keyword01": "OrderNumber", "Keyword02": "OrderStage", "Keyword03": "Organisation", "Datetime01": "PayBy"},
			columns(nil, all))
		require.Equal(t, map[string]string{"Keyword01": "OrderNumber", "Keyword03": "OrderStage", "Keyword04": "Organisation", "Datetime02": "PayBy"},
			columns(map[string]string{"Keyword02": "Theirs", "Datetime01": "TheirsToo"}, all))
	}
}
