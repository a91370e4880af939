import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from '@jest/globals';
import { readConfig } from '../../src/config/config.js';
import { bits, NULL, oid, sequence } from '../../src/key-formats/der.js';
import { contentOf, partsOf } from '../../src/crypto/asn1/der-check.js';
import { readPem } from '../../src/crypto/asn1/pem.js';
import { InvalidKey } from '../../src/crypto/invalid-key.js';
import { Keys } from '../../src/crypto/keys.js';
import { KeypairType } from '../../src/domain/keypair-type.js';
import { writePem } from '../../src/key-formats/pem.js';
import { Bench } from './tools.js';

const bench = new Bench();
afterAll(() => bench.clear());

const strict = new Keys(readConfig({}));
const nova = new Keys({ ...readConfig({}), keyPolicy: 'nova' });

const derOf = (pem: string): Buffer => readPem(pem)!.blocks[0].bytes!;
const certificate = derOf(bench.certificate('rsa', 'rsa:2048'));
const modulus = Buffer.concat([Buffer.of(0, 0xc1), Buffer.alloc(255, 0xab)]);

/** The certificate with another SubjectPublicKeyInfo. Neither Nova nor Latchkey checks the signature. */
function withKey(info: Uint8Array): string {
  const [signed, ...signature] = partsOf(certificate);
  const parts = partsOf(signed);
  parts[6] = Buffer.from(info);
  return writePem('CERTIFICATE', sequence(sequence(...parts), ...signature));
}

const RSA = sequence(oid('1.2.840.113549.1.1.1'), NULL);
const integerOf = (content: Buffer): Buffer => {
  const length = content.length < 0x80 ? [content.length] : [0x82, content.length >> 8, content.length & 0xff];
  return Buffer.concat([Buffer.of(2, ...length), content]);
};
const rsaOf = (n: Buffer, e: Buffer): string => withKey(sequence(RSA, bits(sequence(integerOf(n), integerOf(e)))));

/** Why the strict policy refuses it. The nova policy accepts or refuses it too, without any other error. */
function refusal(pem: string): string {
  try {
    nova.inspect(pem, KeypairType.X509);
  } catch (error) {
    if (!(error instanceof InvalidKey)) throw error;
  }
  try {
    strict.inspect(pem, KeypairType.X509);
  } catch (error) {
    if (error instanceof InvalidKey) return error.message;
    throw error;
  }
  throw new Error('The certificate was accepted.');
}

const NUMBERS: [string, Buffer][] = [
  ['zero', Buffer.of(0)],
  ['empty', Buffer.alloc(0)],
  ['minus one', Buffer.of(0xff)],
  ['negative', Buffer.alloc(256, 0xab)],
  ['written with a zero too many', Buffer.concat([Buffer.of(0), modulus])],
  ['written with all bits set in front', Buffer.concat([Buffer.of(0xff), Buffer.alloc(256, 0xab)])],
  ['one', Buffer.of(1)],
  ['of 64 kbit', Buffer.concat([Buffer.of(1), Buffer.alloc(8191, 0x5a)])],
];

describe('a certificate with a hostile RSA key is refused', () => {
  it.each(NUMBERS)('when its modulus is %s', (_, n) => {
    expect(refusal(rsaOf(n, Buffer.of(1, 0, 1)))).toMatch(/RSA modulus|RSA exponent|RSA keys|cannot be read/);
  });

  it.each(NUMBERS)('when its exponent is %s', (_, e) => {
    expect(refusal(rsaOf(modulus, e))).toMatch(/RSA modulus|RSA exponent|cannot be read/);
  });

  it.each([
    ['has no numbers', bits(sequence())],
    ['has one number', bits(sequence(integerOf(modulus)))],
    ['has three numbers', bits(sequence(integerOf(modulus), integerOf(Buffer.of(3)), integerOf(Buffer.of(3))))],
    ['has strings for numbers', bits(sequence(NULL, NULL))],
    [
      'is followed by a byte',
      bits(Buffer.concat([sequence(integerOf(modulus), integerOf(Buffer.of(3))), Buffer.of(0)])),
    ],
    ['is empty', bits(Buffer.alloc(0))],
    ['is a single byte', bits(Buffer.of(0x30))],
    ['ends inside a byte', Buffer.from('030407300000', 'hex')],
  ])('when its key %s', (_, key) => {
    expect(refusal(withKey(sequence(RSA, key)))).toMatch(/cannot be read|no X\.509 certificate/);
  });

  it('when its exponent is zero, by the strict policy only', () => {
    const pem = rsaOf(modulus, Buffer.of(0));
    expect(refusal(pem)).toMatch(/RSA modulus and exponent must be positive/);
    expect(nova.inspect(pem, KeypairType.X509).fingerprint).toMatch(/^([0-9a-f]{2}:){19}[0-9a-f]{2}$/);
  });
});

