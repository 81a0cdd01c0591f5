#!/bin/sh
# Keys and secrets cannot be made again: not even a purge deletes them.
set -e
if [ -z "$DPKG_ROOT" ] && [ -d /run/systemd/system ]; then
	systemctl daemon-reload
fi
if [ "$1" = purge ]; then
	for dir in /etc/issuance /var/lib/issuance; do
		if [ -d "$DPKG_ROOT$dir" ]; then
			echo "issuance: $dir is left, with keys that nobody can make again; delete it yourself when nothing needs them"
		fi
	done
fi
