import { checkPrimeSync } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { KeyFlaw } from '../invalid-key.js';
import { bitLength, squareRoot } from './integer-math.js';

/** RSA as SSH keys and certificates carry it. */
export interface RsaNumbers {
  readonly modulus: bigint;
  readonly exponent: bigint;
}

// Old PuTTYgen made keys of 2047 bits; the size counts in whole bytes.
const MIN_BITS = 2041;
// OPENSSL_RSA_MAX_MODULUS_BITS and OPENSSL_RSA_MAX_PUBEXP_BITS: sshd never verifies with more.
const MAX_BITS = 16_384;
const MAX_EXPONENT_BITS = 64;

// OpenSSL's test takes 2 ms for 2048 bits and 14 for 4096 (November 2026), all other checks together 0.6; for 8192 bits it is 150.
const MAX_PRIME_CHECK_BITS = 4096;

/** Why OpenSSL and pyca/cryptography would not accept the numbers as an RSA key; undefined if they would. */
export function flawOfRsa({ modulus, exponent }: RsaNumbers): KeyFlaw | undefined {
  if (exponent < 3n || exponent % 2n === 0n || exponent >= modulus) {
    return { code: 'rsa-exponent', reason: 'its RSA exponent must be odd, at least 3, and less than the modulus' };
  }
  return undefined;
}

/** Why an RSA key is not safe for log-ins; undefined if no weakness is known. */
export function weaknessOfRsa({ modulus, exponent }: RsaNumbers): KeyFlaw | undefined {
  const bits = bitLength(modulus);
  if (bits < MIN_BITS)
    return {
      code: 'rsa-too-small',
      reason: `RSA keys of ${bits} bits can be broken; use at least 2048 bits, or Ed25519`,
    };
  if (bits > MAX_BITS)
    return {
      code: 'rsa-too-large',
      reason: `RSA keys over ${MAX_BITS} bits, this has ${bits}, work with no OpenSSH; use 4096, or Ed25519`,
    };
  if (bitLength(exponent) > MAX_EXPONENT_BITS)
    return { code: 'rsa-exponent', reason: 'its RSA exponent is larger than OpenSSL works with; use 65537' };
  const known = VERDICTS.get(modulus);
  if (known !== undefined) return known.flaw;
  const flaw = weaknessOfModulus(modulus, bits);
  VERDICTS.set(modulus, { flaw });
  return flaw;
}

// Users register one key under many names, and a first look takes from 3 ms for 2048 bits to 15 for 4096 (November 2026).
const VERDICTS = new LRUCache<bigint, { readonly flaw: KeyFlaw | undefined }>({ max: 1000 });

function weaknessOfModulus(modulus: bigint, bits: number): KeyFlaw | undefined {
  const pattern = patternOf(modulus);
  if (pattern !== undefined)
    return { code: 'rsa-pattern', reason: `its RSA modulus ${pattern}, so it is not random; make a new key` };
  const factor = smallFactor(modulus);
  if (factor !== undefined)
    return {
      code: 'rsa-small-factor',
      reason: `its RSA modulus is divisible by ${factor}, so it is broken; make a new key`,
    };
  if (hasRocaMarker(modulus)) {
    return {
      code: 'rsa-roca',
      reason:
        'its RSA modulus has the mark of chips that make breakable keys (ROCA, CVE-2017-15361); make a new key elsewhere',
    };
  }
  if (hasClosePrimes(modulus)) {
    return {
      code: 'rsa-close-primes',
      reason:
        'its RSA primes are so close to each other that the key is broken (Fermat, CVE-2022-26320); make a new key',
    };
  }
  // The most expensive check comes last. One round is enough: moduli of two primes pass it less than once in 2^100.
  if (bits <= MAX_PRIME_CHECK_BITS && checkPrimeSync(modulus, { checks: 1 })) {
    return {
      code: 'rsa-prime',
      reason: 'its RSA modulus is a prime, so anybody can compute the private key; make a new key',
    };
  }
  return undefined;
}

