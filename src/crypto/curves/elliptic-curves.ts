import type { KeyFlaw } from '../invalid-key.js';
import { bitLength } from '../rsa/integer-math.js';

/** A curve y² = x³ - 3x + b over the integers modulo p. */
export interface EllipticCurve {
  readonly bytes: number;
  readonly p: bigint;
  readonly b: bigint;
  readonly order: bigint;
}

/** The curves of RFC 5656, section 10.1, by their SSH names. Numbers: FIPS 186-4, D.1.2. */
export const ELLIPTIC_CURVES: Readonly<Record<'nistp256' | 'nistp384' | 'nistp521', EllipticCurve>> = {
  nistp256: {
    bytes: 32,
    p: 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n,
    b: 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn,
    order: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  },
  nistp384: {
    bytes: 48,
    p: 2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n,
    b: 0xb3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aefn,
    order: 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
  },
  nistp521: {
    bytes: 66,
    p: 2n ** 521n - 1n,
    b: 0x0051953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109e156193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00n,
    order:
      0x01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409n,
  },
};

/**
 * Why OpenSSH refuses a point of the curve, as its sshkey_ec_validate_public does: a coordinate has at most half the bits of the
 * order, or is not below the order less one. Undefined when it accepts the point.
 */
export function weaknessOfPoint(point: Buffer, { bytes, order }: EllipticCurve): KeyFlaw | undefined {
  const half = bitLength(order) / 2;
  const coordinates = [point.toString('hex', 1, 1 + bytes), point.toString('hex', 1 + bytes)].map((hex) =>
    BigInt(`0x${hex}`),
  );
  const isExtreme = coordinates.some((number) => bitLength(number) <= half || number >= order - 1n);
  return isExtreme
    ? { code: 'ecdsa-point', reason: 'its point has a coordinate that OpenSSH refuses as extreme; make a new key' }
    : undefined;
}

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
