#!/bin/sh
# Makes what docker-compose.yml wants for TLS between Temporal and its clients:
# a CA of its own, and a certificate for the server and for the clients, into
# deploy/secrets. Existing files stay. The CA's key is not kept: to renew, delete
# the five files and run it again.
set -eu
cd "${1:-$(dirname "$0")/secrets}"
if [ -e temporal_ca ]; then
  echo "temporal_ca is there already" >&2
  exit 1
fi
key=$(mktemp)
trap 'rm -f "$key" temporal.csr' EXIT
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1825 -subj "/CN=Temporal of remote-issuance" \
  -addext "basicConstraints=critical,CA:TRUE" -addext "keyUsage=critical,keyCertSign" -keyout "$key" -out temporal_ca
for name in server client; do
  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=temporal $name" -keyout "temporal_${name}_key" -out temporal.csr
  printf 'subjectAltName=DNS:temporal,DNS:localhost\nextendedKeyUsage=serverAuth,clientAuth\nkeyUsage=critical,digitalSignature\n' |
    openssl x509 -req -in temporal.csr -CA temporal_ca -CAkey "$key" -days 1825 -extfile /dev/stdin -out "temporal_${name}_cert"
done
# The containers run as users of their own, and bind-mounted secrets keep the mode of the file.
chmod 0444 temporal_ca temporal_server_cert temporal_server_key temporal_client_cert temporal_client_key
