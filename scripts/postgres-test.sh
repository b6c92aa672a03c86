#!/bin/sh
# Starts a PostgreSQL server that tests may use and that leaves nothing behind.
#
#   scripts/postgres-test.sh start [DIR]   prints the address to stand in CHARTROOM_TEST_POSTGRES
#   scripts/postgres-test.sh stop  [DIR]   stops it and removes its folder
#
# The cluster, its socket and its log lie in DIR (a new folder under TMPDIR
# where none is given; stop then needs the folder that start used, which the
# address names). It listens on a Unix socket only. PostgreSQL refuses to run
# as root, so root runs it as the user postgres that Debian's package makes.
# PG_BIN names the folder of initdb and pg_ctl where it is not found.
set -eu

usage() {
	echo "usage: $0 start [DIR] | stop DIR" >&2
	exit 2
}

[ $# -ge 1 ] || usage

find_bin() {
	if [ -n "${PG_BIN:-}" ]; then
		echo "$PG_BIN"
	elif command -v initdb >/dev/null 2>&1; then
		dirname "$(command -v initdb)"
	else
		newest=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
		if [ -z "$newest" ]; then
			echo "PostgreSQL is not installed: apt-get install postgresql" >&2
			exit 1
		fi
		echo "$newest"
	fi
}

as_owner() {
	if [ "$(id -u)" -eq 0 ]; then
		setpriv --reuid postgres --regid postgres --clear-groups env HOME="$dir" "$@"
	else
		"$@"
	fi
}

bin=$(find_bin)
case "$1" in
start)
	if [ $# -ge 2 ]; then
		dir=$2
		mkdir -p "$dir"
	else
		dir=$(mktemp -d "${TMPDIR:-/tmp}/chartroom-postgres-XXXXXX")
	fi
	dir=$(cd "$dir" && pwd)
	if [ "$(id -u)" -eq 0 ]; then
		chown postgres "$dir"
	fi
	chmod 700 "$dir"
	if [ ! -f "$dir/data/PG_VERSION" ]; then
		as_owner "$bin/initdb" -D "$dir/data" -U chartroom --auth=trust --encoding=UTF8 --locale=C --no-instructions >"$dir/initdb.log" 2>&1 ||
			{ cat "$dir/initdb.log" >&2; exit 1; }
	fi
	if ! as_owner "$bin/pg_ctl" -D "$dir/data" status >/dev/null 2>&1; then
		as_owner "$bin/pg_ctl" -D "$dir/data" -l "$dir/server.log" -w -s \
			-o "-c listen_addresses='' -c unix_socket_directories='$dir' -c max_connections=200" start ||
			{ cat "$dir/server.log" >&2; exit 1; }
	fi
	echo "postgres://chartroom@/postgres?host=$dir"
	;;
stop)
	[ $# -ge 2 ] || usage
	dir=$2
	[ -f "$dir/data/PG_VERSION" ] || exit 0
	as_owner "$bin/pg_ctl" -D "$dir/data" -m fast -w -s stop || true
	rm -rf "$dir"
	;;
*)
	usage
	;;
esac
