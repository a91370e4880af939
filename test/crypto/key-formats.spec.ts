import { execFileSync } from 'node:child_process';
import {
  constants,
  createHash,
  createPublicKey,
  generateKeyPairSync,
  publicEncrypt,
  webcrypto,
  X509Certificate,
} from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { concat, fromBase64, toBase64 } from '../../src/key-formats/bytes.js';
import { selfSign } from '../../src/key-formats/certificate.js';
import { decryptPkcs1 } from '../../src/key-formats/decrypt-pkcs1.js';
import { publicLine, readOpenSsh, UnreadableKey, writeOpenSsh } from '../../src/key-formats/openssh.js';
import { writePem } from '../../src/key-formats/pem.js';
import { writePkcs12 } from '../../src/key-formats/pkcs12.js';
import { readPkcs8, writePkcs8 } from '../../src/key-formats/pkcs8.js';
import { generateKey, type KeyChoice, type PrivateKey, type RsaKey } from '../../src/key-formats/private-key.js';
import { randomart } from '../../src/key-formats/randomart.js';
import { string } from '../../src/key-formats/ssh-wire.js';
import type { WebCrypto } from '../../src/key-formats/web-crypto.js';

/** What the console writes in a browser and the command line writes here, read by the programs that people use. */

const crypto = webcrypto as unknown as WebCrypto;
const directory = mkdtempSync(join(tmpdir(), 'latchkey-formats-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const run = (program: string, ...options: readonly string[]): string =>
  execFileSync(program, options, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });

function file(name: string, content: string | Uint8Array): string {
  const path = join(directory, name);
  writeFileSync(path, content, { mode: 0o600 });
  return path;
}

const CHOICES: readonly (readonly [string, KeyChoice])[] = [
  ['ed25519', { kind: 'ed25519' }],
  ['ecdsa-256', { kind: 'ecdsa', curve: 'P-256' }],
  ['ecdsa-384', { kind: 'ecdsa', curve: 'P-384' }],
  ['ecdsa-521', { kind: 'ecdsa', curve: 'P-521' }],
  ['rsa-2048', { kind: 'rsa', bits: 2048 }],
];

describe.each(CHOICES)('a key of %s', (name, choice) => {
  let key: PrivateKey;
  let line: string;

  beforeAll(async () => {
    key = await generateKey(crypto, choice);
    line = publicLine(key, 'a comment');
  });

  it('in OpenSSH form matches its public line in ssh-keygen', async () => {
    const path = file(name, await writeOpenSsh(crypto, key, 'a comment'));
    expect(run('ssh-keygen', '-y', '-f', path).trim()).toBe(line);
    const ofPublic = run('ssh-keygen', '-l', '-f', file(`${name}.pub`, `${line}\n`));
    expect(ofPublic).toContain('a comment');
    expect(run('ssh-keygen', '-l', '-f', path)).toBe(ofPublic);
  });

  it('has the randomart that ssh-keygen draws', () => {
    const [heading, ...picture] = run('ssh-keygen', '-lv', '-f', file(`${name}.pub`, `${line}\n`))
      .trim()
      .split('\n');
    const [bits, fingerprint] = heading.split(' ');
    const digest = fromBase64(fingerprint.replace('SHA256:', ''));
    expect(randomart(line.split(' ')[0], Number(bits), digest)).toBe(picture.join('\n'));
  });

  it('opens with its passphrase only', async () => {
    const passphrase = 'pass phrase: ünï';
    const path = file(`${name}-secret`, await writeOpenSsh(crypto, key, 'a comment', passphrase));
    expect(run('ssh-keygen', '-y', '-P', passphrase, '-f', path).trim()).toBe(line);
    expect(() => run('ssh-keygen', '-y', '-P', 'another', '-f', path)).toThrow();
    expect((await readOpenSsh(crypto, readFileSync(path, 'utf8'), passphrase))!.comment).toBe('a comment');
  });

  it('is read back from every form, and from the files of ssh-keygen', async () => {
    const written = publicLine(key, '');
    const read = await readOpenSsh(crypto, await writeOpenSsh(crypto, key, ''));
    expect(publicLine(read!.key, '')).toBe(written);
    expect(publicLine((await readPkcs8(crypto, await writePkcs8(crypto, key)))!, '')).toBe(written);
    const [type, bits] = name.split('-');
    const path = join(directory, `theirs-${name}`);
    run(
      'ssh-keygen',
      '-q',
      '-t',
      type,
      ...(bits ? ['-b', bits] : []),
      '-N',
      'theirs',
      '-a',
      '4',
      '-C',
      'x y',
      '-f',
      path,
    );
    const theirs = await readOpenSsh(crypto, readFileSync(path, 'utf8'), 'theirs');
    expect(`${publicLine(theirs!.key, theirs!.comment)}\n`).toBe(readFileSync(`${path}.pub`, 'utf8'));
    // All of it was read: writing it again gives the same key.
    const again = file(`${name}-again`, await writeOpenSsh(crypto, theirs!.key, 'x y'));
    expect(run('ssh-keygen', '-y', '-f', again)).toBe(readFileSync(`${path}.pub`, 'utf8'));
  });

  it('in PKCS#8 is the same to OpenSSL, plain and encrypted', async () => {
    const spki = (text: string, ...options: string[]): string =>
      run('openssl', 'pkey', '-in', file('pkcs8', text), '-pubout', ...options);
    const plain = spki(await writePkcs8(crypto, key));
    expect(spki(await writePkcs8(crypto, key, 'secret'), '-passin', 'pass:secret')).toBe(plain);
    expect(createPublicKey(plain).export({ format: 'jwk' })).toMatchObject(
      key.kty === 'RSA' ? { n: key.n } : { x: key.x },
    );
  });

  it('signs a certificate for a Windows account, and goes with it into PKCS#12', async () => {
    const options = { commonName: 'Administrator', days: 30, principal: 'Administrator@localhost' };
    const certificate = await selfSign(crypto, key, options);
    const x509 = new X509Certificate(writePem('CERTIFICATE', certificate));
    expect(x509.verify(x509.publicKey)).toBe(true);
    const shown = run('openssl', 'x509', '-noout', '-text', '-in', file('x509', writePem('CERTIFICATE', certificate)));
    expect(shown).toContain('CN = Administrator');
    expect(shown).toMatch(/UPN::?Administrator@localhost/);
    expect(shown).toContain('TLS Web Client Authentication');
    for (const password of ['', 'sécret']) {
      const path = file('p12', await writePkcs12(crypto, key, certificate, password));
      const text = run('openssl', 'pkcs12', '-in', path, '-nodes', '-passin', `pass:${password}`);
      const pem = /-----BEGIN PRIVATE KEY-----[^]*-----END PRIVATE KEY-----\n/.exec(text)![0];
      expect(publicLine((await readPkcs8(crypto, pem))!, '')).toBe(publicLine(key, ''));
      expect(text).toContain('localKeyID');
    }
  });
});

describe('the randomart of a key on a security key', () => {
  it.each([
    ['sk-ssh-ed25519@openssh.com', []],
    ['sk-ecdsa-sha2-nistp256@openssh.com', ['nistp256']],
  ])('has its kind: %s', (algorithm, curve) => {
    // A point on the curve, of a key generated for this test.
    const { x, y } = createPublicKey(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey).export({
      format: 'jwk',
    });
    const point = concat(curve.length === 0 ? [] : [4], fromBase64(x!), curve.length === 0 ? [] : fromBase64(y!));
    const blob = concat(...[algorithm, ...curve, point, 'ssh:'].map((part) => string(part)));
    const path = file('sk.pub', `${algorithm} ${toBase64(blob)}\n`);
    const [, ...picture] = run('ssh-keygen', '-lv', '-f', path).trim().split('\n');
    const digest = createHash('sha256').update(blob).digest();
    expect(randomart(algorithm, 256, digest)).toBe(picture.join('\n'));
  });
});

describe('an RSA key', () => {
  it('decrypts what was encrypted for it, and nothing else', async () => {
    const key = (await generateKey(crypto, { kind: 'rsa', bits: 2048 })) as RsaKey;
    const theirs = createPublicKey({ key: { kty: 'RSA', n: key.n, e: key.e }, format: 'jwk' });
    const secret = publicEncrypt({ key: theirs, padding: constants.RSA_PKCS1_PADDING }, Buffer.from('Passw0rd'));
    expect(Buffer.from(decryptPkcs1(key, secret)!).toString()).toBe('Passw0rd');
    secret[7] ^= 1;
    expect(decryptPkcs1(key, secret)).toBeUndefined();
    expect(decryptPkcs1(key, new Uint8Array(5))).toBeUndefined();
  });
});

describe('a file that is not a readable private key', () => {
  const broken = writePem('OPENSSH PRIVATE KEY', fromBase64('b3BlbnNzaC1rZXktdjEAAAAABG5vbmU='));
  it.each([
    ['is cut', broken, undefined, 'broken'],
    ['is of DSA', writePem('DSA PRIVATE KEY', Uint8Array.of(48, 0)), undefined, 'unsupported'],
    ['is encrypted by OpenSSL', writePem('ENCRYPTED PRIVATE KEY', Uint8Array.of(48, 0)), undefined, 'encrypted'],
  ])('%s, is refused with the reason', async (_, text, passphrase, reason) => {
    const reading = (async () => (await readOpenSsh(crypto, text, passphrase)) ?? readPkcs8(crypto, text))();
    await expect(reading).rejects.toThrow(UnreadableKey);
    await expect(reading).rejects.toMatchObject({ reason });
  });

  it('needs the right passphrase', async () => {
    const key = await generateKey(crypto, { kind: 'ed25519' });
    const text = await writeOpenSsh(crypto, key, '', 'right');
    await expect(readOpenSsh(crypto, text)).rejects.toMatchObject({ reason: 'encrypted' });
    await expect(readOpenSsh(crypto, text, 'wrong')).rejects.toMatchObject({ reason: 'wrong-passphrase' });
  });

  it('is left to other readers if it is of another kind', async () => {
    for (const text of ['', 'ssh-ed25519 AAAA', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----']) {
      expect(await readOpenSsh(crypto, text)).toBeUndefined();
      expect(await readPkcs8(crypto, text)).toBeUndefined();
    }
  });
});
