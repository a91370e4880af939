import type { KeyFlaw } from '../invalid-key.js';

/** A curve y² = x³ - 3x + b over the integers modulo p. */
export interface EllipticCurve {
  readonly bytes: number;
  readonly p: bigint;
  readonly b: bigint;
}

/** The curves of RFC 5656, section 10.1, by their SSH names. Numbers: FIPS 186-4, D.1.2. */
export const ELLIPTIC_CURVES: Readonly<Record<'nistp256' | 'nistp384' | 'nistp521', EllipticCurve>> = {
  nistp256: {
    bytes: 32,
    p: 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n,
    b: 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn,
  },
  nistp384: {
    bytes: 48,
    p: 2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n,
    b: 0xb3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aefn,
  },
  nistp521: {
    bytes: 66,
    p: 2n ** 521n - 1n,
    b: 0x0051953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109e156193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00n,
  },
};

/** What is wrong with a point as SEC 1, section 2.3.3 writes it; undefined when it is a point of the curve. */
export function flawOfPoint(point: Buffer, { bytes, p, b }: EllipticCurve): KeyFlaw | undefined {
  if (point.length !== 1 + 2 * bytes || point[0] !== 4) {
    return { code: 'ecdsa-point', reason: `its point must be uncompressed: ${1 + 2 * bytes} bytes that begin with 04` };
  }
  const x = BigInt(`0x${point.toString('hex', 1, 1 + bytes)}`);
  const y = BigInt(`0x${point.toString('hex', 1 + bytes)}`);
  const onCurve = x < p && y < p && (y * y - (x * x - 3n) * x - b) % p === 0n;
  // The curves have prime order, so every point but infinity, which this form cannot write, is a good one.
  return onCurve ? undefined : { code: 'ecdsa-point', reason: 'its point is not on the curve' };
}
