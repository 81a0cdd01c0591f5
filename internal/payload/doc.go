// Package payload keeps personal data out of Temporal's history.
//
// Every value that crosses to the server (inputs, results, signals, updates,
// failures) is encrypted with AES-256-GCM under the key of the order it
// belongs to: one key for each run of a workflow id. Erasing the key erases
// the content of that history and of nothing else.
//
// What comes from outside is believed only when it is encrypted under the key
// of the very workflow that reads it, and for the very message or activity:
// whoever can write to the Temporal server, but has no keys, can neither make a
// value nor move one. A forged input ends its workflow, a forged signal or
// update has no effect, a forged result of an activity stops the workflow's
// task until an operator looks.
//
// Two kinds of value stay readable, because operators need them and neither
// may carry personal data: plain Go strings (the SDK sends summaries, static
// details and marker names as such) and the SDK's own bookkeeping (the answer
// of the metadata query with the current details, local activity markers).
// A workflow, activity or message therefore never takes or returns a bare
// string: it takes a struct, or a type of its own.
package payload