/** A regularity in a modulus, as from generators whose random source returned zeros; random ones have it less than once in 2^60. */
function patternOf(modulus: bigint): string | undefined {
  const hex = modulus.toString(16);
  if (/(..)\1{15}/.test(hex)) return 'repeats one byte';
  // As badkeys' rsapoly: primes of words that are partly zero make a modulus of such words, which factors as a polynomial.
  const halves = [hex.slice(0, hex.length / 2), hex.slice(hex.length / 2)];
  return halves.every((half) => shareOfOnes(half) < 0.4) ? 'has too many zero bits' : undefined;
}

function shareOfOnes(hex: string): number {
  let ones = 0;
  for (const digit of hex) ones += BITS_OF_DIGIT[parseInt(digit, 16)];
  return ones / (4 * hex.length);
}

const BITS_OF_DIGIT = [0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4];

// As badkeys looks for them.
const PRIMES = primesUpTo(65_537);

// Products of neighbouring primes that a number still holds exactly: one division of the large integer serves several primes.
const PRIME_GROUPS = groupPrimes(PRIMES);

function smallFactor(modulus: bigint): number | undefined {
  for (const { product, primes } of PRIME_GROUPS) {
    const rest = Number(modulus % product);
    const factor = primes.find((prime) => rest % prime === 0);
    if (factor !== undefined) return factor;
  }
  return undefined;
}

// Nemec and others, "The Return of Coppersmith's Attack", 2017: the library makes primes k * M + (65537^a mod M), M the
// product of the first primes, so its moduli are powers of 65537 modulo each of them. Others are so by chance, once in 2^27.
const ROCA_GROUPS = groupPrimes(PRIMES.filter((prime) => prime >= 3 && prime <= 167)).map(({ product, primes }) => ({
  product,
  powers: primes.map((prime) => ({ prime, powers: powersOf65537(prime) })),
}));

function hasRocaMarker(modulus: bigint): boolean {
  return ROCA_GROUPS.every(({ product, powers }) => {
    const rest = Number(modulus % product);
    return powers.every((each) => each.powers.has(rest % each.prime));
  });
}

const FERMAT_ROUNDS = 100;

// Fermat: n = a² - b² with a just over the root of n when the primes are close. Broken devices fall in the first rounds.
function hasClosePrimes(modulus: bigint): boolean {
  const root = squareRoot(modulus);
  const first = root * root < modulus ? root + 1n : root;
  const sieves = SIEVES.map(({ m, squares }) => ({
    m,
    squares,
    a: Number(first % BigInt(m)),
    n: Number(modulus % BigInt(m)),
  }));
  for (let i = 0; i < FERMAT_ROUNDS; i++) {
    const mayBeSquare = sieves.every(({ m, squares, a, n }) => squares.has(((((a + i) ** 2 - n) % m) + m) % m));
    if (mayBeSquare && isSquare((first + BigInt(i)) ** 2n - modulus)) return true;
  }
  return false;
}

// A square is one modulo everything: these leave about one number in five hundred for the root.
const SIEVES = [256, 9 * 5 * 7 * 11, 13 * 17 * 19].map((m) => ({
  m,
  squares: new Set(Array.from({ length: m }, (_, i) => (i * i) % m)),
}));

function isSquare(n: bigint): boolean {
  return squareRoot(n) ** 2n === n;
}

function powersOf65537(prime: number): ReadonlySet<number> {
  const powers = new Set<number>();
  for (let power = 1; !powers.has(power); power = (power * 65537) % prime) powers.add(power);
  return powers;
}

/** The sieve of Eratosthenes. */
function primesUpTo(limit: number): number[] {
  const isComposite = new Uint8Array(limit + 1);
  const primes: number[] = [];
  for (let n = 2; n <= limit; n++) {
    if (isComposite[n]) continue;
    primes.push(n);
    for (let multiple = n * n; multiple <= limit; multiple += n) isComposite[multiple] = 1;
  }
  return primes;
}

function groupPrimes(primes: readonly number[]): { product: bigint; primes: number[] }[] {
  const groups: { product: number; primes: number[] }[] = [];
  for (const prime of primes) {
    const last = groups.at(-1);
    if (last !== undefined && last.product * prime <= Number.MAX_SAFE_INTEGER) {
      last.product *= prime;
      last.primes.push(prime);
    } else {
      groups.push({ product: prime, primes: [prime] });
    }
  }
  return groups.map(({ product, primes: members }) => ({ product: BigInt(product), primes: members }));
}
