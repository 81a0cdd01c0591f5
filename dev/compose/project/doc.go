// Package project starts a Compose file with podman: the part of "docker
// compose" that docs/operations.md uses. Podman needs no daemon; podman-compose
// ignores conditions and mangles health checks, so it is driven from here.
package project
