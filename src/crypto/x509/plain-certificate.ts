import { integer, NULL, oid, sequence } from '../asn1/der.js';
import { isOneDerValue } from '../asn1/der-check.js';
import { DerValue } from '../asn1/der-value.js';
import type { RsaNumbers } from '../rsa/rsa-weakness.js';

/** What there is to check of a plain certificate. */
export interface PlainCertificate {
  readonly key: RsaNumbers;
  /** Milliseconds since 1970. */
  readonly validFrom: number;
  readonly validTo: number;
}

// Tags of X.680, 8.6, and those of RFC 5280, 4.1.
const BOOLEAN = 0x01;
const INTEGER = 0x02;
const BIT_STRING = 0x03;
const OCTET_STRING = 0x04;
const OBJECT_IDENTIFIER = 0x06;
const UTF8_STRING = 0x0c;
const PRINTABLE_STRING = 0x13;
const IA5_STRING = 0x16;
const UTC_TIME = 0x17;
const GENERALIZED_TIME = 0x18;
const SEQUENCE = 0x30;
const SET = 0x31;
const VERSION = 0xa0;
const EXTENSIONS = 0xa3;

const V3 = integer(2);
const TRUE = Buffer.of(0xff);
const RSA_ENCRYPTION = sequence(oid('1.2.840.113549.1.1.1'), NULL);
/** SHA-256, SHA-384 and SHA-512 with RSA and with ECDSA, and Ed25519: RFC 4055, 5; RFC 5758, 3.2; RFC 8410, 3. */
const SIGNATURES = [
  ...['1.2.840.113549.1.1.11', '1.2.840.113549.1.1.12', '1.2.840.113549.1.1.13'].map((id) => sequence(oid(id), NULL)),
  ...['1.2.840.10045.4.3.2', '1.2.840.10045.4.3.3', '1.2.840.10045.4.3.4', '1.3.101.112'].map((id) =>
    sequence(oid(id)),
  ),
];
const LONGEST_SERIAL = 20;

/**
 * Reads a certificate for an RSA key that has nothing unusual about it, as most have; undefined for every other, good or
 * bad. What is read here OpenSSL takes too, and reads the same, at several times the cost: version 3 asks all its providers
 * for somebody who can decode the key. The bytes are one value in DER, as `isOneDerValue` has found.
 */
export function readPlainCertificate(der: Buffer): PlainCertificate | undefined {
  const certificate = new DerValue(der);
  const parts = certificate.partsTagged(SEQUENCE, SEQUENCE, BIT_STRING);
  if (certificate.tag !== SEQUENCE || !parts) return undefined;
  const [signed, algorithm, signature] = parts;
  const isKnown = SIGNATURES.some((each) => each.equals(algorithm.whole));
  return isKnown && bitsOf(signature) ? readSigned(signed, algorithm) : undefined;
}

function readSigned(signed: DerValue, signedWith: DerValue): PlainCertificate | undefined {
  const parts = signed.partsTagged(VERSION, INTEGER, SEQUENCE, SEQUENCE, SEQUENCE, SEQUENCE, SEQUENCE, EXTENSIONS);
  if (!parts) return undefined;
  const [version, serial, algorithm, issuer, validity, subject, publicKey, extensions] = parts;
  const isPlain =
    version.inside.equals(V3) &&
    isPositive(serial) &&
    serial.inside.length <= LONGEST_SERIAL &&
    algorithm.whole.equals(signedWith.whole) &&
    isPlainName(issuer) &&
    isPlainName(subject) &&
    arePlainExtensions(extensions);
  if (!isPlain) return undefined;
  const key = keyOf(publicKey);
  const dates = validity.parts.map(timeOf);
  const [validFrom, validTo] = dates;
  if (!key || dates.length !== 2 || validFrom === undefined || validTo === undefined) return undefined;
  return { key, validFrom, validTo };
}

