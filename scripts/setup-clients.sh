#!/usr/bin/env bash
# Installs what "npm run test:clients" drives: OpenStack's own clients, its test suite Tempest, and a Keystone, all of
# Debian's packages. Does nothing where they are there already.
set -euo pipefail

declare -A packages=(
  [openstack]=python3-openstackclient
  [nova]=python3-novaclient
  [tempest]=tempest
  [keystone-wsgi-public]=keystone
  [htpasswd]=apache2-utils
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
