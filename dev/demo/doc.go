// Package demo takes sample orders through the whole service before the
// reader's eyes, over the public HTTP API only: two employees order, one with a
// request that OpenSSL made; their manager signs the list with a bign key and
// pays; the certificates come out of the storage and are verified.
package demo
