// Package operation is what pages do with certificates and keys: describe a
// certificate, make a request with a key of its own, sign a document. It runs
// in a browser and in tests alike; nothing is kept between calls.
package operation
