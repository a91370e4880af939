/** Keys that are known to be weak by name, such as those of Debian's random generator (CVE-2008-0166). */
export interface ListedKeys {
  has(fingerprint: string): boolean;
}

export const NO_LISTED_KEYS: ListedKeys = { has: () => false };

// The files of Debian's openssh-blacklist leave out the first 12 of the 32 digits, which costs nothing in certainty.
const DIGITS = 20;

/**
 * Reads a list as Debian's package openssh-blacklist has it, `blacklist.RSA-2048` and so on: a line for each key with the
 * last 20 hex digits of its MD5 fingerprint. Whole fingerprints are fine too, and lines that begin with # are skipped.
 */
export function readListedKeys(text: string): ListedKeys {
  const digits = new Set<string>();
  for (const [index, line] of text.split('\n').entries()) {
    const hex = line.trim().replaceAll(':', '').toLowerCase();
    if (hex === '' || hex.startsWith('#')) continue;
    if (!/^[0-9a-f]{20,32}$/.test(hex)) {
      throw new Error(`Line ${index + 1} of the list of weak keys is no fingerprint: 20 hex digits are wanted.`);
    }
    digits.add(hex.slice(-DIGITS));
  }
  return { has: (fingerprint) => digits.has(fingerprint.replaceAll(':', '').slice(-DIGITS)) };
}
