import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { readConfig } from '../../src/config/config.js';
import { InvalidKey } from '../../src/crypto/invalid-key.js';
import type { KeyPolicy } from '../../src/crypto/key-type.js';
import { Keys } from '../../src/crypto/keys.js';
import { parseSshPublicKey, sshLine } from '../../src/crypto/ssh/ssh.js';
import { KeypairType } from '../../src/domain/keypair-type.js';
import { Bench, blobOf } from './tools.js';

const bench = new Bench();
afterAll(() => bench.clear());

const strict = new Keys(readConfig({}));
const nova = new Keys({ ...readConfig({}), keyPolicy: 'nova' });
const lines = [
  bench.sshKey('rsa', 'rsa', 2048),
  bench.sshKey('ecdsa', 'ecdsa', 521),
  bench.sshKey('ed25519', 'ed25519', 256),
  bench.sshKey('dsa', 'dsa', 1024),
];
const certificates = [bench.certificate('rsa.pem', 'rsa:2048'), bench.certificate('ed.pem', 'ed25519')];
const recorded = recordedTexts();

/** Any text, most of it close to a key: one with a piece removed, inserted, doubled, or replaced. */
const texts = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.string({
    unit: fc.constantFrom(' ', '\n', '\t', 'A', '=', 'ssh-rsa', 'ssh-ed25519', '-----BEGIN CERTIFICATE-----'),
  }),
  ...[...lines, ...certificates, ...recorded].map((text) =>
    fc
      .tuple(fc.nat(text.length), fc.nat(8), fc.string({ unit: 'binary', maxLength: 8 }), fc.boolean())
      .map(([at, length, piece, doubled]) => {
        const put = doubled ? text.slice(at) : piece;
        return text.slice(0, at) + put + text.slice(at + length);
      }),
  ),
  fc.constantFrom(...lines, ...certificates, ...recorded),
);

describe.each<[KeyPolicy, Keys]>([
  ['strict', strict],
  ['nova', nova],
])('with %s rules any text', (policy, keys) => {
  it('is a key whose line parses to the same key, or refused with an InvalidKey', () => {
    let taken = 0;
    fc.assert(
      fc.property(texts, (text) => {
        const key = orRefused(() => parseSshPublicKey(text, policy));
        if (key === undefined) return;
        taken += 1;
        const again = parseSshPublicKey(sshLine(key), policy);
        expect(again).toEqual(key);
        expect(sshLine(again)).toBe(sshLine(key));
      }),
      { numRuns: 2000 },
    );
    expect(taken).toBeGreaterThan(50);
  });

  it.each([undefined, KeypairType.Ssh, KeypairType.X509])('as %s reaches guests well-formed, or not at all', (type) => {
    fc.assert(
      fc.property(texts, (text) => {
        const found = orRefused(() => keys.inspect(text, type));
        if (found === undefined) return;
        const given = keys.forGuest(text, found.type);
        expect(given).toMatch(found.type === KeypairType.Ssh ? ONE_LINE : ONE_BLOCK);
        expect(keys.inspect(given)).toEqual(found);
      }),
      { numRuns: 1000 },
    );
  });

  it('as a stored text reaches guests as one line, or not at all', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const given = orRefused(() => keys.forGuest(text, KeypairType.Ssh));
        expect(given ?? 'ssh-ed25519 A').toMatch(ONE_LINE);
      }),
      { numRuns: 1000 },
    );
  });
});

describe.each(lines.map((line) => [line.split(' ')[0], line]))('a blob of %s with one byte changed', (_, line) => {
  it('is another key or refused, and never the same key', () => {
    const [type] = line.split(' ');
    const blob = blobOf(line);
    const original = nova.inspect(line).fingerprint;
    fc.assert(
      fc.property(fc.nat(blob.length - 1), fc.integer({ min: 1, max: 255 }), (at, mask) => {
        const changed = Buffer.from(blob);
        changed[at] ^= mask;
        const found = orRefused(() => nova.inspect(`${type} ${changed.toString('base64')}`));
        expect(found?.fingerprint).not.toBe(original);
      }),
      { numRuns: 1000 },
    );
  });
});

// No control characters, line separators, or anything before the type.
const ONE_LINE = /^(?:ssh|ecdsa|sk)-[a-z0-9@.-]+ [A-Za-z0-9+/]+={0,2}(?: [^\p{Cc}\u2028\u2029]+)?$/u;
const ONE_BLOCK = /^-----BEGIN CERTIFICATE-----\n(?:[A-Za-z0-9+/=]{1,64}\n)+-----END CERTIFICATE-----\n$/;

function orRefused<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof InvalidKey) return undefined;
    throw error;
  }
}

function recordedTexts(): string[] {
  const found: string[] = [];
  for (const topic of ['import-ssh', 'import-x509']) {
    JSON.parse(readFileSync(`test/samples/nova/${topic}.json`, 'utf8'), (name, value: unknown) => {
      if (name === 'public_key' && typeof value === 'string') found.push(value);
      return value;
    });
  }
  return [...new Set(found)];
}
