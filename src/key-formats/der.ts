import { type Bytes, concat, fromNumber, utf8 as bytesOfText } from './bytes.js';

// The few parts of DER (ITU-T X.690) that keys, certificates and PKCS#12 files are written with.

function encode(tag: number, content: ArrayLike<number>): Bytes {
  return concat([tag], lengthOf(content), content);
}

function lengthOf({ length }: ArrayLike<number>): ArrayLike<number> {
  if (length < 0x80) return [length];
  const bytes = fromNumber(BigInt(length));
  return [0x80 | bytes.length, ...bytes];
}

export const sequence = (...parts: ArrayLike<number>[]): Bytes => encode(0x30, concat(...parts));

export const set = (...parts: ArrayLike<number>[]): Bytes => encode(0x31, concat(...parts));

/** A positive number. */
export const integer = (value: number): Bytes => positive(fromNumber(BigInt(value)));

/** A positive number of any size. A leading 1 bit would mean a negative one, so that such a number gets a zero byte before. */
export function positive(number: Uint8Array): Bytes {
  const first = number.findIndex((byte) => byte !== 0);
  const digits = number.subarray(first < 0 ? number.length - 1 : first);
  return encode(0x02, digits[0] > 0x7f ? concat([0], digits) : digits);
}

export const octets = (content: ArrayLike<number>): Bytes => encode(0x04, content);

export const bits = (content: ArrayLike<number>): Bytes => encode(0x03, concat([0], content));

export const utf8 = (text: string): Bytes => encode(0x0c, bytesOfText(text));

export const NULL = encode(0x05, []);

/** `[number]` around a whole value (constructed), as EXPLICIT tags are, or in place of the tag of a constructed one. */
export const context = (number: number, content: ArrayLike<number>): Bytes => encode(0xa0 | number, content);

/** `[number]` in place of the tag of a plain value. */
export const contextOctets = (number: number, content: ArrayLike<number>): Bytes => encode(0x80 | number, content);

/** An object identifier, written with dots. */
export function oid(dotted: string): Bytes {
  const [first, second, ...rest] = dotted.split('.').map(Number);
  return encode(0x06, [first * 40 + second, ...rest.flatMap(base128)]);
}

function base128(value: number): number[] {
  const digits = [value & 0x7f];
  for (let left = value >>> 7; left > 0; left >>>= 7) digits.unshift((left & 0x7f) | 0x80);
  return digits;
}

/** A time to the second: RFC 5280, 4.1.2.5 requires UTCTime through 2049 and GeneralizedTime from 2050. */
export function time(date: Date): Bytes {
  const digits = `${date.toISOString().slice(0, 19).replaceAll(/[-T:]/g, '')}Z`;
  return date.getUTCFullYear() < 2050 ? encode(0x17, bytesOfText(digits.slice(2))) : encode(0x18, bytesOfText(digits));
}
