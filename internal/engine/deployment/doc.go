// Package deployment routes workflows to builds of the worker: which is
// current, which gets a share, which has nothing left to do. It speaks of one
// Worker Deployment of a Temporal server.
package deployment
