package telemetry

import (
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"
)

// poolFigure is one number of a connection pool.
type poolFigure struct {
	desc  *prometheus.Desc
	kind  prometheus.ValueType
	value func(*pgxpool.Stat) float64
}

// poolCollector reads the pool when Prometheus asks, never in between.
type poolCollector struct {
	stat    func() *pgxpool.Stat
	figures []poolFigure
}

// NewPoolCollector describes a pgx pool: pool.Stat is what it takes.
func NewPoolCollector(stat func() *pgxpool.Stat) prometheus.Collector {
	figure := func(name, help string, kind prometheus.ValueType, value func(*pgxpool.Stat) float64) poolFigure {
		return poolFigure{desc: prometheus.NewDesc("pgxpool_"+name, help, nil, nil), kind: kind, value: value}
	}
	const gauge, counter = prometheus.GaugeValue, prometheus.CounterValue
	return &poolCollector{stat: stat, figures: []poolFigure{
		figure("max_connections", "Most connections the pool may open.", gauge,
			func(s *pgxpool.Stat) float64 { return float64(s.MaxConns()) }),
		figure("total_connections", "Connections open or being opened.", gauge,
			func(s *pgxpool.Stat) float64 { return float64(s.TotalConns()) }),
		figure("acquired_connections", "Connections in use.", gauge,
			func(s *pgxpool.Stat) float64 { return float64(s.AcquiredConns()) }),
		figure("idle_connections", "Connections open and not in use.", gauge,
			func(s *pgxpool.Stat) float64 { return float64(s.IdleConns()) }),
		figure("acquires_total", "Connections taken from the pool.", counter,
			func(s *pgxpool.Stat) float64 { return float64(s.AcquireCount()) }),
		figure("acquire_seconds_total", "Time spent taking connections from the pool.", counter,
			func(s *pgxpool.Stat) float64 { return s.AcquireDuration().Seconds() }),
		figure("empty_acquires_total", "Times the pool was empty and the caller waited.", counter,
			func(s *pgxpool.Stat) float64 { return float64(s.EmptyAcquireCount()) }),
		figure("canceled_acquires_total", "Callers that gave up waiting.", counter,
			func(s *pgxpool.Stat) float64 { return float64(s.CanceledAcquireCount()) }),
		figure("new_connections_total", "Connections opened.", counter,
			func(s *pgxpool.Stat) float64 { return float64(s.NewConnsCount()) }),
	}}
}

// Describe names the figures.
func (c *poolCollector) Describe(out chan<- *prometheus.Desc) {
	for _, f := range c.figures {
		out <- f.desc
	}
}

// Collect reads all figures from one snapshot.
func (c *poolCollector) Collect(out chan<- prometheus.Metric) {
	s := c.stat()
	for _, f := range c.figures {
		out <- prometheus.MustNewConstMetric(f.desc, f.kind, f.value(s))
	}
}
