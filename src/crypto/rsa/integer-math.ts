/** The number of bits of a positive integer. */
export function bitLength(n: bigint): number {
  const digits = n.toString(16);
  return 4 * (digits.length - 1) + (32 - Math.clz32(parseInt(digits[0], 16)));
}

/** The bytes of an integer that is not negative, the first one most significant; one byte for zero. */
export function bytesOf(n: number | bigint): Buffer {
  const digits = n.toString(16);
  return Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex');
}

/**
 * The largest integer whose square is not over n, which is not negative: Newton's method from the leading bits on, each round
 * with twice as many of them, so that only the last one divides large numbers (as Python's math.isqrt does).
 */
export function squareRoot(n: bigint): bigint {
  if (n === 0n) return 0n;
  const half = (bitLength(n) - 1) >> 1;
  let root = 1n;
  let known = 0;
  for (let halvings = 31 - Math.clz32(half); halvings >= 0; halvings -= 1) {
    const bits = half >> halvings;
    root = (root << BigInt(bits - known - 1)) + (n >> BigInt(2 * half - known - bits + 1)) / root;
    known = bits;
  }
  return root * root > n ? root - 1n : root;
}

/** Euclid's algorithm, for integers that are not negative. */
export function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  let [divisor, rest] = [a, b];
  while (rest !== 0n) [divisor, rest] = [rest, divisor % rest];
  return divisor;
}
