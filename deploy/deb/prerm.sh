#!/bin/sh
# Ends the processes before their program goes; an upgrade leaves them running.
set -e
if [ "$1" = remove ] && [ -z "$DPKG_ROOT" ] && [ -d /run/systemd/system ]; then
	systemctl disable --now issuance-api.service issuance-worker.service issuance-migrate.service
fi
