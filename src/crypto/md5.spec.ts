import { hash, randomBytes } from 'node:crypto';
import { describe, expect, it, jest } from '@jest/globals';
import { md5, plainMd5 } from './md5.js';

describe('MD5 without OpenSSL', () => {
  // RFC 1321, appendix A.5.
  it.each([
    ['', 'd41d8cd98f00b204e9800998ecf8427e'],
    ['a', '0cc175b9c0f1b6a831c399e269772661'],
    ['abc', '900150983cd24fb0d6963f7d28e17f72'],
    ['message digest', 'f96b697d7cb7938d525a2f31aaf161d0'],
    ['abcdefghijklmnopqrstuvwxyz', 'c3fcd3d76192e4007dfb496cca67e13b'],
    ['ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789', 'd174ab98d277d9f5a5611c2c9f419d9f'],
    ['1234567890'.repeat(8), '57edf4a22be3c955ac49da2e2107b67a'],
  ])('of "%s" is that of RFC 1321', (text, expected) => {
    expect(plainMd5(Buffer.from(text))).toBe(expected);
  });

  it('agrees with OpenSSL for every length around the ends of blocks', () => {
    for (let length = 0; length < 200; length++) {
      const bytes = randomBytes(length);
      expect(plainMd5(bytes)).toBe(hash('md5', bytes, 'hex'));
    }
  });

  it('takes over where OpenSSL forbids MD5, as in FIPS mode', async () => {
    const expected = md5(Buffer.from('message digest'));
    jest.unstable_mockModule('node:crypto', () => ({
      hash: () => {
        throw new Error('error:0308010C:digital envelope routines::unsupported');
      },
    }));
    jest.resetModules();
    const inFipsMode = await import('./md5.js');
    expect(inFipsMode.md5(Buffer.from('message digest'))).toBe(expected);
  });
});
