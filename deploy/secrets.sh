#!/bin/sh
# Makes the secrets of an installation into deploy/secrets: passwords, keys,
# addresses of the database, certificates of PostgreSQL and Temporal. Files that
# are there stay, so that running it again makes what is missing. Secrets that
# others give (payment gateways, mail, short messages) are made as empty files.
set -eu
umask 077
here=$(cd "$(dirname "$0")" && pwd)
secrets=${1:-$here/secrets}
public=${2:-$here/audit}
mkdir -p "$secrets" "$public"
cd "$secrets"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Hexadecimal digits: letters of base64 would have to be escaped in an address.
made() { [ -e "$1" ] || { "$2" > "$work/new" && mv "$work/new" "$1"; }; }
password() { openssl rand -hex 32; }
master_keys() { printf 'm1:%s\n' "$(openssl rand -base64 32)"; }
session_keys() { printf 's1:%s\n' "$(openssl rand -base64 32)"; }
hash_key() { openssl rand -base64 32; }
audit_key() { openssl genpkey -algorithm ed25519; }
address() { printf 'postgres://%s:%s@postgres:5432/issuance?sslmode=verify-full&sslrootcert=/run/secrets/database_ca\n' "$1" "$(cat "$2")"; }
service_address() { address issuance service_password; }
owner_address() { address issuance_owner owner_password; }
empty() { :; }

for name in postgres_password owner_password service_password temporal_password ca_key_password ui_client_secret; do
  made "$name" password
done
made master_keys master_keys
made id_hash_key hash_key
made audit_key audit_key
made portal_session_keys session_keys
made database_url service_address
made owner_database_url owner_address
for name in portal_client_secret assist_password assist_request_salt assist_result_salt erip_signature_salt renewal_key_password smtp_password sms_password; do
  made "$name" empty
done
# The public half verifies old checkpoints when the key has been replaced.
openssl pkey -in audit_key -pubout -out "$public/$(openssl pkey -in audit_key -pubout -outform DER | openssl dgst -sha256 -r | cut -c1-16).pub.pem"

# A CA for each of the two servers; its key is not kept. To renew, delete its
# certificate and what it issued, and run this again.
ca() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1825 -subj "/CN=$2 of remote-issuance" \
    -addext "basicConstraints=critical,CA:TRUE" -addext "keyUsage=critical,keyCertSign" -keyout "$work/$1.key" -out "$1" 2>/dev/null
}
issue() {
  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$2" -keyout "$2_key" -out "$work/csr" 2>/dev/null
  printf 'subjectAltName=DNS:%s,DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth,clientAuth\nkeyUsage=critical,digitalSignature\n' "$3" > "$work/extensions"
  openssl x509 -req -in "$work/csr" -CA "$1" -CAkey "$work/$1.key" -days 1825 -extfile "$work/extensions" -out "$2_cert" 2>/dev/null
}
if [ ! -e database_ca ]; then
  ca database_ca PostgreSQL
  issue database_ca postgres postgres
fi
if [ ! -e temporal_ca ]; then
  ca temporal_ca Temporal
  issue temporal_ca temporal_server temporal
  issue temporal_ca temporal_client temporal
fi
[ -e temporal_token_keys ] || sh "$here/temporal-tokens.sh" "$PWD"
