import { generatePrimeSync, hash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { BUNDLED_KEYS, type ListableKey, type ListedKeys, listedKeys } from './listed-keys.js';

const FINGERPRINT = '5e:b8:00:98:06:4c:8d:14:1a:f4:64:2a:4f:2a:bd:59';
const keyOf = (number: Buffer, fingerprint?: string): ListableKey => ({ number, sshFingerprint: () => fingerprint });
const named = (fingerprint: string): ListableKey => keyOf(Buffer.from('no list has this'), fingerprint);

const directory = mkdtempSync(join(tmpdir(), 'listed-'));
afterAll(() => rmSync(directory, { recursive: true }));

function listIn(content: string | Buffer): ListedKeys {
  const path = join(directory, 'list');
  writeFileSync(path, content);
  return listedKeys(path);
}

describe('a list of weak keys', () => {
  it.each([
    ['the last 20 digits, as in Debian', '064c8d141af4642a4f2abd59'.slice(-20)],
    ['the whole fingerprint', FINGERPRINT],
    ['upper case and blanks', `  ${FINGERPRINT.toUpperCase()}  `],
  ])('has the keys that it names by %s', (_, line) => {
    const list = listIn(`# RSA keys\n\n0123456789abcdef0123\n${line}\n`);
    expect(list.flawOf(named(FINGERPRINT))?.reason).toMatch(/list of weak keys/);
    expect(list.flawOf(named(FINGERPRINT.replace('59', '58')))).toBeUndefined();
  });

  it('can be the blocklist of badkeys, by the number of a key', () => {
    const numbers = Array.from({ length: 100 }, (_, i) => Buffer.of(i + 1, 7));
    const records = numbers.map((number) => hash('sha256', number, 'buffer').fill(9, 15, 16).subarray(0, 16));
    const file = Buffer.concat(records.toSorted((a, b) => a.compare(b)));
    const list = listIn(file);
    expect(numbers.filter((number) => list.flawOf(keyOf(number)) === undefined)).toEqual([]);
    expect(list.flawOf(keyOf(Buffer.of(0, 0, 1, 7)))?.reason).toMatch(/list of weak keys/);
    expect(list.flawOf(keyOf(Buffer.of(1, 8)))).toBeUndefined();
  });

  it('can be a product of primes that keys share, as gmpy2 writes it, beside another list', () => {
    const [shared, other, own] = [1, 2, 3].map(() => generatePrimeSync(1024, { bigint: true }));
    const bytesOf = (n: bigint): Buffer => Buffer.from(n.toString(16).padStart(512, '0'), 'hex');
    writeFileSync(join(directory, 'primes'), Buffer.concat([Buffer.of(1, 1), bytesOf(shared * other).toReversed()]));
    writeFileSync(join(directory, 'lines'), FINGERPRINT);
    const list = listedKeys(`${join(directory, 'lines')},${join(directory, 'primes')}`);
    expect(list.flawOf(keyOf(bytesOf(shared * own)))?.reason).toMatch(/shares a prime with keys of others/);
    expect(list.flawOf(keyOf(bytesOf(own * (own + 2n))))).toBeUndefined();
    expect(list.flawOf(named(FINGERPRINT))?.reason).toMatch(/list of weak keys/);
  });

  it('always has the keys of RFCs', () => {
    const key = Buffer.from('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a', 'hex');
    expect(BUNDLED_KEYS.flawOf(keyOf(key))?.reason).toMatch(/private key is published, in an RFC/);
    expect(BUNDLED_KEYS.flawOf(named(FINGERPRINT))).toBeUndefined();
  });
});
