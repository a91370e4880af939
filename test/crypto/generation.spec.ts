import { createHash, X509Certificate } from 'node:crypto';
import { afterAll, describe, expect, it } from '@jest/globals';
import { readConfig } from '../../src/config/config.js';
import { InvalidKey } from '../../src/crypto/invalid-key.js';
import { Keys } from '../../src/crypto/keys.js';
import { X509_KEY_TYPE } from '../../src/crypto/x509/x509-key-type.js';
import { KeypairType } from '../../src/domain/keypair-type.js';
import { Bench } from './tools.js';

const bench = new Bench();
const keys = new Keys(readConfig({}));
afterAll(async () => {
  bench.clear();
  await keys.onApplicationShutdown();
});

describe('a generated SSH pair', () => {
  it('has the formats of Nova', async () => {
    const pair = await keys.generate(KeypairType.Ssh, 'alice');
    expect(pair.publicKey).toMatch(/^ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQ[A-Za-z0-9+/]+={0,2} Generated-by-Nova$/);
    expect(pair.privateKey).toMatch(
      /^-----BEGIN RSA PRIVATE KEY-----\n(?:[A-Za-z0-9+/]{64}\n)+[A-Za-z0-9+/=]{1,64}\n-----END RSA PRIVATE KEY-----\n$/,
    );
    expect(Object.keys(pair).toSorted()).toEqual(['fingerprint', 'privateKey', 'publicKey', 'sha256']);
  });

  it('is consistent to ssh-keygen: the public key belongs to the private key', async () => {
    const pair = await keys.generate(KeypairType.Ssh, 'alice');
    bench.write('ssh', pair.privateKey);
    bench.write('ssh.pub', pair.publicKey);
    expect(`${bench.run('ssh-keygen', '-yf', 'ssh').trim()} Generated-by-Nova`).toBe(pair.publicKey);
    expect(bench.run('ssh-keygen', '-E', 'md5', '-lf', 'ssh.pub')).toBe(
      `2048 MD5:${pair.fingerprint} Generated-by-Nova (RSA)\n`,
    );
    expect(keys.inspect(pair.publicKey)).toMatchObject({ type: KeypairType.Ssh, fingerprint: pair.fingerprint });
  });

  it('has RSA_KEY_BITS bits', async () => {
    const larger = new Keys({ ...readConfig({}), rsaKeyBits: 3072 });
    bench.write('3072.pub', (await larger.generate(KeypairType.Ssh, 'alice')).publicKey);
    await larger.onApplicationShutdown();
    expect(bench.run('ssh-keygen', '-lf', '3072.pub')).toMatch(/^3072 /);
  });
});

