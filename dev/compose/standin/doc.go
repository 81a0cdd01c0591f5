// Package standin builds images under the names that docker-compose.yml and
// Dockerfile ask for, on machines that reach Debian's packages and Go modules
// but no image registry. They behave like the official ones where the
// composition touches them; Differences lists where they do not.
package standin
