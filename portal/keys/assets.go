package keys

import (
	"embed"
	"io/fs"
)

//go:embed files
var files embed.FS

// Assets are the files for package assets to serve.
func Assets() fs.FS {
	// The folder is embedded: it is there.
	sub, _ := fs.Sub(files, "files")
	return sub
}

// Addresses are where the files of [Assets] are served.
type Addresses struct {
	// Script is the module of the page, Worker the script of its worker, Runtime
	// and Module what the worker runs.
	Script, Worker, Runtime, Module string
}

// AddressesOf asks a store, such as assets.Store, where it serves the files.
func AddressesOf(address func(name string) string) Addresses {
	return Addresses{
		Script: address("keys.js"), Worker: address("keys-worker.js"), Runtime: address("wasm_exec.js"), Module: address("keys.wasm"),
	}
}
