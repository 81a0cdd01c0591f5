#!/bin/sh
# Makes the tokens by which API, worker and migrations come to the Temporal
# server, and the key set by which it knows them, into deploy/secrets. Run again
# it renews them, each in its file, while everything runs: tokens are good for
# 400 days. The key that signs is not kept; the one before stays in the set, and
# tokens change once the server has read the set (it does so every minute).
# Roles: docs/security.md.
set -eu
umask 077
here=$(cd "$(dirname "$0")" && pwd)
secrets=${1:-$here/secrets}
namespace=${TEMPORAL_NAMESPACE:-remote-issuance}
mkdir -p "$secrets"
cd "$secrets"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

base64url() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }
octets() { fold -w 2 | while read -r hex || [ -n "$hex" ]; do printf "\\$(printf %03o "0x$hex")"; done; }

openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$work/key" 2>/dev/null
id=$(openssl pkey -in "$work/key" -pubout -outform DER | openssl dgst -sha256 -r | cut -c1-16)
modulus=$(openssl rsa -in "$work/key" -noout -modulus | cut -d= -f2 | octets | base64url)

# A key of the set a line, the newest first; a file that is mounted is written
# in place, or the container would go on with the old one.
{
  printf '{"keys":[\n{"kty":"RSA","use":"sig","alg":"RS256","kid":"%s","n":"%s","e":"AQAB"}\n' "$id" "$modulus"
  if [ -s temporal_token_keys ]; then printf ',' && sed -n 2p temporal_token_keys; fi
  printf ']}\n'
} > "$work/set"
renewed=
[ ! -s temporal_token_keys ] || renewed=yes
cat "$work/set" > temporal_token_keys
[ -z "$renewed" ] || sleep "${TEMPORAL_KEYS_READ_AFTER:-90}"

token() { # FILE SUBJECT PERMISSION...
  file=$1 subject=$2
  shift 2
  now=$(date +%s)
  list=$(printf ',"%s"' "$@")
  head=$(printf '{"alg":"RS256","typ":"JWT","kid":"%s"}' "$id" | base64url)
  body=$(printf '{"sub":"%s","iat":%d,"exp":%d,"permissions":[%s]}' "$subject" "$now" $((now + 400 * 86400)) "${list#,}" | base64url)
  signature=$(printf '%s.%s' "$head" "$body" | openssl dgst -sha256 -sign "$work/key" | base64url)
  printf '%s.%s.%s\n' "$head" "$body" "$signature" > "$work/token"
  cat "$work/token" > "$file"
}
token temporal_api_token api "$namespace:write"
token temporal_worker_token worker "$namespace:worker" "$namespace:write"
token temporal_migrate_token migrate temporal-system:admin
