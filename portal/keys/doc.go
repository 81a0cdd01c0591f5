// Package keys is what the portal does with keys in the page: it makes a request
// with its key, signs a list, and looks at a certificate before an order. The
// cryptography is WebAssembly of this repository's Go (command wasm), in a worker
// that ends after one operation; private keys and passwords never leave the page.
//
// The built files are in the repository, so that nothing but Go is needed to
// serve them; a test builds them again and compares.
package keys

//go:generate ./build.sh
