package temporal

import (
	"context"
	"fmt"
	"time"

	"go.temporal.io/server/chasm"
	timesource "go.temporal.io/server/common/clock"
	"go.temporal.io/server/common/dynamicconfig"
	"go.temporal.io/server/common/persistence/serialization"
	"go.temporal.io/server/common/pprof"
	"go.temporal.io/server/common/primitives"
	"go.temporal.io/server/common/resource"
	"go.temporal.io/server/service/history"
	"go.temporal.io/server/service/history/replication"
	"go.temporal.io/server/service/history/shard"
	"go.temporal.io/server/service/history/tasks"
	server "go.temporal.io/server/temporal"
	"go.uber.org/fx"
)

// shifted is the part of the server that writes events and rings timers, with a clock that can be ahead of the machine's.
type shifted struct {
	ahead  func() time.Duration
	shards shard.Controller
	count  int32
}

// module is the server's own, but for the service of histories, which is put together with a time source of ours. The three other
// services measure nothing but durations.
func (h *shifted) module() fx.Option {
	return fx.Options(
		fx.Provide(
			server.NewServerFxImpl, server.ServerOptionsProvider, resource.ArchivalMetadataProvider, server.TaskCategoryRegistryProvider,
			h.service, server.MatchingServiceProvider, server.FrontendServiceProvider, server.InternalFrontendServiceProvider,
			server.WorkerServiceProvider, server.ApplyClusterMetadataConfigProvider,
		),
		dynamicconfig.Module, pprof.Module, server.TraceExportModule, chasm.Module, serialization.Module, server.FxLogAdapter,
		fx.Invoke(server.ServerLifetimeHooks),
	)
}

func (h *shifted) service(params server.ServiceProviderParamsCommon) (server.ServicesGroupOut, error) {
	name := primitives.HistoryService
	app := fx.New(
		params.GetCommonServiceOptions(name), history.QueueModule, history.Module, replication.Module,
		fx.Decorate(func(machine timesource.TimeSource) timesource.TimeSource {
			return timesource.WrapTimeSourceWithTimeSkipping(machine, h.ahead)
		}),
		fx.Populate(&h.shards),
	)
	return server.NewService(app, name, params.Logger), app.Err()
}

// ring lets every shard look which of its timers are due. Each waits for the instant at which the next one was due by the clock
// before it jumped.
func (h *shifted) ring(ctx context.Context) error {
	due := map[tasks.Category][]tasks.Task{tasks.CategoryTimer: {&tasks.UserTimerTask{}}}
	for id := int32(1); id <= h.count; id++ {
		one, err := h.shards.GetShardByID(id)
		if err != nil {
			return fmt.Errorf("history shard %d: %w", id, err)
		}
		engine, err := one.GetEngine(ctx)
		if err != nil {
			return fmt.Errorf("history shard %d: %w", id, err)
		}
		engine.NotifyNewTasks(due)
	}
	return nil
}

// ClockMoved tells the server that Options.Ahead gives more than before: timers that became due ring now.
func (s *Server) ClockMoved(ctx context.Context) error {
	if s.clock == nil {
		return fmt.Errorf("this server goes by the machine's clock")
	}
	return s.clock.ring(ctx)
}
