import { createHash } from 'node:crypto';
import { PUBLISHED_KEYS } from './published-keys.js';

/** What lists know a key by. */
export interface ListableKey {
  /** The RSA modulus, the x of a point, or the 32 bytes of an Ed25519 key. */
  readonly number: Buffer;
  /** The MD5 fingerprint of the key as SSH writes it; undefined for keys that SSH has no form of. */
  readonly sshFingerprint: () => string | undefined;
}

/** Keys that others can have the private half of. */
export interface ListedKeys {
  /** Why a key is on the list; undefined when it is not. */
  flawOf(key: ListableKey): string | undefined;
}

const DIGITS_OF_ID = 16;
const SOURCES: ReadonlyMap<string, string> = new Map(
  Object.entries(PUBLISHED_KEYS).flatMap(([source, ids]) =>
    (ids.match(/.{16}/g) ?? []).map((id): [string, string] => [id, source]),
  ),
);

/** The keys of `published-keys.ts`. */
export const BUNDLED_KEYS: ListedKeys = {
  flawOf({ number }) {
    const source = SOURCES.get(hashOf(number).toString('hex', 0, DIGITS_OF_ID / 2));
    return source && `its private key is published, in ${source}, so anybody can log in with it; make a new key`;
  },
};

const ON_THE_LIST = 'it is on the list of weak keys that others can make as well (CVE-2008-0166); make a new key';

/**
 * Reads a list of weak keys, and adds it to the bundled one: text as in Debian's openssh-blacklist, or the `blocklist.dat` of
 * badkeys. Throws an Error that names the line or record that is wrong.
 */
export function readListedKeys(file: Buffer): ListedKeys {
  const isText = !file
    .subarray(0, 4096)
    .some((byte) => byte > 0x7e || (byte < 0x20 && ![0x09, 0x0a, 0x0d].includes(byte)));
  const has = isText ? readFingerprints(file.toString('latin1')) : readBlocklist(file);
  return { flawOf: (key) => BUNDLED_KEYS.flawOf(key) ?? (has(key) ? ON_THE_LIST : undefined) };
}

// The files of Debian's openssh-blacklist leave out the first 12 of the 32 digits, which costs nothing in certainty.
const DIGITS = 20;

/** A line for each key with the last 20 hex digits of its MD5 fingerprint, or all; lines that begin with # are comments. */
function readFingerprints(text: string): (key: ListableKey) => boolean {
  const digits = new Set<string>();
  for (const [index, line] of text.split('\n').entries()) {
    const hex = line.trim().replaceAll(':', '').toLowerCase();
    if (hex === '' || hex.startsWith('#')) continue;
    if (!/^[0-9a-f]{20,32}$/.test(hex)) {
      throw new Error(`Line ${index + 1} of the list of weak keys is no fingerprint; write 20 to 32 hex digits.`);
    }
    digits.add(hex.slice(-DIGITS));
  }
  return ({ sshFingerprint }) => digits.has((sshFingerprint() ?? '').replaceAll(':', '').slice(-DIGITS));
}

// badkeys, docs/BLOCKLISTFORMAT.md: sorted records of 15 bytes of the SHA-256 of the key's number, and the id of a list.
const RECORD = 16;
const HASH = 15;

function readBlocklist(file: Buffer): (key: ListableKey) => boolean {
  const count = file.length / RECORD;
  if (!Number.isInteger(count)) {
    throw new Error(
      `The list of weak keys has ${file.length} bytes, which are no records of ${RECORD}; fetch it anew.`,
    );
  }
  for (let at = 1; at < count; at++) {
    if (compareAt(file, at, file, at - 1) < 0) {
      throw new Error(`Record ${at + 1} of the list of weak keys is not in order; fetch it anew.`);
    }
  }
  return ({ number }) => {
    const hash = hashOf(number);
    let [from, to] = [0, count];
    while (from < to) {
      const middle = (from + to) >> 1;
      const order = compareAt(file, middle, hash, 0);
      if (order === 0) return true;
      if (order < 0) from = middle + 1;
      else to = middle;
    }
    return false;
  };
}

function compareAt(file: Buffer, at: number, other: Buffer, otherAt: number): number {
  const [start, otherStart] = [at * RECORD, otherAt * RECORD];
  return file.compare(other, otherStart, otherStart + HASH, start, start + HASH);
}

/** Of the number in the fewest bytes, as badkeys has it. */
function hashOf(number: Buffer): Buffer {
  let start = 0;
  while (number[start] === 0) start++;
  return createHash('sha256').update(number.subarray(start)).digest();
}
