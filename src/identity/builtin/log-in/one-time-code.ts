import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** One-time codes (TOTP, RFC 6238) as Keystone and every authenticator know them: SHA-1, 30 seconds, six digits. */

const STEP_MS = 30_000;
const DIGITS = 6;
/** Codes of the steps before and after count too, for clocks that differ (RFC 6238, 5.2). */
const STEPS = [0, -1, 1];
/** 160 bits (RFC 4226, 4, R6). */
const SECRET_BYTES = 20;

/** The digits of Base32 (RFC 4648, 6). */
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
/** Whole bytes without padding, at least 128 bits (RFC 4226, 4, R6) and at most 832. */
const SECRET = /^(?:[A-Z2-7]{8}){3,20}(?:[A-Z2-7]{2}|[A-Z2-7]{4}|[A-Z2-7]{5}|[A-Z2-7]{7}|[A-Z2-7]{8})$/;

/** A new secret in Base32, which has no padding, since 160 bits are 32 digits. */
export function newCodeSecret(): string {
  const bits = [...randomBytes(SECRET_BYTES)].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return bits.replace(/.{5}/g, (digit) => BASE32[Number.parseInt(digit, 2)]);
}

/** Whether a text is a secret in Base32 of at least 128 bits. */
export const isCodeSecret = (value: unknown): value is string => typeof value === 'string' && SECRET.test(value);

/** What an authenticator reads from a QR code (Key URI Format of Google Authenticator). */
export function otpauthUrl(userName: string, secret: string): string {
  return `otpauth://totp/Latchkey:${encodeURIComponent(userName)}?secret=${secret}&issuer=Latchkey`;
}

/** The time step at a time in milliseconds since 1970. */
export const stepAt = (time: number): number => Math.floor(time / STEP_MS);

/** The time step, counted from 1970, whose code this is; undefined if it is none of the accepted steps. */
export function stepOfCode(code: string, secret: string, now = Date.now()): number | undefined {
  const current = stepAt(now);
  const sent = Buffer.from(code.length === DIGITS ? code : '');
  let found: number | undefined;
  // Every step is computed, so that the time reveals nothing.
  for (const step of STEPS.map((offset) => current + offset)) {
    const expected = Buffer.from(codeOfStep(secret, step));
    if (sent.length === expected.length && timingSafeEqual(sent, expected)) found ??= step;
  }
  return found;
}

/** The code of a step (RFC 4226, 5.3). */
export function codeOfStep(secret: string, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', decodeBase32(secret)).update(counter).digest();
  const value = mac.readUInt32BE(mac.at(-1)! & 0xf) & 0x7fff_ffff;
  return String(value % 10 ** DIGITS).padStart(DIGITS, '0');
}

function decodeBase32(secret: string): Buffer {
  const bits = Array.from(secret, (digit) => BASE32.indexOf(digit).toString(2).padStart(5, '0')).join('');
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}
