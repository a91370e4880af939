#!/usr/bin/env bash
# Installs what "npm run test:packaging" has as witnesses, of Debian's packages: systemd-analyze, docker-compose, which
# checks a file without an engine, OpenSSH, psql and pg_dump. Does nothing
# where they are there already.
set -euo pipefail

declare -A packages=(
  [systemd-analyze]=systemd
  [docker-compose]=docker-compose
  [ssh-keygen]=openssh-client
  [openssl]=openssl
  [pg_dump]=postgresql-client
  [psql]=postgresql-client
)

missing=()
for command in "${!packages[@]}"; do
  command -v "$command" >/dev/null || missing+=("${packages[$command]}")
done
[ "${#missing[@]}" -eq 0 ] && exit 0

root=()
[ "$(id -u)" -eq 0 ] || root=(sudo)
"${root[@]}" apt-get update
"${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}"
