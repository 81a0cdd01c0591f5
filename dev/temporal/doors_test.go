package temporal

import (
	"context"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/taskqueue/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"
	"go.temporal.io/server/common/config"
	"go.yaml.in/yaml/v3"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/remote-issuance/remote-issuance/dev/oidc"
)

// doors is a server that asks for tokens as that of docker-compose.yml does: ours are of deploy/temporal-tokens.sh, those of
// operators of the issuer that signs them in.
type doors struct {
	t      *testing.T
	server *Server
	issuer *oidc.Server
	dir    string
}

func openDoors(t *testing.T) *doors {
	t.Helper()
	d := &doors{t: t, dir: t.TempDir()}
	script := exec.Command("sh", "../../deploy/temporal-tokens.sh", d.dir)
	script.Env = append(os.Environ(), "TEMPORAL_NAMESPACE=orders")
	out, err := script.CombinedOutput()
	require.NoError(t, err, string(out))
	d.issuer, err = oidc.Start(oidc.Options{Listen: "127.0.0.1:0", DataDir: d.dir})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, d.issuer.Close()) })
	d.server = startServer(t, Options{
		UIListen: "127.0.0.1:0", SearchAttributes: attributes(), LogFile: filepath.Join(d.dir, "temporal.log"),
		Authorization: &Authorization{
			Keys: []string{"file://" + filepath.Join(d.dir, "temporal_token_keys"), d.issuer.URL() + "/jwks"}, RefreshEvery: time.Second,
			AdminToken: d.ours("migrate"), UIToken: d.operators("temporal-system:read"),
		},
	})
	t.Cleanup(func() { require.NoError(t, d.server.Close()) })
	return d
}

// ours is the token of a process.
func (d *doors) ours(role string) string {
	d.t.Helper()
	raw, err := os.ReadFile(filepath.Join(d.dir, "temporal_"+role+"_token"))
	require.NoError(d.t, err)
	return strings.TrimSpace(string(raw))
}

// operators is a token of the issuer.
func (d *doors) operators(permissions ...string) string {
	d.t.Helper()
	token, err := d.issuer.Issue(oidc.Claims{Subject: "somebody", Scopes: []oidc.Scope{oidc.Applicant}, Permissions: permissions})
	require.NoError(d.t, err)
	return token
}

func (d *doors) client(token string) client.Client {
	d.t.Helper()
	o := client.Options{HostPort: d.server.HostPort(), Namespace: "orders", Logger: sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler))}
	if token != "" {
		o.Credentials, o.ConnectionOptions.TLSDisabled = client.NewAPIKeyStaticCredentials(token), true
	}
	c, err := client.NewLazyClient(o)
	require.NoError(d.t, err)
	d.t.Cleanup(c.Close)
	return c
}

// calls are what somebody may want of the server, from looking to the worst.
func calls(id string) map[string]func(context.Context, client.Client) error {
	return map[string]func(context.Context, client.Client) error{
		"look": func(ctx context.Context, c client.Client) error {
			_, err := c.DescribeWorkflowExecution(ctx, id, "")
			return err
		},
		"list": func(ctx context.Context, c client.Client) error {
			_, err := c.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{Namespace: "orders", PageSize: 1})
			return err
		},
		"history": func(ctx context.Context, c client.Client) error {
			_, err := c.GetWorkflowHistory(ctx, id, "", false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT).Next()
			return err
		},
		"signal": func(ctx context.Context, c client.Client) error { return c.SignalWorkflow(ctx, id, "", "other", nil) },
		"start": func(ctx context.Context, c client.Client) error {
			_, err := c.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: "another", TaskQueue: "nobody"}, waiting)
			return err
		},
		"cancel": func(ctx context.Context, c client.Client) error { return c.CancelWorkflow(ctx, "another", "") },
		"terminate": func(ctx context.Context, c client.Client) error {
			return c.TerminateWorkflow(ctx, "another", "", "for the test")
		},
		"poll": func(ctx context.Context, c client.Client) error {
			ctx, stop := context.WithTimeout(ctx, time.Second)
			defer stop()
			_, err := c.WorkflowService().PollActivityTaskQueue(ctx, pollRequest())
			if err != nil && strings.Contains(err.Error(), "Context timeout is too short") {
				return nil // past the door; nobody waits here for work that does not come
			}
			return err
		},
		"attributes": func(ctx context.Context, c client.Client) error {
			_, err := c.OperatorService().AddSearchAttributes(ctx, &operatorservice.AddSearchAttributesRequest{
				Namespace: "orders", SearchAttributes: map[string]enumspb.IndexedValueType{"Tried": enumspb.INDEXED_VALUE_TYPE_KEYWORD},
			})
			return err
		},
		"namespace": func(ctx context.Context, c client.Client) error {
			_, err := c.WorkflowService().RegisterNamespace(ctx, namespaceRequest())
			return err
		},
	}
}

// order is that of the calls: what ends the other workflow comes last.
var order = []string{"look", "list", "history", "signal", "start", "cancel", "terminate", "poll", "attributes", "namespace"}

