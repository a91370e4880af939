import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from '@jest/globals';
import { readConfig } from '../../src/config/config.js';
import type { KeyPolicy } from '../../src/crypto/key-type.js';
import { Keys } from '../../src/crypto/keys.js';
import { SSH_KEY_TYPE } from '../../src/crypto/ssh/ssh-key-type.js';
import { X509_KEY_TYPE } from '../../src/crypto/x509/x509-key-type.js';
import { KeypairType } from '../../src/domain/keypair-type.js';
import { Bench, blobOf, bodyOf, wire } from './tools.js';

const bench = new Bench();
afterAll(() => bench.clear());

const strict = new Keys(readConfig({}));
const nova = new Keys({ ...readConfig({}), keyPolicy: 'nova' });
const both: [KeyPolicy, Keys][] = [
  ['strict', strict],
  ['nova', nova],
];

const ed25519 = bench.sshKey('ed25519', 'ed25519', 256);
const ecdsa256 = bench.sshKey('ecdsa256', 'ecdsa', 256);
const application = wire.string('ssh:');

describe.each([
  ['RSA 2048', bench.sshKey('rsa2048', 'rsa', 2048)],
  ['RSA 3072', bench.sshKey('rsa3072', 'rsa', 3072)],
  ['RSA 4096', bench.sshKey('rsa4096', 'rsa', 4096)],
  ['ECDSA P-256', ecdsa256],
  ['ECDSA P-384', bench.sshKey('ecdsa384', 'ecdsa', 384)],
  ['ECDSA P-521', bench.sshKey('ecdsa521', 'ecdsa', 521)],
  ['Ed25519', ed25519],
  ['Ed25519 without a comment', bench.sshKey('bare', 'ed25519', 256, '')],
  ['Ed25519 with a comment in Cyrillic', bench.sshKey('cyrillic', 'ed25519', 256, 'Алиса из Страны чудес 🔑')],
  ['Ed25519 on a security key', wire.line('sk-ssh-ed25519@openssh.com', bodyOf(ed25519), application)],
  ['ECDSA on a security key', wire.line('sk-ecdsa-sha2-nistp256@openssh.com', bodyOf(ecdsa256), application)],
])('a key of ssh-keygen, %s,', (name, line) => {
  bench.write(`${name}.pub`, line);

  it.each(both)('is accepted with %s rules under the fingerprint that ssh-keygen prints', (_, keys) => {
    const [, fingerprint] = bench.run('ssh-keygen', '-E', 'md5', '-lf', `${name}.pub`).split(' ');
    expect(`MD5:${keys.inspect(line).fingerprint}`).toBe(fingerprint);
    expect(keys.inspect(line)).toEqual(keys.inspect(line, KeypairType.Ssh));
    const [bits, sha256] = bench.run('ssh-keygen', '-lf', `${name}.pub`).split(' ');
    expect(SSH_KEY_TYPE.showSha256(keys.inspect(line).sha256)).toBe(sha256);
    expect(String(SSH_KEY_TYPE.describe(line).bits)).toBe(bits);
  });

  it('reaches guests as one line that ssh-keygen reads as the same key', () => {
    const given = strict.forGuest(line);
    expect(given).toBe(line.trimEnd());
    bench.write('given.pub', `${given}\n`);
    expect(bench.run('ssh-keygen', '-lf', 'given.pub')).toBe(bench.run('ssh-keygen', '-lf', `${name}.pub`));
  });

  it.each(['', '\n', '\r\n'])('is accepted with the line end %j', (end) => {
    expect(strict.inspect(line.trimEnd() + end)).toEqual(strict.inspect(line));
  });
});

describe('a key that only the nova rules take,', () => {
  const rsa1024 = bench.sshKey('rsa1024', 'rsa', 1024);
  const dsa = bench.sshKey('dsa', 'dsa', 1024);
  bench.sshKey('authority', 'ed25519', 256);
  bench.sshKey('rsa-authority', 'rsa', 2048);
  const certificate = (key: string, authority = 'authority') => {
    const options = ['-O', 'force-command=/bin/true', '-n', 'alice,bob', '-V', '+1d', '-z', '7'];
    bench.run('ssh-keygen', '-q', '-s', authority, '-I', 'id', ...options, `${key}.pub`);
    return bench.read(`${key}-cert.pub`);
  };

  it.each([
    ['RSA 1024', rsa1024],
    ['DSA', dsa],
  ])('%s, has the fingerprint that ssh-keygen prints', (name, line) => {
    bench.write(`${name}.pub`, line);
    const [, fingerprint] = bench.run('ssh-keygen', '-E', 'md5', '-lf', `${name}.pub`).split(' ');
    expect(`MD5:${nova.inspect(line).fingerprint}`).toBe(fingerprint);
    expect(() => strict.inspect(line)).toThrow(/RSA keys of 1024 bits|DSA keys have 1024 bits/);
  });

  it.each([
    ['RSA', certificate('rsa2048')],
    ['RSA signed by RSA', certificate('rsa3072', 'rsa-authority')],
    ['ECDSA P-256', certificate('ecdsa256')],
    ['ECDSA P-384', certificate('ecdsa384')],
    ['ECDSA P-521', certificate('ecdsa521')],
    ['Ed25519', certificate('ed25519')],
    ['DSA', certificate('dsa')],
  ])('an OpenSSH certificate of %s, is read to its end', (_, line) => {
    expect(nova.inspect(line).type).toBe(KeypairType.Ssh);
    expect(nova.forGuest(line)).toBe(line.trimEnd());
    expect(() => strict.inspect(line)).toThrow(/OpenSSH certificate, .* send the plain key/);

    const blob = blobOf(line);
    for (const cut of [1, 40, blob.length >> 1]) {
      const shorter = blob.subarray(0, -cut).toString('base64');
      expect(() => nova.inspect(line.replace(/ \S+/, ` ${shorter}`))).toThrow(/cut|copy it whole/);
    }
  });
});

