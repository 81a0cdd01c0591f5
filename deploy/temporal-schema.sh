#!/bin/sh
# Brings the schemas of Temporal's two databases up to date.
set -eu
SQL_PASSWORD=$(cat /run/secrets/temporal_password)
export SQL_PASSWORD
for name in temporal temporal_visibility; do
  schema=temporal
  [ "$name" = temporal_visibility ] && schema=visibility
  # Setting up a database that has a schema fails; updating it is what counts.
  temporal-sql-tool --db "$name" setup-schema -v 0.0 || true
  temporal-sql-tool --db "$name" update-schema --schema-name "postgresql/v12/$schema"
done
