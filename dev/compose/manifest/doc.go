// Package manifest reads a Compose file: the parts of the Compose Specification
// (https://github.com/compose-spec/compose-spec/blob/main/spec.md) that
// docker-compose.yml uses. A key that is not known is an error, not left out.
package manifest
