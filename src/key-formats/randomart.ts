/** The picture of a fingerprint that `ssh-keygen -lv` draws (OpenSSH: sshkey.c, fingerprint_randomart). */

const COLUMNS = 17;
const ROWS = 9;
/** What a place looks like by the number of visits; the last two are the start and the end. */
const VALUES = ' .o+=*BOX@%&#/^SE';
const START = VALUES.length - 2;

const clamp = (at: number, size: number): number => Math.max(0, Math.min(at, size - 1));

/** `algorithm` is the first word of the public key's line, `digest` the SHA-256 of its blob. */
export function randomart(algorithm: string, bits: number, digest: Uint8Array): string {
  const visits = Array.from({ length: ROWS }, () => Array.from({ length: COLUMNS }, () => 0));
  let [x, y] = [COLUMNS >> 1, ROWS >> 1];
  for (const byte of digest) {
    for (let step = 0; step < 8; step += 2) {
      x = clamp(x + ((byte >> step) & 1 ? 1 : -1), COLUMNS);
      y = clamp(y + ((byte >> step) & 2 ? 1 : -1), ROWS);
      visits[y][x] = Math.min(visits[y][x] + 1, START - 1);
    }
  }
  visits[ROWS >> 1][COLUMNS >> 1] = START;
  visits[y][x] = START + 1;
  const lines = visits.map((row) => `|${row.map((each) => VALUES[each]).join('')}|`);
  return [border(titleOf(algorithm, bits)), ...lines, border('[SHA256]')].join('\n');
}

function border(title: string): string {
  const before = '-'.repeat((COLUMNS - title.length) >> 1);
  return `+${(before + title).padEnd(COLUMNS, '-')}+`;
}

/** As in `[ED25519-SK 256]`, without the size where there is no room for it. */
function titleOf(algorithm: string, bits: number): string {
  const family = (/rsa|ecdsa|ed25519/.exec(algorithm)?.[0] ?? 'dsa').toUpperCase();
  const name = family + (algorithm.startsWith('sk-') ? '-SK' : '') + (algorithm.includes('-cert-') ? '-CERT' : '');
  const title = `[${name} ${bits}]`;
  // OpenSSH's buffer takes one byte for the end of the text.
  return (title.length > COLUMNS ? `[${name}]` : title).slice(0, COLUMNS - 1);
}
