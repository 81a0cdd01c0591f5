// Package workflows is what happens to an order, in which order and how long
// it may take: the regulations of services 6.0.00, 6.0.01 and 6.0.02 as code
// that survives any restart.
//
// Everything here is deterministic: no clock but workflow.Now, no randomness,
// no I/O, no ranging over maps. What touches the world is an activity; what
// people and gateways say arrives as an update or a signal.
package workflows
