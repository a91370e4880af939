#!/bin/sh
# Installs what the guest suite needs and the machine lacks: Debian's cloud-init, programs that make and read ISO 9660 images,
# and those that make a machine of its own. Needs root or sudo for that, and nothing where all is there.
set -eu

missing=''
for pair in cloud-init:cloud-init xorriso:xorriso genisoimage:genisoimage isoinfo:genisoimage ssh-keygen:openssh-client \
  openssl:openssl ip:iproute2 unshare:util-linux losetup:mount blkid:util-linux; do
  command -v "${pair%%:*}" >/dev/null 2>&1 || missing="$missing ${pair#*:}"
done
[ -n "$missing" ] || exit 0

as_root=''
[ "$(id -u)" -eq 0 ] || as_root='sudo -n'
echo "Installing:$missing" >&2
$as_root apt-get update -qq
# shellcheck disable=SC2086 # each word is a package
DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends $missing >/dev/null
