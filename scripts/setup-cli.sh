#!/usr/bin/env bash
# Installs what "npm run test:cli" has as witnesses: OpenSSH, OpenSSL, shells, a terminal and a reader of images, all of
# Debian's packages. Does nothing where they are there already.
set -euo pipefail

declare -A packages=(
  [ssh-keygen]=openssh-client
  [openssl]=openssl
  [zsh]=zsh
  [fish]=fish
  [python3]=python3-minimal
  [xorriso]=xorriso
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