func TestTheServersDoors(t *testing.T) {
	t.Parallel()
	d := openDoors(t)
	worker := d.client(d.ours("worker"))
	defer work(t, worker).Stop()
	begin(t, worker, "waits")

	looks := []string{"look", "list", "history"}
	writes := append([]string{"signal", "start", "cancel", "terminate", "poll"}, looks...)
	ours := strings.Split(d.ours("worker"), ".")
	for name, c := range map[string]struct {
		token string
		may   []string
	}{
		"no token":                      {"", nil},
		"not a token":                   {"admin", nil},
		"a person of the portal":        {d.operators(), nil},
		"of another namespace":          {d.operators("somebody-elses:admin"), nil},
		"a role that does not exist":    {d.operators("orders:owner"), nil},
		"signed by nobody":              {ours[0] + "." + ours[1] + ".", nil},
		"another's signature":           {ours[0] + "." + ours[1] + "." + strings.Split(d.ours("api"), ".")[2], nil},
		"the operator's":                {d.operators("temporal-system:read"), looks},
		"an operator of this namespace": {d.operators("orders:read"), looks},
		"the API's":                     {d.ours("api"), writes},
		"the worker's":                  {d.ours("worker"), writes},
		"that of the migrations":        {d.ours("migrate"), order},
	} {
		t.Run(name, func(t *testing.T) {
			tried := d.client(c.token)
			all := calls("waits")
			require.Len(t, order, len(all))
			for _, call := range order {
				// Each who may end the other workflow finds one.
				if call == "signal" {
					_, err := worker.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: "another", TaskQueue: "nobody"}, waiting)
					require.NoError(t, err)
				}
				ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
				err := all[call](ctx, tried)
				cancel()
				if slices.Contains(c.may, call) {
					require.NoError(t, err, call)
					continue
				}
				var denied *serviceerror.PermissionDenied
				require.ErrorAs(t, err, &denied, call)
			}
		})
	}
	require.NoError(t, worker.SignalWorkflow(t.Context(), "waits", "", approve, nil))
	require.Equal(t, "approved", result(t, worker.GetWorkflow(t.Context(), "waits", "")).End, "the worker works on")
	d.requireLookingOnly()
}

// requireLookingOnly: the Web UI shows what the operator's token may see and changes nothing.
func (d *doors) requireLookingOnly() {
	d.t.Helper()
	resp, err := http.Get(d.server.UIURL() + "/api/v1/namespaces/orders/workflows/waits")
	require.NoError(d.t, err)
	require.NoError(d.t, resp.Body.Close())
	require.Equal(d.t, http.StatusOK, resp.StatusCode)
	requireNoWriting(d.t, d.server)
}

// A renewal changes keys and tokens while everything runs, and the token before it lives on beside it.
func TestTokensAreRenewedWhileTheServerRuns(t *testing.T) {
	t.Parallel()
	d := openDoors(t)
	before := d.client(d.ours("worker"))
	renew := exec.Command("sh", "../../deploy/temporal-tokens.sh", d.dir)
	renew.Env = append(os.Environ(), "TEMPORAL_NAMESPACE=orders", "TEMPORAL_KEYS_READ_AFTER=3")
	out, err := renew.CombinedOutput()
	require.NoError(t, err, string(out))
	look := calls("")["list"]
	require.NoError(t, look(t.Context(), before))
	require.NoError(t, look(t.Context(), d.client(d.ours("worker"))))
}

// The settings of docker-compose.yml make the official image's configuration one that asks for tokens.
func TestTheCompositionsSettingsRender(t *testing.T) {
	raw, err := os.ReadFile("../../docker-compose.yml")
	require.NoError(t, err)
	var file struct {
		Services map[string]struct {
			Environment map[string]string `yaml:"environment"`
		} `yaml:"services"`
	}
	require.NoError(t, yaml.Unmarshal(raw, &file))
	for name, value := range file.Services["temporal"].Environment {
		t.Setenv(name, value)
	}
	t.Setenv("TEMPORAL_JWT_KEY_SOURCE2", "https://id.example.by/jwks")
	c, err := config.Load(config.WithEmbedded())
	require.NoError(t, err)
	a := c.Global.Authorization
	require.Equal(t, "default", a.Authorizer)
	require.Equal(t, "default", a.ClaimMapper)
	require.Equal(t, "permissions", a.PermissionsClaimName)
	require.Equal(t, []string{"file:///run/secrets/temporal_token_keys", "https://id.example.by/jwks"}, a.JWTKeyProvider.KeySourceURIs)
	require.Equal(t, time.Minute, a.JWTKeyProvider.RefreshInterval)
	require.True(t, c.Global.TLS.Frontend.Server.RequireClientAuth)
	require.Empty(t, c.PublicClient.HostPort, "the server's own workers do not come by the door that asks for tokens")
	var services []string
	for name := range c.Services {
		services = append(services, name)
	}
	require.ElementsMatch(t, strings.Split(os.Getenv("TEMPORAL_SERVICES"), ","), services)
}

func pollRequest() *workflowservice.PollActivityTaskQueueRequest {
	return &workflowservice.PollActivityTaskQueueRequest{Namespace: "orders", TaskQueue: &taskqueue.TaskQueue{Name: "nobody"}}
}

func namespaceRequest() *workflowservice.RegisterNamespaceRequest {
	return &workflowservice.RegisterNamespaceRequest{Namespace: "of-mine", WorkflowExecutionRetentionPeriod: durationpb.New(24 * time.Hour)}
}
