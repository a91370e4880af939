import { describe, expect, it } from '@jest/globals';
import { jsonString } from './json-string.js';

describe('a text as JSON', () => {
  it('is what JSON.stringify writes, for every single UTF-16 unit', () => {
    const others = [];
    for (let unit = 0; unit <= 0xffff; unit += 1) {
      const text = `a${String.fromCharCode(unit)}b`;
      if (jsonString(text) !== JSON.stringify(text)) others.push(unit);
    }
    expect(others).toEqual([]);
  });

  it.each(['', 'ssh-ed25519 AAAA me@host', 'quo"te', 'back\\slash', 'ключ', '🔑', '\ud83d alone', '\u2028'])(
    'is what JSON.stringify writes: %j',
    (text) => {
      expect(jsonString(text)).toBe(JSON.stringify(text));
    },
  );
});
