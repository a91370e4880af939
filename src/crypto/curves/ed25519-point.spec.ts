import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { flawOfEd25519 } from './ed25519-point.js';

const P = 2n ** 255n - 19n;
const D = 37095705934669439343138083508754565189542113879843219016388785533085940283555n;

function encoded(y: bigint): Buffer {
  return Buffer.from(Buffer.from(y.toString(16).padStart(64, '0'), 'hex').toReversed());
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let b = base % P, e = exponent; e > 0n; e >>= 1n, b = (b * b) % P) if (e & 1n) result = (result * b) % P;
  return result;
}

function inverse(n: bigint): bigint {
  return power(((n % P) + P) % P, P - 2n);
}

/** Twice a point by the formula of RFC 8032, section 5.1.4, in plain coordinates. */
function twice([x, y]: readonly [bigint, bigint]): readonly [bigint, bigint] {
  const dxxyy = (D * ((((x * x) % P) * ((y * y) % P)) % P)) % P;
  return [(2n * x * y * inverse(1n + dxxyy)) % P, ((y * y + x * x) * inverse(1n - dxxyy)) % P];
}

/** A root of n modulo P, if there is one: RFC 8032, section 5.1.1. */
function rootOf(n: bigint): bigint | undefined {
  const reduced = ((n % P) + P) % P;
  const candidate = power(reduced, (P + 3n) / 8n);
  return [candidate, (candidate * power(2n, (P - 1n) / 4n)) % P].find((root) => (root * root) % P === reduced);
}

/** A point of order 8, from the theory: its double has y = 0, so x² = -y², and the curve becomes d y⁴ + 2 y² - 1 = 0. */
function pointOfOrder8(): readonly [bigint, bigint] {
  const rootOf1D = rootOf(1n + D) ?? 0n;
  for (const numerator of [rootOf1D - 1n, -rootOf1D - 1n]) {
    const yy = numerator * power(D, P - 2n);
    const [x, y] = [rootOf(-yy), rootOf(yy)];
    if (x !== undefined && y !== undefined) return [x, y];
  }
  throw new Error('There is no such point.');
}

describe('the point of an Ed25519 key', () => {
  const [, y8] = pointOfOrder8();

  it('has order 8 where this test constructs one', () => {
    const [, y] = twice(twice(twice(pointOfOrder8())));
    expect(y).toBe(1n);
  });

  it('is good in every key that OpenSSL makes', () => {
    for (let i = 0; i < 200; i++) {
      const { x } = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' });
      expect(flawOfEd25519(Buffer.from(x ?? '', 'base64url'))).toBeUndefined();
    }
  });

  it.each([
    ['0', 0n],
    ['1', 1n],
    ['-1', P - 1n],
    ['that of order 8', y8],
    ['the other of order 8', P - y8],
  ])('is refused when anybody can sign for it: y is %s, with either sign of x', (_, y) => {
    expect(flawOfEd25519(encoded(y))?.reason).toMatch(/anybody can sign/);
    expect(flawOfEd25519(encoded(y | (1n << 255n)))?.reason).toMatch(/anybody can sign/);
  });

  it.each([P, P + 1n, 2n ** 255n - 1n])('is refused when y is not reduced: %s', (y) => {
    expect(flawOfEd25519(encoded(y))?.reason).toMatch(/RFC 8032/);
  });

  it('is refused when no x goes with its y, which is so for half of all numbers', () => {
    const flaws = Array.from({ length: 1000 }, (_, i) => flawOfEd25519(encoded(BigInt(i) + 2n)));
    const expected = Array.from({ length: 1000 }, (_, i) => {
      const yy = (BigInt(i) + 2n) ** 2n;
      return power(((yy - 1n) * (D * yy + 1n)) % P, (P - 1n) / 2n) === 1n;
    });
    expect(flaws.map((flaw) => flaw === undefined)).toEqual(expected);
    expect(expected.filter(Boolean).length).toBeGreaterThan(400);
  });
});
