/** The number of bits of a positive integer. */
export function bitLength(n: bigint): number {
  return n.toString(2).length;
}

/** The largest integer whose square is not over n, which is not negative: Newton's method from above. */
export function squareRoot(n: bigint): bigint {
  if (n === 0n) return 0n;
  let root = 1n << BigInt(Math.ceil(bitLength(n) / 2));
  for (;;) {
    const next = (root + n / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}
