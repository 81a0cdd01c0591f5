package temporal

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/server/common/cluster"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/dynamicconfig"
	"go.temporal.io/server/common/membership/static"
	"go.temporal.io/server/common/metrics"
	"go.temporal.io/server/common/persistence/sql/sqlplugin/sqlite"
	"go.temporal.io/server/common/primitives"
	sqliteschema "go.temporal.io/server/schema/sqlite"
	"google.golang.org/protobuf/types/known/durationpb"
)

const clusterName = "active"

// clusterID must stay the same over restarts; every stack has its own databases, so that one constant serves all.
const clusterID = "5e1f3c1a-6d0e-4a53-9a54-3a2f1f0c7d11"

func serverConfig(o Options, at endpoints) *config.Config {
	c := &config.Config{}
	c.Global.Membership.MaxJoinDuration = 30 * time.Second
	c.Global.Membership.BroadcastAddress = at.host
	if o.MetricsListen != "" {
		c.Global.Metrics = &metrics.Config{Prometheus: &metrics.PrometheusConfig{ListenAddress: o.MetricsListen, HandlerPath: "/metrics"}}
	}
	c.ClusterMetadata = &cluster.Config{
		FailoverVersionIncrement: 10, MasterClusterName: clusterName, CurrentClusterName: clusterName,
		ClusterInformation: map[string]cluster.ClusterInformation{clusterName: {Enabled: true, InitialFailoverVersion: 1,
			RPCAddress: at.addr(at.frontend), ClusterID: clusterID}},
	}
	c.Persistence = persistence(o)
	c.DCRedirectionPolicy.Policy = "noop"
	c.Services = map[string]config.Service{}
	for name, port := range at.byService() {
		c.Services[string(name)] = config.Service{RPC: config.RPC{GRPCPort: port, BindOnIP: at.host}}
	}
	c.Archival.History.State, c.Archival.Visibility.State = "disabled", "disabled"
	c.NamespaceDefaults.Archival.History.State, c.NamespaceDefaults.Archival.Visibility.State = "disabled", "disabled"
	if o.Authorization == nil {
		c.PublicClient.HostPort = at.addr(at.frontend)
		return c
	}
	// The server's own workers come in by a frontend of theirs, without a token.
	c.Services[string(primitives.InternalFrontendService)] = config.Service{RPC: config.RPC{GRPCPort: at.internal, BindOnIP: at.host}}
	c.Global.Authorization = config.Authorization{
		JWTKeyProvider:       config.JWTKeyProvider{KeySourceURIs: o.Authorization.Keys, RefreshInterval: or(o.Authorization.RefreshEvery, time.Minute)},
		PermissionsClaimName: "permissions", Authorizer: "default", ClaimMapper: "default",
	}
	return c
}

func (e endpoints) byService() map[primitives.ServiceName]int {
	return map[primitives.ServiceName]int{primitives.FrontendService: e.frontend, primitives.HistoryService: e.history,
		primitives.MatchingService: e.matching, primitives.WorkerService: e.worker}
}

func (e endpoints) hosts() map[primitives.ServiceName]static.Hosts {
	hosts := map[primitives.ServiceName]static.Hosts{}
	for name, port := range e.byService() {
		hosts[name] = static.SingleLocalHost(e.addr(port))
	}
	hosts[primitives.InternalFrontendService] = static.SingleLocalHost(e.addr(e.internal))
	return hosts
}

func persistence(o Options) config.Persistence {
	p := config.Persistence{NumHistoryShards: o.Shards, DefaultStore: "main", VisibilityStore: "main"}
	if o.Postgres == nil {
		// Every database in memory needs a name of its own: the cache is shared by name within the process.
		p.DataStores = map[string]config.DataStore{"main": {SQL: &config.SQL{PluginName: sqlite.PluginName, DatabaseName: randomName(),
			ConnectAttributes: map[string]string{"mode": "memory", "cache": "shared"}}}}
		return p
	}
	p.VisibilityStore = "visibility"
	p.DataStores = map[string]config.DataStore{"main": {SQL: o.Postgres.store(o.Postgres.Database)},
		"visibility": {SQL: o.Postgres.store(o.Postgres.VisibilityDatabase)}}
	return p
}

func randomName() string {
	raw := make([]byte, 8)
	_, _ = rand.Read(raw) // never fails since Go 1.24
	return "memory-" + hex.EncodeToString(raw)
}

// createNamespace writes the namespace into the database before the server starts. Over the API it would be there only after the
// server's caches have been refreshed, which is most of the start's time. The package is named for SQLite and works on any store.
func createNamespace(o Options, store *config.SQL) error {
	ns, err := sqliteschema.NewNamespaceConfig(clusterName, o.Namespace, false, maps.Clone(o.SearchAttributes))
	if err != nil {
		return err
	}
	ns.Detail.Config.Retention = durationpb.New(o.Retention)
	if err := sqliteschema.CreateNamespaces(store, ns); err != nil {
		return fmt.Errorf("create namespace %s: %w", o.Namespace, err)
	}
	return nil
}

// dynamicSettings raise the limits that would throttle a single node without a word, and bound the cache that would otherwise grow
// with the number of waiting workflows (it counts entries, 128,000 by default).
func dynamicSettings(o Options) dynamicconfig.StaticClient {
	settings := map[string]any{
		"history.hostLevelCacheMaxSize":        5_000,
		"frontend.namespaceRPS.visibility":     500,
		"frontend.WorkflowTimeSkippingEnabled": o.TimeSkipping,
		"frontend.namespaceCount":              20_000,
	}
	for _, key := range []string{"frontend.rps", "frontend.namespaceRPS", "matching.rps", "history.rps", "frontend.persistenceMaxQPS",
		"matching.persistenceMaxQPS", "history.persistenceMaxQPS"} {
		settings[key] = 50_000
	}
	maps.Copy(settings, o.Dynamic)
	client := dynamicconfig.StaticClient{}
	for _, key := range slices.Sorted(maps.Keys(settings)) {
		client[dynamicconfig.MakeKey(key)] = settings[key]
	}
	return client
}

// missing are the wanted attributes that the namespace does not have yet.
func missing(wanted, present map[string]enumspb.IndexedValueType) map[string]enumspb.IndexedValueType {
	rest := map[string]enumspb.IndexedValueType{}
	for name, kind := range wanted {
		if _, ok := present[name]; !ok {
			rest[name] = kind
		}
	}
	return rest
}
