import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { KeyFlaw } from './invalid-key.js';
import { PUBLISHED_KEYS } from './published-keys.js';
import { greatestCommonDivisor } from './rsa/integer-math.js';

/** The values by which lists identify a key. */
export interface ListableKey {
  /** The RSA modulus, the x of a point, or the 32 bytes of an Ed25519 key. */
  readonly number: Buffer;
  /** The MD5 fingerprint of the key as SSH writes it; undefined for keys that SSH has no form of. */
  readonly sshFingerprint: () => string | undefined;
}

/** Keys whose private half may be known to others. */
export interface ListedKeys {
  /** Why a key is on the list; undefined when it is not. */
  flawOf(key: ListableKey): KeyFlaw | undefined;
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
    if (source === undefined) return undefined;
    return weak(`its private key is ${source}, so anybody can log in with it; make a new key`);
  },
};

const weak = (reason: string): KeyFlaw => ({ code: 'listed-weak', reason });

const ON_THE_LIST = weak('it is on the list of weak keys that others can make as well (CVE-2008-0166); make a new key');

/** A list of weak keys that cannot be used: the setting, the file, what is wrong in it, and what to do. */
export class InvalidKeyList extends Error {
  constructor(path: string, problem: string, options?: ErrorOptions) {
    super(`WEAK_KEYS_FILE: ${path} ${problem}`, options);
    this.name = 'InvalidKeyList';
  }
}

/**
 * The bundled list, and those in files: text as in Debian's openssh-blacklist, the `blocklist.dat` of badkeys, or its
 * `primes2048.dat` and the like. Commas stand between paths. Throws InvalidKeyList.
 */
export function listedKeys(paths = ''): ListedKeys {
  const lists = [BUNDLED_KEYS, ...paths.split(',').filter(Boolean).map(readList)];
  return {
    flawOf(key) {
      for (const list of lists) {
        const flaw = list.flawOf(key);
        if (flaw !== undefined) return flaw;
      }
      return undefined;
    },
  };
}

function readList(path: string): ListedKeys {
  const file = readFile(path);
  if (file.subarray(0, MPZ.length).equals(MPZ)) return readSharedPrimes(file);
  const isText = !file
    .subarray(0, 4096)
    .some((byte) => byte > 0x7e || (byte < 0x20 && ![0x09, 0x0a, 0x0d].includes(byte)));
  const has = isText ? readFingerprints(path, file.toString('latin1')) : readBlocklist(path, file);
  return { flawOf: (key) => (has(key) ? ON_THE_LIST : undefined) };
}

function readFile(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new InvalidKeyList(path, `cannot be read (${code}); name a file that the service may read.`, { cause });
  }
}

type Contains = (key: ListableKey) => boolean;

// How gmpy2 begins a positive integer, which follows with its least byte first. The first hash of a long sorted list is less.
const MPZ = Buffer.of(1, 1);

/** The product of primes that keys of different owners had in common: Heninger and others, "Mining Your Ps and Qs", 2012. */
function readSharedPrimes(file: Buffer): ListedKeys {
  const product = BigInt(`0x0${Buffer.from(file.subarray(MPZ.length).toReversed()).toString('hex')}`);
  const hasSharedPrime: Contains = ({ number }) => {
    // Points of curves have at most 66 bytes.
    if (number.length < 128) return false;
    const modulus = BigInt(`0x${number.toString('hex')}`);
    return greatestCommonDivisor(modulus, product % modulus) !== 1n;
  };
  return { flawOf: (key) => (hasSharedPrime(key) ? SHARES_A_PRIME : undefined) };
}

const SHARES_A_PRIME = weak(
  'its RSA modulus shares a prime with keys of others, so anybody can compute the private key; make a new key',
);

// The files of Debian's openssh-blacklist leave out the first 12 of the 32 digits, which costs nothing in certainty.
const DIGITS = 20;

/** A line for each key with the last 20 hex digits of its MD5 fingerprint, or all; lines that begin with # are comments. */
function readFingerprints(path: string, text: string): Contains {
  const digits = new Set<string>();
  for (const [index, line] of text.split('\n').entries()) {
    const hex = line.trim().replaceAll(':', '').toLowerCase();
    if (hex === '' || hex.startsWith('#')) continue;
    if (!/^[0-9a-f]{20,32}$/.test(hex)) {
      throw new InvalidKeyList(path, `has no fingerprint in line ${index + 1}; write 20 to 32 hex digits there.`);
    }
    digits.add(hex.slice(-DIGITS));
  }
  if (digits.size === 0) throw new InvalidKeyList(path, 'lists no key; fetch it anew, or unset the variable.');
  return ({ sshFingerprint }) => digits.has((sshFingerprint() ?? '').replaceAll(':', '').slice(-DIGITS));
}

// badkeys, docs/BLOCKLISTFORMAT.md: sorted records of 15 bytes of the SHA-256 of the key's number, and the id of a list.
const RECORD = 16;
const HASH = 15;

function readBlocklist(path: string, file: Buffer): Contains {
  const count = file.length / RECORD;
  if (!Number.isInteger(count)) {
    throw notABlocklist(path, `its ${file.length} bytes are no records of ${RECORD}`);
  }
  for (let at = 1; at < count; at++) {
    if (compareAt(file, at, file, at - 1) < 0) {
      throw notABlocklist(path, `its record ${at + 1} is not in order`);
    }
  }
  return ({ number }) => {
    const digest = hashOf(number);
    let [from, to] = [0, count];
    while (from < to) {
      const middle = (from + to) >> 1;
      const order = compareAt(file, middle, digest, 0);
      if (order === 0) return true;
      if (order < 0) from = middle + 1;
      else to = middle;
    }
    return false;
  };
}

function notABlocklist(path: string, why: string): InvalidKeyList {
  const problem = `is neither lines of fingerprints nor the blocklist.dat of badkeys: ${why}; fetch it anew.`;
  return new InvalidKeyList(path, problem);
}

function compareAt(file: Buffer, at: number, other: Buffer, otherAt: number): number {
  const [start, otherStart] = [at * RECORD, otherAt * RECORD];
  return file.compare(other, otherStart, otherStart + HASH, start, start + HASH);
}

/** Of the number in the fewest bytes, as badkeys has it. */
function hashOf(number: Buffer): Buffer {
  let start = 0;
  while (number[start] === 0) start++;
  return hash('sha256', number.subarray(start), 'buffer');
}
