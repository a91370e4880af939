import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';

const GENERATED = ['docs/api.md', 'docs/cli.md', 'docs/errors.md', 'docs/microversions.md'];
const MAX_WORDS = 20_000;

const pages = [
  'README.md',
  ...(readdirSync('docs', { recursive: true }) as string[])
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
].map((file) => ({ file, text: readFileSync(file, 'utf8') }));
const written = pages.filter(({ file }) => !GENERATED.includes(file));
const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };

/** What a pattern finds in the pages, each with the page it is on. */
const found = (pattern: RegExp): { file: string; name: string }[] =>
  pages.flatMap(({ file, text }) => [...text.matchAll(pattern)].map(([, name]) => ({ file, name })));

describe('The documents', () => {
  test('link to files that exist', () => {
    const links = found(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g);
    expect(links.length).toBeGreaterThan(20);
    expect(links.filter(({ file, name }) => !existsSync(join(dirname(file), name)))).toEqual([]);
  });

  test('name files of the checkout that exist', () => {
    const paths = found(/`((?:src|test|scripts|bench|migrations|deploy|examples)\/[\w./-]+)/g);
    expect(paths.length).toBeGreaterThan(20);
    expect(paths.filter(({ name }) => !existsSync(name))).toEqual([]);
  });

  test('name npm scripts, tools and test projects that exist', () => {
    const tools = readFileSync('scripts/tool.mjs', 'utf8');
    const projects = readFileSync('test/projects.mjs', 'utf8');
    const named = found(/npm run ([\w:-]+)/g);
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter(({ name }) => !(name in scripts))).toEqual([]);
    expect(found(/npm run tool -- ([\w-]+)/g).filter(({ name }) => !tools.includes(name))).toEqual([]);
    expect(found(/--selectProjects ([\w-]+)/g).filter(({ name }) => !projects.includes(name))).toEqual([]);
  });

  test('have no value that the source lacks', () => {
    expect(found(/(`undefined`|\[object \w+\])/g)).toEqual([]);
  });

  test('give every difference from Nova a reason and a test', () => {
    const rows = readFileSync('docs/compatibility.md', 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('|') && !/^\|[ -]+\|[ -|]*$/.test(line))
      .map((line) => line.split(/(?<!\\)\|/).slice(1, -1))
      .filter(([first]) => !/^ (?:Nova|Keystone and Nova) +$/.test(first));
    expect(rows.length).toBeGreaterThan(40);
    expect(rows.filter((cells) => cells.length !== 4 || cells.some((cell) => cell.trim() === ''))).toEqual([]);
  });

  test(`have at most ${MAX_WORDS} words that people wrote`, () => {
    // The bars and lines of tables do not count.
    const words = written.reduce(
      (sum, { text }) => sum + text.split(/\s+/).filter((word) => /\w/.test(word)).length,
      0,
    );
    expect(words).toBeLessThanOrEqual(MAX_WORDS);
  });
});
