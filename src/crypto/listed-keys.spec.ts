import { describe, expect, it } from '@jest/globals';
import { NO_LISTED_KEYS, readListedKeys } from './listed-keys.js';

const FINGERPRINT = '5e:b8:00:98:06:4c:8d:14:1a:f4:64:2a:4f:2a:bd:59';

describe('a list of weak keys', () => {
  it.each([
    ['the last 20 digits, as in Debian', '064c8d141af4642a4f2abd59'.slice(-20)],
    ['the whole fingerprint', FINGERPRINT],
    ['upper case and blanks', `  ${FINGERPRINT.toUpperCase()}  `],
  ])('has the keys that it names by %s', (_, line) => {
    const list = readListedKeys(`# RSA keys\n\n0123456789abcdef0123\n${line}\n`);
    expect(list.has(FINGERPRINT)).toBe(true);
    expect(list.has(FINGERPRINT.replace('59', '58'))).toBe(false);
  });

  it('that cannot be read says which line is wrong', () => {
    expect(() => readListedKeys('# ok\nssh-rsa AAAA\n')).toThrow('Line 2 of the list of weak keys');
  });

  it('is empty unless there is one', () => {
    expect(NO_LISTED_KEYS.has(FINGERPRINT)).toBe(false);
  });
});
