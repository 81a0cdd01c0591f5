#!/bin/sh
# Gives the files of an installation to the users of the containers: mounted
# files keep the owner and the mode that they have on the host. Run it as root
# after every change in deploy/secrets, deploy/ca, deploy/ca-profiles,
# deploy/trust or deploy/roots.
set -eu
cd "${1:-$(dirname "$0")}"
postgres=999 temporal=1000 service=65532

mkdir -p secrets ca ca-profiles trust roots audit statements registers archive
chmod 0700 secrets
own() { # OWNER:GROUP MODE FILE...
  who=$1 mode=$2
  shift 2
  chown "$who" "$@" && chmod "$mode" "$@"
}
(
  cd secrets
  own $postgres:$postgres 0400 postgres_password owner_password service_password postgres_cert postgres_key
  # Read by two users: one as owner, one as group.
  own $postgres:$temporal 0440 temporal_password
  own $service:$temporal 0440 temporal_client_cert temporal_client_key
  own $temporal:$temporal 0400 temporal_server_cert temporal_server_key temporal_token_keys ui_client_secret
  # Certificates of CAs are no secret.
  own 0:0 0444 database_ca temporal_ca
  own $service:$service 0400 database_url owner_database_url temporal_api_token temporal_worker_token temporal_migrate_token \
    portal_session_keys portal_client_secret master_keys id_hash_key ca_key_password audit_key \
    assist_password assist_request_salt assist_result_salt erip_signature_salt renewal_key_password smtp_password sms_password
)
chown -R $service:$service ca
find ca -type d -exec chmod 0500 {} + -o -type f -exec chmod 0400 {} +
chown -R $service:$service trust
find trust -type d -exec chmod 0755 {} + -o -type f -exec chmod 0644 {} +
chmod -R u=rwX,go=rX ca-profiles roots audit
# Files of bank and settlement system come through the group.
own $service:$service 2770 statements registers
own $postgres:$postgres 0700 archive
[ ! -e issuance.env ] || chmod 0600 issuance.env
