#!/bin/sh
# Makes user and folders. Nothing is enabled, started or restarted: the first start wants settings, and an upgrade its migration first.
set -e
case "$1" in
configure)
	systemd-sysusers --root="${DPKG_ROOT:-/}" issuance.conf
	systemd-tmpfiles --root="${DPKG_ROOT:-/}" --create issuance.conf
	if [ -z "$DPKG_ROOT" ] && [ -d /run/systemd/system ]; then
		systemctl daemon-reload
	fi
	if [ ! -e "$DPKG_ROOT/etc/issuance/issuance.env" ]; then
		echo "issuance: write /etc/issuance/issuance.env (a sample is in /usr/share/doc/issuance/examples), then: systemctl enable --now issuance-api issuance-worker"
	elif [ -n "$2" ]; then
		echo "issuance: upgraded from $2; the running processes go on as they are until: systemctl restart issuance-migrate issuance-api issuance-worker"
	fi
	;;
esac
