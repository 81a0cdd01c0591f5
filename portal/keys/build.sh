#!/bin/sh
# Builds the WebAssembly of the pages into files/, the same octets on every
# machine with the Go of go.mod. Go's own loader of it comes along.
set -eu
cd "$(dirname "$0")"
GOWORK=off GOFLAGS= GOEXPERIMENT= GOWASM= GOOS=js GOARCH=wasm go build -trimpath -buildvcs=false -gcflags=std=-l -ldflags='-s -w' -o "${1:-files}/keys.wasm" ./wasm
cp "$(go env GOROOT)/lib/wasm/wasm_exec.js" "${1:-files}/wasm_exec.js"
