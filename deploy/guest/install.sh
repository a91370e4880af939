#!/bin/sh
# Makes the keys of accounts follow Latchkey, instead of those of the first boot:  install.sh [--timer] USER...
# Run it as root in the guest, which needs curl. With --timer a file is written each minute; otherwise sshd asks at each log-in.
set -eu
umask 022
timer=
if [ "${1-}" = --timer ]; then
  timer=yes
  shift
fi
if [ $# -eq 0 ]; then
  echo 'Name the accounts: install.sh [--timer] USER...' >&2
  exit 2
fi
here=$(dirname "$0")
libexec=/usr/local/libexec
account=latchkey-keys
mkdir -p "$libexec" /etc/ssh/latchkey /etc/ssh/sshd_config.d
install -m 755 "$here/latchkey-keys" "$here/latchkey-keys-write" "$libexec/"
id "$account" > /dev/null 2>&1 || useradd --system --no-create-home --shell /usr/sbin/nologin "$account"
install -d -m 700 -o "$([ -n "$timer" ] && echo root || echo "$account")" /var/cache/latchkey-keys
[ -z "${LATCHKEY_URL-}" ] || printf "LATCHKEY_URL='%s'\n" "$LATCHKEY_URL" > /etc/latchkey-keys.conf

for user in "$@"; do
  printf 'Match User %s\n' "$user"
  if [ -n "$timer" ]; then
    printf '  AuthorizedKeysFile /etc/ssh/latchkey/%%u\n'
  else
    printf '  AuthorizedKeysFile none\n  AuthorizedKeysCommand %s/latchkey-keys %%u\n' "$libexec"
    printf '  AuthorizedKeysCommandUser %s\n' "$account"
  fi
done > /etc/ssh/sshd_config.d/61-latchkey-keys.conf

if [ -n "$timer" ]; then
  "$libexec/latchkey-keys-write" "$@"
  printf '[Service]\nType=oneshot\nExecStart=%s/latchkey-keys-write %s\n' "$libexec" "$*" \
    > /etc/systemd/system/latchkey-keys.service
  printf '[Timer]\nOnBootSec=10s\nOnUnitActiveSec=60s\n[Install]\nWantedBy=timers.target\n' \
    > /etc/systemd/system/latchkey-keys.timer
fi
if [ -d /run/systemd/system ]; then
  systemctl daemon-reload
  [ -z "$timer" ] || systemctl enable --now latchkey-keys.timer
  systemctl reload ssh 2> /dev/null || systemctl reload sshd
fi
