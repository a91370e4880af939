import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { InvalidConfig, readConfig } from '../../src/config/config.js';

let directory: string;
let file: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'latchkey-settings-'));
  file = join(directory, 'url');
  writeFileSync(file, 'postgres://latchkey:secret@one,two/latchkey\n');
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** The problems of the settings, a line each. */
function problems(settings: Record<string, string>): readonly string[] {
  try {
    readConfig(settings);
    return [];
  } catch (error) {
    if (error instanceof InvalidConfig) return error.problems;
    throw error;
  }
}

describe('DATABASE_URL', () => {
  it.each([
    '',
    '?sslmode=disable',
    '?sslmode=require',
    '?sslmode=verify-full',
    '?sslmode=verify-ca&sslrootcert=/etc/hostname',
    '?sslrootcert=/etc/hostname&sslcert=/etc/hostname&sslkey=/etc/hostname&target_session_attrs=read-write',
  ])('may end in "%s"', (options) => {
    expect(problems({ DATABASE_URL: `postgres://latchkey@one:5432,two:5433/latchkey${options}` })).toEqual([]);
  });

  it.each([
    ['sslmode=prefer', 'must have one of disable, require, verify-ca, verify-full as sslmode'],
    ['sslmode=allow', 'must have one of disable, require, verify-ca, verify-full as sslmode'],
    ['ssl=true', 'must not have ssl; of TLS it may have sslmode, sslrootcert, sslcert, sslkey'],
    ['sslmode=verify-full&sslcrl=/etc/hostname', 'must not have sslcrl'],
    ['sslmode=verify-ca', 'must have sslrootcert with sslmode=verify-ca'],
    ['sslmode=verify-full&sslrootcert=/none.pem', 'has a sslrootcert that must be the path of a file that can be read'],
    ['sslmode=verify-full&sslcert=/etc/hostname', 'must have sslcert and sslkey both or neither'],
    ['target_session_attrs=standby', 'must have one of any, read-write, primary as target_session_attrs'],
  ])('may not have %s', (options, expected) => {
    const [problem, ...more] = problems({ DATABASE_URL: `postgres://latchkey:secret@one/latchkey?${options}` });
    expect([problem, more]).toEqual([expect.stringContaining(`DATABASE_URL ${expected}`), []]);
    expect(problem).not.toContain('secret');
  });

  it.each(['mysql://one/latchkey', 'postgres://one,,two/latchkey', 'one', 'postgres://u:se%cret@one/latchkey'])(
    'may not be %s',
    (url) => {
      expect(problems({ DATABASE_URL: url })).toEqual([expect.stringMatching(/^DATABASE_URL must /)]);
    },
  );
});

describe('DATABASE_READ_URL', () => {
  const DATABASE_URL = 'postgres://latchkey@one/latchkey';
  const DATABASE_READ_URL = 'postgres://latchkey@one,two/latchkey';

  it.each([
    [{ DATABASE_URL, DATABASE_READ_URL }, []],
    [{ DATABASE_URL, DATABASE_READ_URL, DATABASE_READS: 'standby' }, []],
    [{ DATABASE_READ_URL }, ['DATABASE_READ_URL needs DATABASE_URL.']],
    [{ DATABASE_URL, DATABASE_READS: 'standby' }, ['DATABASE_READS=standby needs DATABASE_READ_URL.']],
  ])('of %j is checked at start', (settings, expected) => {
    expect(problems(settings as Record<string, string>)).toEqual(expected);
  });
});

describe('DATABASE_URL_FILE', () => {
  it('holds what DATABASE_URL would', () => {
    expect(readConfig({ DATABASE_URL_FILE: file }).databaseUrl).toBe('postgres://latchkey:secret@one,two/latchkey');
  });

  it('must be there', () => {
    expect(problems({ DATABASE_URL_FILE: join(directory, 'none') })).toEqual([
      expect.stringContaining('DATABASE_URL_FILE must be the path of a file that can be read (ENOENT)'),
    ]);
  });

  it('must hold such a URL', () => {
    const other = join(directory, 'other');
    writeFileSync(other, 'secret');
    const [problem, ...more] = problems({ DATABASE_URL_FILE: other });
    expect(problem).toContain('DATABASE_URL_FILE names a file whose content must be a URL');
    expect([problem, ...more].join('')).not.toContain('secret');
  });

  it('stands alone', () => {
    expect(problems({ DATABASE_URL: 'postgres://one/latchkey', DATABASE_URL_FILE: file })).toEqual([
      'DATABASE_URL and DATABASE_URL_FILE are both set; keep one.',
    ]);
  });
});
