import { describe, expect, it } from '@jest/globals';
import { codeOfStep, isCodeSecret, newCodeSecret, otpauthUrl, stepAt, stepOfCode } from './one-time-code.js';

/** `12345678901234567890` of RFC 6238, appendix B. */
const SECRET = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';

describe('a one-time code', () => {
  // The appendix has eight digits; six are the last of them (RFC 4226, 5.3).
  it.each([
    [59, '94287082'],
    [1111111109, '07081804'],
    [1111111111, '14050471'],
    [1234567890, '89005924'],
    [2000000000, '69279037'],
    [20000000000, '65353130'],
  ])('is at second %i the one of RFC 6238, appendix B', (seconds, eight) => {
    expect(codeOfStep(SECRET, stepAt(seconds * 1000))).toBe(eight.slice(2));
    expect(stepOfCode(eight.slice(2), SECRET, seconds * 1000)).toBe(Math.floor(seconds / 30));
  });

  it('is valid one step earlier and later, and no further', () => {
    const now = 1_111_111_111_000;
    const valid = [-2, -1, 0, 1, 2].map((offset) => stepOfCode(codeOfStep(SECRET, stepAt(now) + offset), SECRET, now));
    expect(valid).toEqual([undefined, stepAt(now) - 1, stepAt(now), stepAt(now) + 1, undefined]);
  });

  it.each([
    ['nothing', ''],
    ['five digits', '05047'],
    ['seven digits', '0050471'],
    ['a blank in front', ' 050471'],
    ['digits of another script', '٠٥٠٤٧١'],
    ['digits of full width', '０５０４７１'],
    ['a sign', '+50471'],
    ['10,000 digits', '1'.repeat(10_000)],
    ['six characters of two halves', '😀'.repeat(3)],
  ])('is never %s', (_, code) => {
    expect(stepOfCode('050471', SECRET, 1_111_111_111_000)).toBeDefined();
    expect(stepOfCode(code, SECRET, 1_111_111_111_000)).toBeUndefined();
  });
});

describe('a secret', () => {
  it('is new each time, of 160 bits', () => {
    const secrets = Array.from({ length: 50 }, newCodeSecret);
    expect(new Set(secrets).size).toBe(50);
    for (const secret of secrets) expect(secret).toMatch(/^[A-Z2-7]{32}$/);
    for (const secret of secrets) expect(isCodeSecret(secret)).toBe(true);
  });

  it.each([
    ['120 bits', 'A'.repeat(24)],
    ['half a byte', 'A'.repeat(27)],
    ['small letters', 'a'.repeat(32)],
    ['a digit that Base32 lacks', `${'A'.repeat(31)}1`],
    ['padding', `${'A'.repeat(28)}====`],
    ['a number', 2222222222],
    ['a line of its own', `${'A'.repeat(32)}\n`],
  ])('is not %s', (_, text) => {
    expect(isCodeSecret(text)).toBe(false);
  });

  it('is in the URL for authenticators, with any name', () => {
    expect(otpauthUrl('alice & bob?/ä', SECRET)).toBe(
      `otpauth://totp/Latchkey:alice%20%26%20bob%3F%2F%C3%A4?secret=${SECRET}&issuer=Latchkey`,
    );
  });
});
