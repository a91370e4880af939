import { checkHash } from './passwords.js';

/** The file of users has errors, a line each. */
export class InvalidHtpasswd extends Error {
  constructor(readonly problems: readonly string[]) {
    super(problems.join('\n'));
    this.name = 'InvalidHtpasswd';
  }
}

/** Body `USER:HASH` lines as "htpasswd -B" writes them. Throws {@link InvalidHtpasswd}, never with a name or a hash. */
export function readHtpasswd(text: string): ReadonlyMap<string, string> {
  const hashes = new Map<string, string>();
  const lines = new Map<string, number>();
  const problems: string[] = [];
  for (const [at, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const [, user, hash] = /^([^:]+):([^:]+)$/.exec(line) ?? [];
    if (user === undefined || !hash.startsWith('$2') || !isReadable(hash)) {
      problems.push(`line ${at + 1} must be USER:HASH with a bcrypt hash, as "htpasswd -B" writes it`);
    } else if (hashes.has(user)) {
      // The name may be a password in the wrong place.
      problems.push(`line ${at + 1} names the user of line ${lines.get(user)} again`);
    } else {
      hashes.set(user, hash);
      lines.set(user, at + 1);
    }
  }
  if (problems.length > 0) throw new InvalidHtpasswd(problems);
  return hashes;
}

function isReadable(hash: string): boolean {
  try {
    checkHash(hash);
    return true;
  } catch {
    return false;
  }
}
