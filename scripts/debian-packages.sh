#!/usr/bin/env bash
# Installs the Debian packages that suites need and the machine lacks; if none is missing it does nothing:
#   scripts/debian-packages.sh cli guests
#   scripts/debian-packages.sh            what all suites need
set -euo pipefail

# The programs of a suite, or files, with their packages where these have other names.
programs() {
  case $1 in
    boot) echo debootstrap qemu-system-x86_64:qemu-system-x86 mkfs.ext4:e2fsprogs setpriv:util-linux xorriso \
      ssh-keygen:openssh-client openssl ;;
    browser) echo chromium ssh-keygen:openssh-client openssl puttygen:putty-tools xorriso \
      sshd:openssh-server unshare:util-linux openstack:python3-openstackclient zbarimg:zbar-tools ;;
    cli) echo ssh-keygen:openssh-client openssl zsh fish python3:python3-minimal xorriso \
      oathtool zbarimg:zbar-tools \
      curl nft:nftables virt-xml-validate:libvirt-clients xmllint:libxml2-utils ;;
    cluster) echo patroni /usr/lib/python3/dist-packages/etcd:python3-etcd etcd:etcd-server haproxy pgbouncer \
      initdb:postgresql ;;
    clients) echo openstack:python3-openstackclient nova:python3-novaclient tempest keystone-wsgi-public:keystone \
      htpasswd:apache2-utils oathtool chromium ssh-keygen:openssh-client \
      /var/lib/openstack-dashboard/static/dashboard/manifest.json:openstack-dashboard \
      /usr/lib/python3/dist-packages/libcloud:python3-libcloud \
      /usr/lib/rabbitmq/bin/rabbitmq-server:rabbitmq-server /usr/lib/python3/dist-packages/oslo_messaging:python3-oslo.messaging ;;
    guests) echo cloud-init xorriso genisoimage isoinfo:genisoimage ssh-keygen:openssh-client openssl ip:iproute2 \
      unshare:util-linux losetup:mount blkid:util-linux mcopy:mtools fsck.vfat:dosfstools \
      sshd:openssh-server curl ;;
    packaging) echo systemd-analyze:systemd docker-compose ssh-keygen:openssh-client openssl pg_dump:postgresql-client \
      psql:postgresql-client mariadbd:mariadb-server pgbouncer xz:xz-utils zstd ;;
    postgres) echo initdb:postgresql ;;
    *) echo "There is no suite $1." >&2; return 2 ;;
  esac
}

packages_missing() {
  local suite program all
  for suite in "$@"; do
    all=$(programs "$suite") || return
    for program in $all; do
      command -v "${program%%:*}" >/dev/null || [ -e "${program%%:*}" ] || echo "${program#*:}"
    done
  done | sort -u | tr '\n' ' '
}

# Debian installs some programs outside the usual PATH.
PATH=$PATH:/usr/sbin:/sbin$(printf ':%s' /usr/lib/postgresql/*/bin)
[ $# -gt 0 ] || set -- boot browser cli clients cluster guests packaging postgres
packages=$(packages_missing "$@")
[ -n "$packages" ] || exit 0

# Suites may run side by side: one installs, and the others then find nothing missing.
exec 9<"$0"
flock 9
packages=$(packages_missing "$@")
[ -n "$packages" ] || exit 0
as_root=''
[ "$(id -u)" -eq 0 ] || as_root=sudo
if ! type apt-get ${as_root:+"$as_root"} >/dev/null 2>&1; then
  echo "These packages of Debian are missing, and nothing here can install them: $packages" >&2
  exit 1
fi
install() {
  # shellcheck disable=SC2086 # each word is a package
  $as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq -o DPkg::Lock::Timeout=600 --no-install-recommends $packages >/dev/null
}

echo "Installing $packages" >&2
$as_root apt-get update -qq
# Horizon's package compiles its stylesheets when it is set up, and that compiler crashes now and then.
install || install
