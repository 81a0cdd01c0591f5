// Package webhook tells clients of events by HTTP, by the rules of Standard
// Webhooks (https://www.standardwebhooks.com): signed, at least once, on a
// schedule of retries, each endpoint on its own.
package webhook