/** One value for each attribute, in visible letters of ASCII. */
function isPlainName(name: DerValue): boolean {
  return name.parts.every((relative) => {
    const [attribute, ...others] = relative.tag === SET ? relative.parts : [];
    if (attribute?.tag !== SEQUENCE || others.length > 0) return false;
    const [type, value, ...rest] = attribute.parts;
    return rest.length === 0 && isObjectIdentifier(type) && isPlainText(value);
  });
}

function isPlainText(value: DerValue | undefined): boolean {
  const isText = value?.tag === UTF8_STRING || value?.tag === PRINTABLE_STRING || value?.tag === IA5_STRING;
  return isText && /^[ -~]+$/.test(value.inside.toString('latin1'));
}

function arePlainExtensions(extensions: DerValue): boolean {
  const list = extensions.partsTagged(SEQUENCE)?.[0].parts ?? [];
  return list.length > 0 && list.every((extension) => extension.tag === SEQUENCE && isPlainExtension(extension));
}

function isPlainExtension(extension: DerValue): boolean {
  const critical = extension.partsTagged(OBJECT_IDENTIFIER, BOOLEAN, OCTET_STRING);
  if (critical && !critical[1].inside.equals(TRUE)) return false;
  const parts = critical ?? extension.partsTagged(OBJECT_IDENTIFIER, OCTET_STRING);
  return parts !== undefined && isObjectIdentifier(parts[0]);
}

/** X.690, 8.19: no number begins with zeros, and the last one ends. */
function isObjectIdentifier(value: DerValue | undefined): boolean {
  if (value?.tag !== OBJECT_IDENTIFIER) return false;
  const bytes = value.inside;
  const isBegun = (place: number) => place > 0 && bytes[place - 1] >= 0x80;
  return bytes.length > 0 && bytes[bytes.length - 1] < 0x80 && bytes.every((byte, at) => byte !== 0x80 || isBegun(at));
}

/** RFC 3279, 2.3.1. */
function keyOf(publicKey: DerValue): RsaNumbers | undefined {
  const parts = publicKey.partsTagged(SEQUENCE, BIT_STRING);
  const bits = parts?.[0].whole.equals(RSA_ENCRYPTION) ? bitsOf(parts[1]) : undefined;
  if (!bits || bits[0] !== SEQUENCE || !isOneDerValue(bits)) return undefined;
  const numbers = new DerValue(bits).partsTagged(INTEGER, INTEGER);
  if (!numbers?.every(isPositive)) return undefined;
  const [modulus, exponent] = numbers.map(({ inside }) => BigInt(`0x${inside.toString('hex')}`));
  return { modulus, exponent };
}

/** The bytes of a string of whole bytes: X.690, 8.6.2. */
function bitsOf({ inside }: DerValue): Buffer | undefined {
  return inside.length > 1 && inside[0] === 0 ? inside.subarray(1) : undefined;
}

/** X.690, 8.3.2: the first nine bits of a number are not all the same. */
function isPositive({ inside }: DerValue): boolean {
  return inside.length > 0 && inside[0] < 0x80 && (inside[0] > 0 || inside.length === 1 || inside[1] >= 0x80);
}

/** RFC 5280, 4.1.2.5: to the second, in UTC, two digits of the year for 1950 to 2049. */
function timeOf({ tag, inside }: DerValue): number | undefined {
  const text = inside.toString('latin1');
  const century = tag === UTC_TIME ? (text < '5' ? '20' : '19') : '';
  const found = /^(19[5-9]\d|[2-9]\d{3})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(century + text);
  if (!found || (tag !== UTC_TIME && tag !== GENERALIZED_TIME)) return undefined;
  const [, year, month, day, hour, minute, second] = found;
  const written = `${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`;
  const time = new Date(written);
  // Of the 30th of February V8 makes the 2nd of March.
  return !Number.isNaN(time.getTime()) && time.toISOString() === written ? time.getTime() : undefined;
}
