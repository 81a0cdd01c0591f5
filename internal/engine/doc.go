// Package engine connects processes to the Temporal server: encrypted
// payloads, logs, metrics, TLS, and the namespace with its search attributes.
package engine
