import { describe, expect, it } from '@jest/globals';
import { integer, octets, oid, sequence, set, time, utf8 } from '../../key-formats/der.js';
import { isOneDerValue as isOneValue } from './der-check.js';

const isOneDerValue = (bytes: Uint8Array): boolean => isOneValue(Buffer.from(bytes));

describe('one value in DER', () => {
  const value = sequence(integer(5), set(utf8('ä'.repeat(100)), octets(Buffer.alloc(70_000))), oid('1.3.6.1.4.1.311'));

  it('is what we write', () => {
    expect(isOneDerValue(value)).toBe(true);
  });

  it.each([
    ['nothing', ''],
    ['a tag alone', '30'],
    ['a cut value', '30030201'],
    ['a value with a byte after it', '300302010500'],
    ['a part that is longer than the whole', '3003020205'],
    ['a part that ends before the whole', '300402010500'],
    ['a length of no fixed size', '30800201050000'],
    ['a long length where a short one does', '308103020105'],
    ['a length with a leading zero', '30820003020105'],
    ['a length beyond all memory', '3085ffffffffff'],
    ['a tag of several bytes', '3f810103020105'],
  ])('is not %s', (_, hex) => {
    expect(isOneDerValue(Buffer.from(hex, 'hex'))).toBe(false);
  });

  it('is not a nest without end', () => {
    let nest = integer(1);
    for (let i = 0; i < 5000; i++) nest = sequence(nest);
    expect(isOneDerValue(nest)).toBe(false);
  });
});

describe('what we write in DER', () => {
  it.each([
    ['an integer with its first bit set', integer(2048), '02020800'],
    ['an integer that would look negative', integer(0x80), '02020080'],
    ['zero', integer(0), '020100'],
    ['a time of this half of the century', time(new Date('2049-12-31T23:59:59Z')), '170d3439313233313233353935395a'],
    ['a time of the next half', time(new Date('2050-01-01T00:00:00Z')), '180f32303530303130313030303030305a'],
    ['an object identifier', oid('1.2.840.113549'), '06062a864886f70d'],
  ])('%s is as X.690 and RFC 5280 want it', (_, bytes, hex) => {
    expect(Buffer.from(bytes).toString('hex')).toBe(hex);
  });
});
