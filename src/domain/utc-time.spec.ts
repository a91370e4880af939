import { describe, expect, it } from '@jest/globals';
import { readDuration, readTime, utcTime } from './utc-time.js';

describe('a time', () => {
  it.each([
    ['2026-12-31', '2026-12-31T00:00:00.000000'],
    ['2026-12-31T10:20', '2026-12-31T10:20:00.000000'],
    ['2026-12-31 10:20:30', '2026-12-31T10:20:30.000000'],
    ['2026-12-31T10:20:30.123456', '2026-12-31T10:20:30.123000'],
    ['2026-12-31T23:00:00+01:00', '2026-12-31T22:00:00.000000'],
    ['2028-02-29T00:00:00Z', '2028-02-29T00:00:00.000000'],
  ])('%s is %s', (text, expected) => expect(readTime(text)).toBe(expected));

  it.each([
    '',
    'tomorrow',
    '2026-02-30',
    '2027-02-29',
    '2026-13-01',
    '2026-12-31T25:00',
    '12026-01-01',
    '30d',
    '2026-12-31T1',
  ])('%j is none', (text) => expect(readTime(text)).toBeUndefined());

  it('is written so that texts sort as times do', () => {
    expect(utcTime(0)).toBe('1970-01-01T00:00:00.000000');
    expect(utcTime(Date.parse('2026-01-31T12:34:56.789Z'))).toBe('2026-01-31T12:34:56.789000');
  });
});

describe('a duration', () => {
  it.each([
    ['30m', 1_800_000],
    ['12h', 43_200_000],
    ['90d', 7_776_000_000],
    ['2w', 1_209_600_000],
    ['0d', 0],
    ['P30D', 2_592_000_000],
    ['PT24H', 86_400_000],
    ['P1DT12H30M', 131_400_000],
    ['P2W', 1_209_600_000],
  ])('%s is %d ms', (text, expected) => expect(readDuration(text)).toBe(expected));

  it.each(['', '30', 'd', '-1d', '1.5h', 'P', 'PT', 'P1Y', '1234567d', '30 d'])('%j is none', (text) =>
    expect(readDuration(text)).toBeUndefined(),
  );
});
