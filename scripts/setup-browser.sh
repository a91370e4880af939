#!/usr/bin/env bash
# Installs what "npm run test:browser" drives: Debian's Chromium, and OpenSSH for keys. Does nothing where they are there already.
set -euo pipefail

declare -A packages=(
  [chromium]=chromium
  [ssh-keygen]=openssh-client
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