describe('a generated X.509 pair', () => {
  const made = keys.generate(KeypairType.X509, 'b29c3a6ea6794d21a7d9a3b4a9e4d5a1');
  const ready = made.then((pair) => {
    bench.write('x509.pem', pair.publicKey);
    bench.write('x509.p12', Buffer.from(pair.privateKey, 'base64'));
  });

  it('has a certificate as Nova makes it', async () => {
    await ready;
    const text = bench.run('openssl', 'x509', '-in', 'x509.pem', '-noout', '-text', '-nameopt', 'RFC2253,show_type');
    expect(text).toContain('Version: 3 (0x2)');
    expect(text).toContain('Signature Algorithm: sha256WithRSAEncryption');
    expect(text).toContain('Subject: CN=UTF8STRING:b29c3a6ea6794d21a7d9a3b4a9e4d5a1\n');
    expect(text).toContain('Issuer: CN=UTF8STRING:b29c3a6ea6794d21a7d9a3b4a9e4d5a1\n');
    expect(text).toContain('Public-Key: (2048 bit)');
    expect(text).toContain('Exponent: 65537');
    expect(text).toMatch(/Serial Number:\s+(?:[4-7][0-9a-f])(?::[0-9a-f]{2}){19}\n/);
    expect(text).toMatch(/Extended Key Usage: \n\s+TLS Web Client Authentication\n/);
    expect(text).toMatch(/Alternative Name: \n\s+othername: UPN::b29c3a6ea6794d21a7d9a3b4a9e4d5a1@localhost\n/);
    expect(text).toContain('Subject Key Identifier');
    expect(text.match(/X509v3 (?!extensions)/g)).toHaveLength(3);
    expect(text).not.toContain('Basic Constraints');
  });

  it('writes the user principal name as UTF-8', async () => {
    // The identifier 1.3.6.1.4.1.311.20.2.3, then [0] around a UTF8String.
    const name = Buffer.from('b29c3a6ea6794d21a7d9a3b4a9e4d5a1@localhost');
    const { raw } = new X509Certificate((await made).publicKey);
    expect(raw.toString('hex')).toContain(`060a2b060104018237140203a02c0c2a${name.toString('hex')}`);
  });

  it('is valid from now for ten years', async () => {
    const { publicKey } = await made;
    const { validFrom, validTo } = new X509Certificate(publicKey);
    expect(Math.abs(Date.parse(validFrom) - Date.now())).toBeLessThan(60_000);
    expect(Date.parse(validTo) - Date.parse(validFrom)).toBe(3650 * 24 * 3600 * 1000);
  });

  it('verifies with openssl as a client certificate', async () => {
    await ready;
    const purpose = ['-purpose', 'sslclient', '-x509_strict', '-check_ss_sig', '-partial_chain'];
    expect(bench.run('openssl', 'verify', ...purpose, '-CAfile', 'x509.pem', 'x509.pem')).toBe('x509.pem: OK\n');
  });

  it('has the fingerprint that openssl shows, and can be imported again', async () => {
    await ready;
    const { fingerprint, publicKey } = await made;
    const [, shown] = bench.run('openssl', 'x509', '-in', 'x509.pem', '-noout', '-fingerprint', '-sha1').split('=');
    expect(fingerprint).toBe(shown.trim().toLowerCase());
    expect(keys.inspect(publicKey)).toMatchObject({ type: KeypairType.X509, fingerprint });
    expect(X509_KEY_TYPE.describe(publicKey)).toMatchObject({
      algorithm: 'rsa',
      bits: 2048,
      certificate: { principal: 'b29c3a6ea6794d21a7d9a3b4a9e4d5a1@localhost' },
    });
  });

  it('comes as a PKCS#12 file that openssl opens with the empty password', async () => {
    await ready;
    const { privateKey, publicKey } = await made;
    expect(privateKey).toMatch(/^[A-Za-z0-9+/]+={0,2}$/);
    const opened = bench.run('openssl', 'pkcs12', '-in', 'x509.p12', '-passin', 'pass:', '-nodes');
    expect(opened).toContain(publicKey);
    bench.write('opened.key', opened);
    const ofKey = bench.run('openssl', 'pkey', '-in', 'opened.key', '-pubout');
    expect(ofKey).toBe(bench.run('openssl', 'x509', '-in', 'x509.pem', '-noout', '-pubkey'));
    expect(bench.run('openssl', 'pkey', '-in', 'opened.key', '-check', '-noout')).toContain('Key is valid');
  });

  it('has the same ciphers, MAC and attributes as a file of openssl itself', async () => {
    await ready;
    const opened = bench.run('openssl', 'pkcs12', '-in', 'x509.p12', '-passin', 'pass:', '-nodes');
    bench.write('opened.pem', opened);
    bench.run('openssl', 'pkcs12', '-export', '-in', 'opened.pem', '-passout', 'pass:', '-out', 'theirs.p12');
    expect(shape('x509.p12').length).toBeGreaterThan(20);
    expect(shape('x509.p12')).toEqual(shape('theirs.p12'));
    expect(
      opened
        .match(/localKeyID: ([0-9A-F ]+)/)?.[1]
        .trim()
        .replaceAll(' ', ':')
        .toLowerCase(),
    ).toBe(
      createHash('sha1')
        .update(new X509Certificate((await made).publicKey).raw)
        .digest('hex')
        .replaceAll(/..(?!$)/g, '$&:'),
    );
    expect(opened).not.toContain('friendlyName');
  });

  it.each([
    ['in Cyrillic', 'алиса'],
    ['of emoji', '🔑'.repeat(100)],
    ['of 64 characters', 'a'.repeat(64)],
    ['of 255 characters', 'é'.repeat(255)],
    ['with signs that mean something elsewhere', '/CN=eve,O="x"+<&>\\;#='],
    ['of one blank', ' '],
  ])('is made for a user id %s', async (_, owner) => {
    const { publicKey, privateKey } = await keys.generate(KeypairType.X509, owner);
    bench.write('odd.pem', publicKey);
    bench.write('odd.p12', Buffer.from(privateKey, 'base64'));
    // A common name has 64 characters at most; the user principal name is whole.
    const commonName = Array.from(owner).slice(0, 64).join('');
    const subject = bench.run('openssl', 'x509', '-in', 'odd.pem', '-noout', '-subject', '-nameopt', 'utf8,sname');
    expect(subject).toBe(`subject=CN=${commonName}\n`);
    expect(new X509Certificate(publicKey).raw.includes(`${owner}@localhost`)).toBe(true);
    expect(bench.run('openssl', 'pkcs12', '-in', 'odd.p12', '-passin', 'pass:', '-nodes')).toContain(publicKey);
    expect(keys.inspect(publicKey).type).toBe(KeypairType.X509);
  });

  it.each(['a\nb', 'a\0b', '\u202eecila', '\ud800'])('is not made for the user id %j', async (owner) => {
    await expect(keys.generate(KeypairType.X509, owner)).rejects.toThrow(InvalidKey);
  });

  it('may be valid for a hundred years', async () => {
    const lasting = new Keys({ ...readConfig({}), x509Days: 36_500 });
    const { publicKey } = await lasting.generate(KeypairType.X509, 'alice');
    await lasting.onApplicationShutdown();
    bench.write('lasting.pem', publicKey);
    const [, end] = bench.run('openssl', 'x509', '-in', 'lasting.pem', '-noout', '-enddate').split('=');
    expect(new Date(end).getFullYear()).toBe(new Date(Date.now() + 36_500 * 24 * 3600 * 1000).getFullYear());
  });
});

/** What the first content of a PKCS#12 file is made of: tags, identifiers and numbers, without lengths and random bytes. */
function shape(file: string): string[] {
  const dump = bench.run('openssl', 'asn1parse', '-inform', 'DER', '-in', file, '-strparse', contentOffset(file));
  return dump.split('\n').map((line) => line.replace(/^.*?(d=\d+).*?l=\s*\d+/, '$1').replace(/\[HEX DUMP\].*$/, ''));
}

/** Where the octets of the first content of a PKCS#12 file begin. */
function contentOffset(file: string): string {
  const lines = bench.run('openssl', 'asn1parse', '-inform', 'DER', '-in', file).split('\n');
  return /^\s*(\d+):/.exec(lines.find((line) => line.includes('OCTET STRING')) ?? '')?.[1] ?? '';
}
