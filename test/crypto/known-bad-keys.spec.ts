import { createECDH, createPublicKey, type KeyObject } from 'node:crypto';
import { afterAll, describe, expect, it } from '@jest/globals';
import { readConfig } from '../../src/config/config.js';
import { InvalidKey } from '../../src/crypto/invalid-key.js';
import { Keys } from '../../src/crypto/keys.js';
import { KeypairType } from '../../src/domain/keypair-type.js';
import { Bench, wire } from './tools.js';

const bench = new Bench();
afterAll(() => bench.clear());
bench.run('openssl', 'genpkey', '-algorithm', 'ed25519', '-out', 'signer');

const strict = new Keys(readConfig({}));
const nova = new Keys({ ...readConfig({}), keyPolicy: 'nova' });

const prime = (bits: number): bigint => BigInt(bench.run('openssl', 'prime', '-generate', '-bits', String(bits)));

function rsa(modulus: bigint): KeyObject {
  const hex = modulus.toString(16);
  const n = Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex').toString('base64url');
  return createPublicKey({ key: { kty: 'RSA', n, e: 'AQAB' }, format: 'jwk' });
}

/** The public key of a private number on a curve. */
function scalar(crv: string, curve: string, d: string): KeyObject {
  const ecdh = createECDH(curve);
  ecdh.setPrivateKey(Buffer.from(d, 'hex'));
  const point = ecdh.getPublicKey();
  const half = (point.length + 1) / 2;
  const [x, y] = [point.subarray(1, half), point.subarray(half)].map((each) => each.toString('base64url'));
  return createPublicKey({ key: { kty: 'EC', crv, x, y }, format: 'jwk' });
}

function ed25519(hex: string): KeyObject {
  const x = Buffer.from(hex, 'hex').toString('base64url');
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
}

/** `insecure_private_key` of Vagrant, the public half: keys/vagrant.pub. */
const VAGRANT_RSA =
  'ssh-rsa AAAAB3NzaC1yc2EAAAABIwAAAQEA6NF8iallvQVp22WDkTkyrtvp9eWW6A8YVr+kz4TjGYe7gHzIw+niNltGEFHzD8+v1I2YJ6oXevct1YeS0o9HZyN1Q9qgCgzUFtdOKLv6IedplqoPkcmF0aYet2PkEDo3MlTBckFXPITAMzF8dJSIFo9D8HfdOV0IAdx4O7PtixWKn5y2hMNG0zQPyUecp4pzC6kivAIhyfHilFR61RGL+GPXQ2MWZWFYbAGjyiYJnAmCP3NOTd0jMZEnDkbUvxhMmBYSdETk1rRgm+R4LOzFUGaHqHDLKLX+FIPKcF96hrucXzcWyLbIbEgE98OHlnVYCzRdK8jlqm8tehUc9c9WhQ== vagrant';

/** The first key of a process with keypair 1.0.3 that loaded the package at a time whose low byte is 0; computed with Node 20. */
const KEYPAIR = `-----BEGIN RSA PUBLIC KEY-----
MIIBCgKCAQEAt702dHCRdvKJNuJntRlzAlLItDHZUi1x4hwhXr1OPFoIjUvK7flgHVsnDbLV
HGR0rQKaiutV4KBMPsIn1Ldxpbiu6UCuA3xSxSkGY6qqqiQGpU9OAqIfKo0WEsjLMgH0NpfZ
Ej+uc92u1lxnNDGAvcUYn42e7+s5v1zBpT9ngjJPwbAUFI1I5WkJ7bRN/9EleSq8QYWRRq1F
gwNIfFWgLhtWTskGAKEPs0PGyd0Z8PWFgT0+VMSt553U47U42r1DzNHMTH78oYPZ30DYGkAG
EqeY6Xw8eEk+fTc/SQ+5yN4T5GR5C75oxnVauPeNuX294SDkPGlEBTmSeBZiHftL8wIDAQAB
-----END RSA PUBLIC KEY-----
`;

