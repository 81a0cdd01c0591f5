// Package worker is the composition root of the process that runs workflows
// and activities: adapters become ports, ports become activities, and both are
// registered. Beside the Temporal worker it runs the loops that empty the
// outbox of notices and tell workflows of payments.
package worker
