import { bytesOf } from '../rsa/integer-math.js';

// The few parts of DER (ITU-T X.690) that certificates and PKCS#12 files are written with.

function encode(tag: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([tag]), lengthOf(content), content]);
}

function lengthOf(content: Buffer): Buffer {
  if (content.length < 0x80) return Buffer.from([content.length]);
  const bytes = bytesOf(content.length);
  return Buffer.concat([Buffer.of(0x80 | bytes.length), bytes]);
}

export function sequence(...parts: Buffer[]): Buffer {
  return encode(0x30, Buffer.concat(parts));
}

export function set(...parts: Buffer[]): Buffer {
  return encode(0x31, Buffer.concat(parts));
}

export function integer(value: number | Buffer): Buffer {
  return encode(0x02, typeof value === 'number' ? numberBytes(value) : value);
}

// A leading 1 bit means negative, so a number whose first bit is set gets a zero byte before.
function numberBytes(value: number): Buffer {
  const bytes = bytesOf(value);
  return bytes[0] > 0x7f ? Buffer.concat([Buffer.of(0), bytes]) : bytes;
}

export function octets(content: Buffer): Buffer {
  return encode(0x04, content);
}

export function bits(content: Buffer): Buffer {
  return encode(0x03, Buffer.concat([Buffer.of(0), content]));
}

export function utf8(text: string): Buffer {
  return encode(0x0c, Buffer.from(text));
}

export const NULL = encode(0x05, Buffer.alloc(0));

/** `[number]` around a whole value (constructed), as EXPLICIT tags are, or in place of the tag of a constructed one. */
export function context(number: number, content: Buffer): Buffer {
  return encode(0xa0 | number, content);
}

/** `[number]` in place of the tag of a plain value. */
export function contextOctets(number: number, content: Buffer): Buffer {
  return encode(0x80 | number, content);
}

/** An object identifier, written with dots. */
export function oid(dotted: string): Buffer {
  const [first, second, ...rest] = dotted.split('.').map(Number);
  return encode(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function base128(value: number): number[] {
  const digits = [value & 0x7f];
  for (let left = value >>> 7; left > 0; left >>>= 7) digits.unshift((left & 0x7f) | 0x80);
  return digits;
}

/** A time to the second: RFC 5280, 4.1.2.5 requires UTCTime through 2049 and GeneralizedTime from 2050. */
export function time(date: Date): Buffer {
  const digits = `${date.toISOString().slice(0, 19).replaceAll(/[-T:]/g, '')}Z`;
  return date.getUTCFullYear() < 2050 ? encode(0x17, Buffer.from(digits.slice(2))) : encode(0x18, Buffer.from(digits));
}
