// Package config reads the configuration of each process from environment
// variables, once, at its start. Everything wrong with it is reported at once;
// secrets are never printed. docs/configuration.md is generated from the tags
// of the structs here.
package config
