import { createECDH, ECDH } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { ELLIPTIC_CURVES, flawOfPoint } from './elliptic-curves.js';

describe.each([
  ['nistp256', 'prime256v1'],
  ['nistp384', 'secp384r1'],
  ['nistp521', 'secp521r1'],
] as const)('a point of %s', (name, openssl) => {
  const curve = ELLIPTIC_CURVES[name];
  const point = createECDH(openssl).generateKeys();

  it('is good when OpenSSL made it', () => {
    for (let i = 0; i < 50; i++) expect(flawOfPoint(createECDH(openssl).generateKeys(), curve)).toBeUndefined();
  });

  it('is refused with any one bit of it changed', () => {
    for (let bit = 8; bit < point.length * 8; bit += 7) {
      const changed = Buffer.from(point);
      changed[bit >> 3] ^= 1 << (bit & 7);
      expect(flawOfPoint(changed, curve)?.reason).toMatch(/not on the curve/);
    }
  });

  it.each<[string, Buffer]>([
    ['compressed', ECDH.convertKey(point, openssl, undefined, undefined, 'compressed') as Buffer],
    ['hybrid', ECDH.convertKey(point, openssl, undefined, undefined, 'hybrid') as Buffer],
    ['infinity', Buffer.of(0)],
    ['empty', Buffer.alloc(0)],
    ['cut', point.subarray(0, -1)],
    ['followed by a byte', Buffer.concat([point, Buffer.of(0)])],
  ])('is refused when it is %s', (_, bytes) => {
    expect(flawOfPoint(bytes, curve)?.reason).toMatch(/must be uncompressed/);
  });

  it('is refused when a coordinate is not reduced', () => {
    // (x, y) with p added to a small y stays on the curve modulo p, and names the same point twice.
    const fit = (n: bigint) => Buffer.from(n.toString(16).padStart(curve.bytes * 2, '0'), 'hex');
    expect(flawOfPoint(Buffer.concat([Buffer.of(4), fit(curve.p), fit(0n)]), curve)?.reason).toMatch(
      /not on the curve/,
    );
  });
});
