#!/bin/sh
# Runs once, in a new cluster, as its superuser: a role for each who comes, none
# of them superuser. issuance_owner owns the tables and is for migrations only;
# issuance uses them; temporal owns the databases of Temporal.
set -eu
psql -v ON_ERROR_STOP=1 --no-psqlrc --quiet --username "$POSTGRES_USER" --dbname postgres \
  -v owner_password="$(cat /run/secrets/owner_password)" \
  -v service_password="$(cat /run/secrets/service_password)" \
  -v temporal_password="$(cat /run/secrets/temporal_password)" <<'SQL'
CREATE ROLE issuance_owner LOGIN PASSWORD :'owner_password';
CREATE ROLE issuance LOGIN PASSWORD :'service_password';
CREATE ROLE temporal LOGIN PASSWORD :'temporal_password';
CREATE DATABASE issuance OWNER issuance_owner;
CREATE DATABASE temporal OWNER temporal;
CREATE DATABASE temporal_visibility OWNER temporal;
REVOKE ALL ON DATABASE issuance, temporal, temporal_visibility FROM PUBLIC;
GRANT CONNECT ON DATABASE issuance TO issuance;
\connect issuance
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO issuance;
ALTER DEFAULT PRIVILEGES FOR ROLE issuance_owner IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO issuance;
ALTER DEFAULT PRIVILEGES FOR ROLE issuance_owner IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO issuance;
SQL
# Nobody comes over the network without TLS.
sed -i 's/^host[[:space:]]\+all[[:space:]]\+all[[:space:]]\+all[[:space:]]/hostssl all all all /' "$PGDATA/pg_hba.conf"