describe.each([
  ['RSA 2048', bench.certificate('rsa', 'rsa:2048')],
  ['RSA 4096', bench.certificate('rsa4096', 'rsa:4096')],
  ['P-256', bench.certificate('p256', 'ec ec_paramgen_curve:P-256')],
  ['P-384', bench.certificate('p384', 'ec ec_paramgen_curve:P-384')],
  ['P-521', bench.certificate('p521', 'ec ec_paramgen_curve:P-521')],
  ['brainpool P-256', bench.certificate('brainpool', 'ec ec_paramgen_curve:brainpoolP256r1')],
  ['Ed25519', bench.certificate('ed', 'ed25519')],
])('a certificate of openssl, %s,', (name, pem) => {
  it.each(both)('is accepted with %s rules under the fingerprint that openssl prints', (_, keys) => {
    bench.write(`${name}.pem`, pem);
    const [, fingerprint] = bench
      .run('openssl', 'x509', '-in', `${name}.pem`, '-noout', '-fingerprint', '-sha1')
      .split('=');
    expect(keys.inspect(pem)).toMatchObject({ type: KeypairType.X509, fingerprint: fingerprint.trim().toLowerCase() });
    const [, sha256] = bench
      .run('openssl', 'x509', '-in', `${name}.pem`, '-noout', '-fingerprint', '-sha256')
      .split('=');
    expect(X509_KEY_TYPE.showSha256(keys.inspect(pem).sha256)).toBe(sha256.trim().toLowerCase());
    expect(keys.inspect(pem, KeypairType.X509)).toEqual(keys.inspect(pem));
  });

  it('reaches guests as the block that was imported', () => {
    expect(strict.forGuest(pem)).toBe(pem);
    expect(nova.forGuest(`subject=CN = alice\n${pem.replaceAll('\n', '\r\n')}`, KeypairType.X509)).toBe(pem);
  });
});

describe('a certificate that only the nova rules take', () => {
  it.each([
    ['RSA 1024', bench.certificate('weak', 'rsa:1024'), /RSA keys of 1024 bits/],
    ['Ed448', bench.certificate('ed448', 'ed448'), /kind ed448 are not taken; use RSA, EC or Ed25519/],
    ['secp256k1', bench.certificate('k1', 'ec ec_paramgen_curve:secp256k1'), /curve .* use P-256, P-384 or P-521/],
    ['RSA-PSS', bench.certificate('pss', 'rsa-pss rsa_keygen_bits:2048'), /kind rsa-pss are not taken/],
  ])('has a key of %s', (_, pem, reason) => {
    expect(nova.inspect(pem).type).toBe(KeypairType.X509);
    expect(() => strict.inspect(pem)).toThrow(reason);
  });
});

describe('a certificate outside its dates', () => {
  // openssl makes none, and Nova was sent two: step 0 ended in 2001, step 1 begins in 2099.
  const { scenarios }: Recorded = JSON.parse(readFileSync('test/samples/nova/import-x509.json', 'utf8'));
  const [past, future] = scenarios
    .filter(({ name }) => name === 'dates-and-versions')
    .flatMap(({ steps }) => steps.map(({ request }) => request.body?.keypair?.public_key ?? ''));
  const refusing = new Keys({ ...readConfig({}), x509RefuseExpired: true });

  it.each([
    ['ended', past],
    ['has not begun', future],
  ])('is accepted when it %s, and refused when X509_REFUSE_EXPIRED is set', (_, pem) => {
    expect(strict.inspect(pem).type).toBe(KeypairType.X509);
    expect(() => refusing.inspect(pem)).toThrow(/valid only from .* GMT to .* GMT; send one that is valid now/);
  });

  it('is distinguished from one that is valid now', () => {
    expect(refusing.inspect(bench.certificate('valid', 'ed25519')).type).toBe(KeypairType.X509);
  });
});

interface Recorded {
  scenarios: { name: string; steps: { request: { body?: { keypair?: { public_key?: string } } } }[] }[];
}
