import type { KeyFlaw } from '../invalid-key.js';

// RFC 8032, section 5.1: the curve -x² + y² = 1 + d x² y² over the integers modulo 2^255 - 19.
const P = 2n ** 255n - 19n;
const D = 37095705934669439343138083508754565189542113879843219016388785533085940283555n;

// The points whose order divides 8. With such a "public key" anyone can make valid signatures, without a private key.
const Y_OF_ORDER_8 = 0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n;
const Y_OF_SMALL_ORDER: ReadonlySet<bigint> = new Set([0n, 1n, P - 1n, Y_OF_ORDER_8, P - Y_OF_ORDER_8]);

/** What is wrong with the 32 bytes of an Ed25519 key; undefined when they are a point that a private key can have. */
export function flawOfEd25519(key: Buffer): KeyFlaw | undefined {
  // The bytes are the number y, lowest first; the top bit is the sign of x.
  const y = BigInt(`0x${Buffer.from(key.toReversed()).toString('hex')}`) & (2n ** 255n - 1n);
  if (y >= P)
    return { code: 'ed25519-no-point', reason: 'its point is not written in the one way that RFC 8032 allows' };
  if (Y_OF_SMALL_ORDER.has(y))
    return { code: 'ed25519-small-order', reason: 'it is one of the few points that anybody can sign for' };
  const yy = (y * y) % P;
  // x² = (y² - 1) / (d y² + 1), which has a root if the product has one; the divisor is never zero, as -1/d has no root.
  return jacobi((yy - 1n) * (D * yy + 1n), P) === 1
    ? undefined
    : { code: 'ed25519-no-point', reason: 'its bytes are not a point of the curve' };
}

/** The Jacobi symbol (a/n) of an odd n: 1, if n is prime, for squares. Cohen, Algorithm 1.4.10 in spirit. */
function jacobi(a: bigint, n: bigint): number {
  let sign = 1;
  let top = a % n;
  if (top < 0n) top += n;
  let bottom = n;
  while (top !== 0n) {
    const low = Number(bottom & 7n);
    while ((top & 1n) === 0n) {
      top >>= 1n;
      if (low === 3 || low === 5) sign = -sign;
    }
    if ((top & 3n) === 3n && (low & 3) === 3) sign = -sign;
    [top, bottom] = [bottom % top, top];
  }
  return bottom === 1n ? sign : 0;
}