describe('a certificate for a key of another kind is refused with the name of the kind', () => {
  it.each([
    ['sm2', bench.certificate('sm2', 'ec ec_paramgen_curve:SM2')],
    ['ed448', bench.certificate('ed448', 'ed448')],
    ['rsa-pss', bench.certificate('pss', 'rsa-pss rsa_keygen_bits:2048')],
    ['dh', withKey(sequence(sequence(oid('1.2.840.113549.1.3.1'), sequence()), bits(integerOf(modulus))))],
    ['dh', withKey(sequence(sequence(oid('1.2.840.10046.2.1'), sequence()), bits(integerOf(modulus))))],
    ['dsa', withKey(sequence(sequence(oid('1.2.840.10040.4.1')), bits(integerOf(modulus))))],
    ['x25519', withKey(sequence(sequence(oid('1.3.101.110')), bits(Buffer.alloc(32, 9))))],
    ['ml-dsa-65', withKey(sequence(sequence(oid('2.16.840.1.101.3.4.3.18')), bits(Buffer.alloc(1952))))],
    ['1.2.643.7.1.1.1.1', withKey(sequence(sequence(oid('1.2.643.7.1.1.1.1')), bits(Buffer.alloc(64))))],
  ])('%s', (kind, pem) => {
    expect(refusal(pem)).toContain(`keys of the kind ${kind} are not taken; use RSA, EC or Ed25519.`);
  });
});

describe('a certificate for an EC key', () => {
  const p256 = derOf(bench.certificate('p256', 'ec ec_paramgen_curve:P-256'));
  const infoOf = (der: Buffer): Buffer => partsOf(partsOf(der)[0])[6];
  const [algorithm, key] = partsOf(infoOf(p256));
  const point = contentOf(key).subarray(1);

  it('whose curve is written out instead of named is refused by the strict policy', () => {
    const pem = bench.certificate('explicit', 'ec ec_paramgen_curve:P-256 ec_param_enc:explicit');
    expect(refusal(pem)).toMatch(/writes out the parameters of its curve/);
    expect(nova.inspect(pem).type).toBe(KeypairType.X509);
  });

  it('in compressed form is accepted', () => {
    const compressed = Buffer.concat([Buffer.of(2 + (point[64] & 1)), point.subarray(1, 33)]);
    expect(strict.inspect(withKey(sequence(algorithm, bits(compressed)))).type).toBe(KeypairType.X509);
  });

  it('whose point is not on the curve is refused', () => {
    const changed = Buffer.from(point);
    changed[64] ^= 1;
    expect(refusal(withKey(sequence(algorithm, bits(changed))))).toMatch(/not on the curve/);
  });

  it.each([
    ['cut', point.subarray(0, 40)],
    ['infinity', Buffer.of(0)],
    ['empty', Buffer.alloc(0)],
  ])('whose point is %s is refused', (_, bytes) => {
    expect(refusal(withKey(sequence(algorithm, bits(bytes))))).toMatch(/point must be|cannot be read/);
  });

  it('without a curve is refused', () => {
    expect(refusal(withKey(sequence(sequence(partsOf(algorithm)[0]), key)))).toMatch(/curve of its key/);
  });
});

describe('recorded certificates of many kinds', () => {
  it('are read by the strict policy without any error but a refusal', () => {
    const texts: string[] = [];
    JSON.parse(readFileSync('test/samples/nova/import-x509.json', 'utf8'), (name, value: unknown) => {
      if (name === 'public_key' && typeof value === 'string') texts.push(value);
      return value;
    });
    const outcomes = texts.map((text) => {
      try {
        return strict.inspect(text, KeypairType.X509).type;
      } catch (error) {
        return error instanceof InvalidKey ? 'refused' : error;
      }
    });
    expect(outcomes.filter((outcome) => outcome !== 'refused' && outcome !== KeypairType.X509)).toEqual([]);
  });
});
