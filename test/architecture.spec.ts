import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { ERRORS } from '../src/domain/domain-error.js';

/**
 * The folders of `src` from the bottom up: a file imports from its own row and from the rows before it. Folders of one row
 * may import each other as long as there is no circle. `.` is what starts the service.
 */
const ROWS = [
  ['domain'],
  ['config', 'files', 'key-formats'],
  ['http'],
  ['audit', 'tracing', 'policy'],
  ['crypto'],
  ['persistence'],
  ['identity'],
  ['nova'],
  [
    'compute',
    'events',
    'keypairs',
    'quotas',
    'guests',
    'metadata',
    'notifications',
    'ssh-ca',
    'ssh-certificates',
    'webhooks',
  ],
  ['operations'],
  ['openapi', 'console', '.'],
  ['cli'],
];

const files = (readdirSync('src', { recursive: true }) as string[]).filter(
  (file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'),
);

const textOf = (file: string): string => readFileSync(join('src', file), 'utf8');
const folderOf = (file: string): string => (file.includes('/') ? file.slice(0, file.indexOf('/')) : '.');
const rowOf = (folder: string): number => ROWS.findIndex((row) => row.includes(folder));

/** What each file imports from `src`, type imports and dynamic ones included. */
const imports = new Map(
  files.map((file) => {
    const specifiers = [...textOf(file).matchAll(/(?:\bfrom|\bimport\s*\(|\bimport)\s*'(\.[^']+)\.js'/g)].map(
      ([, path]) => path,
    );
    const targets = specifiers.map((path) => normalize(join('src', dirname(file), `${path}.ts`)));
    return [file, targets.filter((path) => path.startsWith('src/')).map((path) => relative('src', path))];
  }),
);

const arrows = files.flatMap((from) => imports.get(from)!.map((to) => ({ from, to })));
const between = arrows.filter(({ from, to }) => folderOf(from) !== folderOf(to));

describe('The architecture', () => {
  test('has a row for every folder', () => {
    expect([...new Set(files.map(folderOf))].filter((folder) => rowOf(folder) < 0)).toEqual([]);
  });

  test('has no import upward', () => {
    const upward = between.filter(({ from, to }) => rowOf(folderOf(to)) > rowOf(folderOf(from)));
    expect(upward.map(({ from, to }) => `${from} imports ${to}`)).toEqual([]);
  });

  test('has no circle of folders', () => {
    const next = new Map<string, Set<string>>();
    for (const { from, to } of between) {
      const folder = folderOf(from);
      next.set(folder, (next.get(folder) ?? new Set()).add(folderOf(to)));
    }
    const reaches = (from: string, goal: string, seen = new Set<string>()): boolean =>
      [...(next.get(from) ?? [])].some((to) => {
        if (to === goal) return true;
        if (seen.has(to)) return false;
        seen.add(to);
        return reaches(to, goal, seen);
      });
    expect([...next.keys()].filter((folder) => reaches(folder, folder))).toEqual([]);
  });

  test('has no circle of files', () => {
    const done = new Set<string>();
    const circles: string[] = [];
    const visit = (file: string, path: readonly string[]): void => {
      if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(' > '));
      if (path.includes(file) || done.has(file)) return;
      for (const to of imports.get(file) ?? []) visit(to, [...path, file]);
      done.add(file);
    };
    files.forEach((file) => visit(file, []));
    expect(circles).toEqual([]);
  });

  test('throws every error code that it documents', () => {
    const text = files
      .filter((file) => file !== 'domain/domain-error.ts')
      .map((file) => readFileSync(join('src', file)));
    expect(Object.keys(ERRORS).filter((code) => !text.join('\n').includes(`'${code}'`))).toEqual([]);
  });

  test('keeps HTTP out of its services', () => {
    const services = files.filter((file) => file.endsWith('.service.ts'));
    expect(services.length).toBeGreaterThan(2);
    const offending = arrows.filter(
      ({ from, to }) =>
        services.includes(from) &&
        (to.startsWith('http/') || to.startsWith('nova/') || to === 'domain/microversion.ts'),
    );
    expect(offending).toEqual([]);
  });

  test('lets only the operator half of the command line import the service', () => {
    const allowed = /^(cli|crypto|domain|files|key-formats|nova|http\/client)\//;
    const client = between.filter(({ from }) => folderOf(from) === 'cli' && !from.startsWith('cli/service/'));
    expect(client.filter(({ to }) => !allowed.test(to))).toEqual([]);
  });

  test('does not test the type of a key outside the tables of types', () => {
    const tables = ['crypto/key-types.ts', 'cli/keys/pair-types.ts', 'domain/keypair-type.ts'];
    const asking = files.filter(
      (file) => !tables.includes(file) && /[!=]==? KeypairType\.|KeypairType\.\w+ [!=]==?|'x509' \?/.test(textOf(file)),
    );
    expect(asking).toEqual([]);
  });

  test('keeps SQL in persistence', () => {
    const others = files.filter((file) => !file.startsWith('persistence/'));
    expect(
      others.filter((file) => /\bSELECT\b[^;]*\bFROM\b|\bINSERT INTO\b[^;]*\(\$|createQueryRunner/.test(textOf(file))),
    ).toEqual([]);
  });
});
