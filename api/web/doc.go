// Package web has what every handler of the API needs: problem documents and
// their texts, bearer tokens, idempotency keys, reading what comes in, and the
// limits of what one caller may take.
package web
