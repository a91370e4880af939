#!/usr/bin/env bash
# Installs what suites run and the machine lacks, of Debian's packages; where all is there it does nothing:
#   scripts/debian-packages.sh cli guests
#   scripts/debian-packages.sh            what all suites run
set -euo pipefail

# The programs of a suite, with their packages where these have other names.
programs() {
  case $1 in
    browser) echo chromium ssh-keygen:openssh-client ;;
    cli) echo ssh-keygen:openssh-client openssl zsh fish python3:python3-minimal xorriso ;;
    clients) echo openstack:python3-openstackclient nova:python3-novaclient tempest keystone-wsgi-public:keystone \
      htpasswd:apache2-utils ;;
    guests) echo cloud-init xorriso genisoimage isoinfo:genisoimage ssh-keygen:openssh-client openssl ip:iproute2 \
      unshare:util-linux losetup:mount blkid:util-linux ;;
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
      command -v "${program%%:*}" >/dev/null || echo "${program#*:}"
    done
  done | sort -u | tr '\n' ' '
}

# Debian keeps some programs where not everyone looks.
PATH=$PATH:/usr/sbin:/sbin$(printf ':%s' /usr/lib/postgresql/*/bin)
[ $# -gt 0 ] || set -- browser cli clients guests packaging postgres
packages=$(packages_missing "$@")
[ -n "$packages" ] || exit 0

# Suites may run side by side: one installs, and the others then find it done.
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
echo "Installing $packages" >&2
$as_root apt-get update -qq
# shellcheck disable=SC2086 # each word is a package
$as_root env DEBIAN_FRONTEND=noninteractive \
  apt-get install -y -qq -o DPkg::Lock::Timeout=600 --no-install-recommends $packages >/dev/null
