// Package telemetry is what operators see of a process besides Temporal's own
// user interface: structured logs and Prometheus metrics. Neither carries
// personal data: labels and log attributes are ids, routes, codes and numbers.
package telemetry
