package temporal

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	namespacepb "go.temporal.io/api/namespace/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"
	"go.temporal.io/server/common/authorization"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/log"
	server "go.temporal.io/server/temporal"
)

// startTimeout bounds the wait for a started server to answer.
const startTimeout = time.Minute

// Server is a running Temporal server.
type Server struct {
	server server.Server
	// keys are those of tokens; nil where nobody is asked for one.
	keys      interface{ Close() }
	ui        *webUI
	namespace string
	at        endpoints
	// clock is there when time can be ahead of the machine's.
	clock *shifted
}

// Start prepares the databases, starts the server and, if wanted, the Web UI, and returns when the namespace and its search
// attributes can be used. On an error nothing is left running.
func Start(ctx context.Context, opts Options) (*Server, error) {
	opts, err := opts.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("temporal server: %w", err)
	}
	s, err := start(ctx, opts)
	if err != nil {
		return nil, fmt.Errorf("temporal server: %w", err)
	}
	return s, nil
}

func start(ctx context.Context, opts Options) (*Server, error) {
	if opts.Postgres != nil {
		if err := opts.Postgres.prepareSchema(ctx); err != nil {
			return nil, err
		}
	}
	at, err := chooseEndpoints(opts.Listen)
	if err != nil {
		return nil, err
	}
	s := &Server{namespace: opts.Namespace, at: at}
	if opts.Ahead != nil {
		s.clock = &shifted{ahead: opts.Ahead, count: opts.Shards}
	}
	if err := s.build(opts); err != nil {
		return nil, err
	}
	if err := s.server.Start(); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	if err := s.awaitReady(ctx, opts); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	if opts.UIListen != "" {
		if s.ui, err = startUI(ctx, opts, s.HostPort()); err != nil {
			return nil, errors.Join(err, s.Close())
		}
	}
	return s, nil
}

func (s *Server) build(opts Options) error {
	conf := serverConfig(opts, s.at)
	if err := createNamespace(opts, conf.Persistence.DataStores[conf.Persistence.DefaultStore].SQL); err != nil {
		return err
	}
	if opts.LogFile != "" {
		if err := os.MkdirAll(filepath.Dir(opts.LogFile), 0o755); err != nil {
			return err
		}
	}
	logger := log.NewZapLogger(log.BuildZapLogger(log.Config{Level: opts.LogLevel, OutputFile: opts.LogFile}))
	claims := authorization.NewNoopClaimMapper()
	if opts.Authorization != nil {
		keys := authorization.NewDefaultTokenKeyProvider(&conf.Global.Authorization, logger)
		s.keys, claims = keys, authorization.NewDefaultJWTClaimMapper(keys, &conf.Global.Authorization, logger)
	}
	authorizer, err := authorization.GetAuthorizerFromConfig(&conf.Global.Authorization)
	if err != nil {
		return err
	}
	module := server.TopLevelModule
	if s.clock != nil {
		module = s.clock.module()
	}
	s.server, err = server.NewServerFx(module,
		server.WithConfig(conf), server.ForServices(slices.Collect(maps.Keys(conf.Services))), server.WithStaticHosts(s.at.hosts()),
		server.WithLogger(logger), server.WithAuthorizer(authorizer),
		server.WithClaimMapper(func(*config.Config) authorization.ClaimMapper { return claims }),
		server.WithDynamicConfigClient(dynamicSettings(opts)),
	)
	return err
}

// HostPort is the frontend's address, for client.Options.HostPort.
func (s *Server) HostPort() string { return s.at.addr(s.at.frontend) }

// Namespace is the namespace from the options.
func (s *Server) Namespace() string { return s.namespace }

// UIURL is the Web UI's address, empty without a UI.
func (s *Server) UIURL() string {
	if s.ui == nil {
		return ""
	}
	return s.ui.url
}

// Close stops the UI and the server. It may be called once.
func (s *Server) Close() error {
	if s.ui != nil {
		s.ui.close()
	}
	if s.keys != nil {
		defer s.keys.Close()
	}
	if err := s.server.Stop(); err != nil {
		return fmt.Errorf("stop the temporal server: %w", err)
	}
	return nil
}

func (s *Server) awaitReady(ctx context.Context, opts Options) error {
	attributes := opts.SearchAttributes
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	connection := client.Options{HostPort: s.HostPort(), Namespace: s.namespace, Logger: sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler))}
	if opts.Authorization != nil {
		connection.Credentials = client.NewAPIKeyStaticCredentials(opts.Authorization.AdminToken)
		connection.ConnectionOptions.TLSDisabled = true
	}
	c, err := client.NewLazyClient(connection)
	if err != nil {
		return err
	}
	defer c.Close()
	var present map[string]enumspb.IndexedValueType
	err = repeat(ctx, func() error {
		resp, err := c.OperatorService().ListSearchAttributes(ctx, &operatorservice.ListSearchAttributesRequest{Namespace: s.namespace})
		present = resp.GetCustomAttributes()
		return err
	})
	if err != nil {
		return fmt.Errorf("the server does not answer: %w", err)
	}
	if err := s.register(ctx, c, missing(attributes, present)); err != nil {
		return fmt.Errorf("register search attributes: %w", err)
	}
	return repeat(ctx, func() error {
		_, err := c.CountWorkflow(ctx, &workflowservice.CountWorkflowExecutionsRequest{Namespace: s.namespace, Query: usableQuery(attributes)})
		return err
	})
}

// register gives each attribute the first free column of its kind, in the order of their names: the server by itself would choose
// any, and visibility.sql keeps the indexes of the first.
func (s *Server) register(ctx context.Context, c client.Client, attributes map[string]enumspb.IndexedValueType) error {
	if len(attributes) == 0 {
		return nil
	}
	described, err := c.WorkflowService().DescribeNamespace(ctx, &workflowservice.DescribeNamespaceRequest{Namespace: s.namespace})
	if err != nil {
		return err
	}
	_, err = c.WorkflowService().UpdateNamespace(ctx, &workflowservice.UpdateNamespaceRequest{Namespace: s.namespace,
		Config: &namespacepb.NamespaceConfig{CustomSearchAttributeAliases: columns(described.GetConfig().GetCustomSearchAttributeAliases(), attributes)}})
	return err
}

// columns chooses a column for each attribute that those in use do not take.
func columns(used map[string]string, attributes map[string]enumspb.IndexedValueType) map[string]string {
	chosen := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		for n := 1; ; n++ {
			column := fmt.Sprintf("%s%02d", attributes[name], n)
			if used[column] == "" && chosen[column] == "" {
				chosen[column] = name
				break
			}
		}
	}
	return chosen
}

// usableQuery fails as long as the server does not know one of the attributes.
func usableQuery(attributes map[string]enumspb.IndexedValueType) string {
	query := "ExecutionStatus = 'Running'"
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		query += " AND `" + name + "` IS NOT NULL"
	}
	return query
}

// repeat calls f until it succeeds or ctx ends, and returns what f said last.
func repeat(ctx context.Context, f func() error) error {
	poll := time.NewTicker(20 * time.Millisecond)
	defer poll.Stop()
	for {
		err := f()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		case <-poll.C:
		}
	}
}
