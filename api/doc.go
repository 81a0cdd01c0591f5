// Package api is the HTTP side of remote issuance: a thin layer of Gin that
// authenticates, reads input, sends updates and signals to the workflows and
// answers from the read model. openapi.yaml is its contract.
package api
