// Package payload keeps personal data out of Temporal's history.
//
// Every value that crosses to the server (inputs, results, signals, updates,
// failures) is encrypted with AES-256-GCM under the key of the order it
// belongs to: one key for each run of a workflow id. Erasing the key erases
// the content of that history and of nothing else.
//
// Two kinds of value stay readable, because operators need them and neither
// may carry personal data: plain Go strings (the SDK sends summaries, static
// details and marker names as such) and the SDK's own bookkeeping (the answer
// of the metadata query with the current details, local activity markers).
// A workflow, activity or message therefore never takes or returns a bare
// string: it takes a struct, or a type of its own.
package payload
