// Package process holds what every long-running process of the service rests
// on: logs, metrics, database, keys and the connection to Temporal.
package process
