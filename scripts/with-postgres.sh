#!/usr/bin/env bash
# Runs a command with the DATABASE_URL of a temporary PostgreSQL:
#   scripts/with-postgres.sh npm test
# Installs Debian's postgresql if none is found. PostgreSQL refuses to run as root, so root runs it as the user postgres.
set -euo pipefail

as_postgres() {
  if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi
}

binaries() {
  { command -v pg_ctl && dirname "$(command -v pg_ctl)"; ls -d /usr/lib/postgresql/*/bin 2>/dev/null; } | grep -v pg_ctl | tail -n 1 || true
}

"$(dirname "$0")/debian-packages.sh" postgres
bin=$(binaries)

directory=$(mktemp -d "${TMPDIR:-/tmp}/latchkey-postgres-XXXXXX")
if [ "$(id -u)" = 0 ]; then chown postgres "$directory"; fi
port=$(node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })')

stop() {
  as_postgres "$bin/pg_ctl" -D "$directory/data" -m immediate stop >/dev/null 2>&1 || true
  rm -rf "$directory"
}
trap stop EXIT

as_postgres "$bin/initdb" -D "$directory/data" -U latchkey -A trust --no-instructions >"$directory.log" 2>&1 ||
  { cat "$directory.log" >&2; exit 1; }
rm -f "$directory.log"
as_postgres "$bin/pg_ctl" -D "$directory/data" -w -l "$directory/log" \
  -o "-c listen_addresses=127.0.0.1 -c port=$port -c unix_socket_directories='$directory' -c max_connections=200" start >/dev/null

DATABASE_URL="postgres://latchkey@127.0.0.1:$port/postgres" "$@"
