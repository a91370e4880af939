import { generatePrimeSync, checkPrimeSync, generateKeyPairSync, randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { flawOfRsa, weaknessOfRsa } from './rsa-weakness.js';

const EXPONENT = 65537n;

function prime(bits: number): bigint {
  return generatePrimeSync(bits, { bigint: true });
}

/** The product of two primes of half the size, of exactly so many bits. */
function modulus(bits: number): bigint {
  for (;;) {
    const product = prime(bits / 2) * prime(bits / 2);
    if (product.toString(2).length === bits) return product;
  }
}

function nextPrime(from: bigint): bigint {
  for (let n = from | 1n; ; n += 2n) if (checkPrimeSync(n)) return n;
}

/** A prime as the library of CVE-2017-15361 made them: k * M + (65537^a mod M). */
function rocaPrime(bits: number): bigint {
  const m = [2n, 3n, 5n, 7n, 11n, 13n, 17n, 19n, 23n, 29n, 31n, 37n, 41n, 43n, 47n, 53n, 59n, 61n, 67n, 71n, 73n, 79n]
    .concat([83n, 89n, 97n, 101n, 103n, 107n, 109n, 113n, 127n, 131n, 137n, 139n, 149n, 151n, 157n, 163n, 167n])
    .reduce((product, each) => product * each);
  for (;;) {
    const random = BigInt(`0x${randomBytes(bits / 8).toString('hex')}`) | (3n << BigInt(bits - 2));
    let power = 1n;
    for (let a = random % 10_007n; a > 0n; a--) power = (power * EXPONENT) % m;
    const candidate = (random / m) * m + power;
    if (candidate.toString(2).length === bits && checkPrimeSync(candidate)) return candidate;
  }
}

describe('an RSA key', () => {
  const good = modulus(2048);

  it.each([2048, 3072, 4096])('of %i bits that OpenSSL makes is good', (modulusLength) => {
    const { n } = generateKeyPairSync('rsa', { modulusLength }).publicKey.export({ format: 'jwk' });
    const numbers = { modulus: BigInt(`0x${Buffer.from(n ?? '', 'base64url').toString('hex')}`), exponent: EXPONENT };
    expect(flawOfRsa(numbers)).toBeUndefined();
    expect(weaknessOfRsa(numbers)).toBeUndefined();
  });

  it.each([0n, 1n, 2n, 65536n, good, good + 2n])('with the exponent %s is none', (exponent) => {
    expect(flawOfRsa({ modulus: good, exponent })?.reason).toMatch(/exponent must be odd/);
  });

  it('with the exponent 3 is good', () => {
    expect(flawOfRsa({ modulus: good, exponent: 3n })).toBeUndefined();
    expect(weaknessOfRsa({ modulus: good, exponent: 3n })).toBeUndefined();
  });

  it.each<[string, () => bigint, RegExp]>([
    ['of 2040 bits', () => good >> 8n, /2040 bits can be broken; use at least 2048/],
    ['with a run of zero bytes', () => ((good >> 512n) << 512n) + 2n ** 300n + 1n, /repeats one byte/],
    ['of 16385 bits', () => 2n ** 16384n + 1n, /over 16384 bits/],
    ['with an even modulus', () => good - 1n, /divisible by 2,/],
    ['with a small factor', () => 997n * modulus(2048), /divisible by 997,/],
    ['with the factor 65537', () => 65537n * modulus(2048), /divisible by 65537,/],
    ['that is a prime of 2048 bits', () => prime(2048), /is a prime/],
    ['that is a prime of 3072 bits', () => prime(3072), /is a prime/],
    ['of primes with zeros in every word', () => withZeros(1024) * withZeros(1024), /too many zero bits/],
    ['of one prime, squared', () => prime(1024) ** 2n, /close to each other/],
    ['of neighbouring primes', () => neighbours(1024), /close to each other/],
    ['of primes that some rounds of Fermat tell', () => apart(2n ** 516n), /close to each other/],
    ['made by a chip with the ROCA flaw', () => rocaPrime(1024) * rocaPrime(1024), /ROCA/],
  ])('%s is weak', (_, make, expected) => {
    expect(weaknessOfRsa({ modulus: make(), exponent: EXPONENT })?.reason).toMatch(expected);
  });

  it('of 2047 bits, as old PuTTYgen made them, is good', () => {
    let product = 0n;
    while (product.toString(2).length !== 2047) product = prime(1024) * prime(1023);
    expect(weaknessOfRsa({ modulus: product, exponent: EXPONENT })).toBeUndefined();
  });

  it('with an exponent over 64 bits is weak', () => {
    expect(weaknessOfRsa({ modulus: good, exponent: 2n ** 65n + 1n })?.reason).toMatch(/larger than OpenSSL/);
  });

  it('with one flawed prime is not mistaken for a ROCA key', () => {
    const other = prime(1024);
    expect(weaknessOfRsa({ modulus: rocaPrime(1024) * other, exponent: EXPONENT })).toBeUndefined();
  });
});

/** A prime of words of 32 bits that a generator filled with 8 bits each. */
function withZeros(bits: number): bigint {
  const words = Array.from({ length: bits / 32 - 1 }, () => `000000${randomBytes(1).toString('hex')}`);
  return nextPrime(BigInt(`0xc0000000${words.join('')}`));
}

/** Primes of 1024 bits with a gap; the square of the gap, over 2^1027, is about the rounds that it takes. */
function apart(gap: bigint): bigint {
  const first = prime(1024);
  return first * nextPrime(first - gap);
}

function neighbours(bits: number): bigint {
  const first = prime(bits);
  return first * nextPrime(first + 2n);
}
