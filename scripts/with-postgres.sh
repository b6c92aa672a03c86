#!/usr/bin/env bash
# Runs a command with a throw-away PostgreSQL at CHARTROOM_TEST_POSTGRES.
# Where that is set already, or PostgreSQL is not installed, it just runs it.
set -euo pipefail
cd "$(dirname "$0")/.."

if [ -n "${CHARTROOM_TEST_POSTGRES:-}" ] || ! { command -v initdb || ls /usr/lib/postgresql/*/bin/initdb; } >/dev/null 2>&1; then
	exec "$@"
fi
dir=$(mktemp -d "${TMPDIR:-/tmp}/chartroom-postgres-XXXXXX")
trap 'scripts/postgres-test.sh stop "$dir"' EXIT
CHARTROOM_TEST_POSTGRES=$(scripts/postgres-test.sh start "$dir")
export CHARTROOM_TEST_POSTGRES
"$@"
