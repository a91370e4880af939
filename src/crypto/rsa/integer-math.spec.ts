import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { bitLength, greatestCommonDivisor, squareRoot } from './integer-math.js';

const random = (bytes: number): bigint => BigInt(`0x1${randomBytes(bytes).toString('hex')}`);
const small = Array.from({ length: 5000 }, (_, n) => BigInt(n));
const roots = [1, 2, 3, 7, 8, 31, 64, 127, 128, 256, 512, 1024].flatMap((bytes) => [random(bytes), random(bytes)]);
const aroundSquares = roots.flatMap((root) => [root ** 2n - 1n, root ** 2n, root ** 2n + 1n, root ** 2n + 2n * root]);
const powers = Array.from({ length: 2050 }, (_, bits) => [2n ** BigInt(bits), 2n ** BigInt(bits + 1) - 1n]).flat();

describe('the square root', () => {
  it.each([
    ['small numbers', small],
    ['the neighbours of squares', aroundSquares],
    ['powers of two and what is just below', powers],
    ['any numbers', roots],
  ])('of %s is the largest whose square is not over them', (_, numbers) => {
    const wrong = numbers.filter((n) => squareRoot(n) ** 2n > n || (squareRoot(n) + 1n) ** 2n <= n);
    expect(wrong).toEqual([]);
  });
});

describe('the number of bits', () => {
  it('is the number of binary digits', () => {
    const numbers = [...small.slice(1), ...roots, ...powers];
    expect(numbers.filter((n) => bitLength(n) !== n.toString(2).length)).toEqual([]);
  });
});

describe('the greatest common divisor', () => {
  it('is what two numbers have in common', () => {
    expect([greatestCommonDivisor(0n, 7n), greatestCommonDivisor(7n, 0n)]).toEqual([7n, 7n]);
    expect([greatestCommonDivisor(2n ** 89n - 1n, 2n ** 107n - 1n), greatestCommonDivisor(12n, 18n)]).toEqual([1n, 6n]);
    // Fibonacci: gcd(F(m), F(n)) = F(gcd(m, n)), and no numbers take more steps.
    const fibonacci = [0n, 1n];
    while (fibonacci.length < 600) fibonacci.push(fibonacci[fibonacci.length - 1] + fibonacci[fibonacci.length - 2]);
    expect(greatestCommonDivisor(fibonacci[588], fibonacci[420])).toBe(fibonacci[84]);
  });
});
