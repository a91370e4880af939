import { shellWord } from '../../domain/shell-word.js';
import type { StoredGuest } from '../../persistence/repositories/guest.repository.js';
import { acceptedPrincipals } from '../../ssh-ca/principals.js';
import { AUTHORITY_KEYS_PATH, KRL_PATH } from '../formats/guest-files.js';

/** Where guests reach the metadata service, unless PHONE_HOME_URL is set. */
const DEFAULT_URL = 'http://169.254.169.254';

/** What goes into the configuration of sshd of a guest. */
interface SshdTrust {
  /** The lines of TrustedUserCAKeys. */
  readonly keys: readonly string[];
  readonly krl: Buffer;
  readonly url: string | undefined;
}

/**
 * A script for the first boot, in POSIX sh. It makes sshd trust the authority for the named accounts and refuse what is revoked, and keeps
 * both up to date. The list of revoked certificates comes first and is replaced whole: without it sshd admits no user.
 */
export function sshdSetup(guest: StoredGuest, { keys, krl, url = DEFAULT_URL }: SshdTrust): string {
  const base = url.replace(/\/+$/, '');
  const principals = acceptedPrincipals(guest).join('\n');
  return `#!/bin/sh
# Makes sshd accept the certificates of Latchkey, for the accounts below.
set -eu
umask 022
mkdir -p /etc/ssh/latchkey_principals /etc/ssh/sshd_config.d /usr/local/libexec
base64 -d > /etc/ssh/latchkey.krl.new <<'END'
${krl.toString('base64')}
END
mv /etc/ssh/latchkey.krl.new /etc/ssh/latchkey.krl
cat > /etc/ssh/latchkey_ca.pub <<'END'
${keys.join('\n')}
END
for user in ${(guest.loginUsers ?? []).map(shellWord).join(' ')}; do
  cat > "/etc/ssh/latchkey_principals/$user" <<'END'
${principals}
END
done
cat > /etc/ssh/sshd_config.d/60-latchkey.conf <<'END'
TrustedUserCAKeys /etc/ssh/latchkey_ca.pub
AuthorizedPrincipalsFile /etc/ssh/latchkey_principals/%u
RevokedKeys /etc/ssh/latchkey.krl
END
cat > /usr/local/libexec/latchkey-ca-refresh <<'END'
#!/bin/sh
# Takes over what the authority revoked, and its next keys. What cannot be read leaves the files as they are.
set -eu
cd /etc/ssh
trap 'rm -f latchkey.krl.new latchkey_ca.pub.new' EXIT
curl -fsS -m 10 -o latchkey.krl.new ${shellWord(`${base}/${KRL_PATH}`)}
ssh-keygen -Q -l -f latchkey.krl.new > /dev/null
mv latchkey.krl.new latchkey.krl
curl -fsS -m 10 -o latchkey_ca.pub.new ${shellWord(`${base}/${AUTHORITY_KEYS_PATH}`)}
ssh-keygen -l -f latchkey_ca.pub.new > /dev/null
mv latchkey_ca.pub.new latchkey_ca.pub
END
chmod 755 /usr/local/libexec/latchkey-ca-refresh
if command -v systemctl > /dev/null && [ -d /run/systemd/system ]; then
  cat > /etc/systemd/system/latchkey-ca.service <<'END'
[Service]
Type=oneshot
ExecStart=/usr/local/libexec/latchkey-ca-refresh
END
  cat > /etc/systemd/system/latchkey-ca.timer <<'END'
[Timer]
OnBootSec=30s
OnUnitActiveSec=60s
[Install]
WantedBy=timers.target
END
  systemctl daemon-reload
  systemctl enable --now latchkey-ca.timer
  systemctl reload ssh 2> /dev/null || systemctl reload sshd
fi
`;
}