/** RFC 9500, section 2.3: testECCP256. */
const RFC_9500 = 'e6cb5bdd80aa45ae9c95e8c15476679ffec953c16851e711e743939589c64fc1';
const [P256, P384, P521] = [
  'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551',
  'ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973',
  '01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409',
].map((hex) => BigInt(`0x${hex}`));
const numberOf = (value: bigint): string =>
  value
    .toString(16)
    .padStart(value < 2n ** 512n ? 96 : 132, '0')
    .replace(/^0{32}(?=.{64}$)/, '');

describe.each<[string, () => KeyObject, RegExp]>([
  ["Vagrant's insecure key", () => publicKeyOf(VAGRANT_RSA), /published, in Vagrant/],
  [
    "Vagrant's insecure key of Ed25519",
    () => ed25519('dd58771069365cf10ea7c9cb0fd02a8c3517ec2f1bd8571a8aa2cac7c93a7e58'),
    /published, in Vagrant/,
  ],
  ['a key of the npm package keypair', () => createPublicKey(KEYPAIR), /keypair makes again and again/],
  ['the P-256 key of RFC 9500', () => scalar('P-256', 'prime256v1', RFC_9500), /published, in an RFC/],
  ['the private number 1 on P-256', () => scalar('P-256', 'prime256v1', '01'), /a number up to 256/],
  ['the private number 256 on P-384', () => scalar('P-384', 'secp384r1', '0100'), /a number up to 256/],
  ['the private number -2 on P-521', () => scalar('P-521', 'secp521r1', numberOf(P521 - 2n)), /a number up to 256/],
  ['the private number -255 on P-384', () => scalar('P-384', 'secp384r1', numberOf(P384 - 255n)), /a number up to 256/],
  ['the private number -7 on P-256', () => scalar('P-256', 'prime256v1', numberOf(P256 - 7n)), /a number up to 256/],
  [
    'the Ed25519 key of a seed of zeros',
    () => ed25519('3b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29'),
    /a seed that anybody guesses/,
  ],
  ['an RSA modulus that is a prime', () => rsa(prime(2048)), /is a prime/],
  ['an RSA modulus with the factor 65537', () => rsa(65537n * prime(2040)), /divisible by 65537/],
  ['an RSA modulus with the factor 257', () => rsa(257n * prime(2040)), /divisible by 257/],
  ['an RSA modulus of one byte again and again', () => rsa((2n ** 2048n / 255n) * 0xabn), /repeats one byte/],
])('%s', (_, make, reason) => {
  const key = make();
  const pem = key.export({ type: 'spki', format: 'pem' }).toString();
  bench.write('key.pem', pem);
  const subject = ['-subj', '/CN=alice', '-force_pubkey', 'key.pem', '-signkey', 'signer'];
  const certificate = bench.run('openssl', 'x509', '-new', ...subject);
  const line =
    key.asymmetricKeyType === 'ed25519'
      ? lineOfEd25519(key)
      : bench.run('ssh-keygen', '-i', '-m', 'PKCS8', '-f', 'key.pem');

  it.each<[string, string, KeypairType]>([
    ['as an SSH key', line, KeypairType.Ssh],
    ['in a certificate of openssl', certificate, KeypairType.X509],
  ])('%s is refused by the strict policy alone', (__, text, type) => {
    expect(nova.inspect(text).type).toBe(type);
    expect(() => strict.inspect(text)).toThrow(InvalidKey);
    expect(() => strict.inspect(text)).toThrow(reason);
  });
});

function publicKeyOf(line: string): KeyObject {
  bench.write('line.pub', `${line}\n`);
  return createPublicKey(bench.run('ssh-keygen', '-e', '-m', 'PKCS8', '-f', 'line.pub'));
}

function lineOfEd25519(key: KeyObject): string {
  const { x = '' } = key.export({ format: 'jwk' });
  return wire.line('ssh-ed25519', wire.string(Buffer.from(x, 'base64url')));
}
