#!/usr/bin/env bash
# Runs every fuzz target of the root module for the given time, one after the other.
set -euo pipefail
time=${1:-10s}
grep -rl --include='*_test.go' '^func Fuzz' --exclude-dir=dev . | xargs -n1 dirname | sort -u | while read -r dir; do
  grep -ho '^func Fuzz[A-Za-z0-9_]*' "$dir"/*_test.go | sed 's/^func //' | sort -u | while read -r target; do
    echo "== $dir $target"
    go test -run '^$' -fuzz "^$target\$" -fuzztime "$time" "$dir"
  done
done
