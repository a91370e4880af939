import { describe, expect, it } from '@jest/globals';
import { DomainError } from './domain-error.js';
import { failedPrecondition, readPreconditions } from './preconditions.js';

const NOTHING = undefined;

describe('the preconditions of a request (RFC 9110, section 13)', () => {
  // The rows of section 13.2.2: If-Match before If-None-Match, a failure of the first ends the evaluation.
  it.each([
    [{}, '"3"', undefined],
    [{}, NOTHING, undefined],
    [{ 'if-match': '"3"' }, '"3"', undefined],
    [{ 'if-match': '"2", "3"' }, '"3"', undefined],
    [{ 'if-match': '"2"' }, '"3"', 'If-Match'],
    [{ 'if-match': 'W/"3"' }, '"3"', 'If-Match'],
    [{ 'if-match': '*' }, '"3"', undefined],
    [{ 'if-match': '*' }, NOTHING, 'If-Match'],
    [{ 'if-match': '"3"' }, NOTHING, 'If-Match'],
    [{ 'if-none-match': '*' }, '"3"', 'If-None-Match'],
    [{ 'if-none-match': '*' }, NOTHING, undefined],
    [{ 'if-none-match': '"3"' }, '"3"', 'If-None-Match'],
    [{ 'if-none-match': 'W/"3"' }, '"3"', 'If-None-Match'],
    [{ 'if-none-match': '"2" , "4"' }, '"3"', undefined],
    [{ 'if-none-match': '"3"' }, NOTHING, undefined],
    [{ 'if-match': '"2"', 'if-none-match': '*' }, '"3"', 'If-Match'],
    [{ 'if-match': '"3"', 'if-none-match': '*' }, '"3"', 'If-None-Match'],
    [{ 'if-match': '"3"', 'if-none-match': '"2"' }, '"3"', undefined],
  ] as const)('%j of what has the tag %s: %s fails', (headers, current, expected) => {
    expect(failedPrecondition(readPreconditions(headers), current)).toBe(expected);
  });

  it.each(['3', '', '"3', '"3" "4"', '*, "3"', 'w/"3"', '"a"b"', 'W/ "3"', ',"3"'])(
    '%j is refused, not ignored',
    (text) => {
      for (const name of ['if-match', 'if-none-match'])
        expect(() => readPreconditions({ [name]: text })).toThrow(DomainError);
    },
  );

  it('a header of 16,000 commas is read at once', () => {
    const before = process.cpuUsage();
    expect(() => readPreconditions({ 'if-match': `"1"${' , '.repeat(5000)}x` })).toThrow(DomainError);
    expect(process.cpuUsage(before).user).toBeLessThan(1_000_000);
  });
});
