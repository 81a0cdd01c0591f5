#!/bin/sh
# Creates Temporal's two databases and brings their schemas up to date.
set -eu
SQL_PASSWORD=$(cat /run/secrets/postgres_password)
export SQL_PASSWORD
for name in temporal temporal_visibility; do
  schema=temporal
  [ "$name" = temporal_visibility ] && schema=visibility
  temporal-sql-tool --db "$name" create-database
  # Setting up a database that has a schema fails; updating it is what counts.
  temporal-sql-tool --db "$name" setup-schema -v 0.0 || true
  temporal-sql-tool --db "$name" update-schema --schema-name "postgresql/v12/$schema"
done
