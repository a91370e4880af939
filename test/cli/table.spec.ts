import { describe, expect, it } from '@jest/globals';
import stringWidth from 'string-width';
import { table } from '../../src/cli/output/table.js';

describe('a table', () => {
  it.each([
    ['Chinese and Japanese', '鍵ペア'],
    ['emoji', '🔑👩🏽🇯🇵'],
    ['combining marks', 'e\u0301te\u0301'],
    ['Korean', '열쇠'],
    ['letters', 'laptop'],
  ])('has a straight border whatever its names hold: %s', (_, name) => {
    const lines = table(
      ['Name', 'Type'],
      [
        [name, 'ssh'],
        ['x', 'x509'],
      ],
      80,
    )
      .trimEnd()
      .split('\n');
    expect(new Set(lines.map((line) => stringWidth(line))).size).toBe(1);
  });

  it.each(['鍵', '👩🏽', '🇯🇵', 'e\u0301', '𝒳'])('wraps between characters, never inside %s', (character) => {
    const text = character.repeat(30);
    const lines = table(['Name'], [[`x${text}`]], 20)
      .trimEnd()
      .split('\n');
    expect(new Set(lines.map((line) => stringWidth(line)))).toEqual(new Set([20]));
    const cells = lines.slice(3, -1).map((line) => line.slice(2, -2).trimEnd());
    expect(cells.join('')).toBe(`x${text}`);
    for (const cell of cells) expect(cell.replace(/^x/, '').replaceAll(character, '')).toBe('');
  });
});
