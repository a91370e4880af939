import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type FileLine, verifyChain } from './audit-chain.js';
import { AuditFile } from './audit-file.js';
import { readFileLines } from './file-lines.js';

let directory: string;
let path: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'latchkey-chain-'));
  path = join(directory, 'audit.log');
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

const change = (name: string): object => ({ audit: { action: 'keypair.create', owner: 'alice', name } });

function write(file: AuditFile, ...names: string[]): void {
  for (const name of names) file.write([change(name)]);
}

async function* linesOf(files: readonly string[]): AsyncGenerator<FileLine> {
  for (const file of files) yield* readFileLines(file);
}

const verify = (files: readonly string[] = [path], options: { after?: string; includes?: string } = {}) =>
  verifyChain(linesOf(files), options);

/** Changes the lines of the file, and returns what is found then. */
async function afterEdit(edit: (lines: string[]) => string[]) {
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  const edited = edit(lines).map((line) => `${line}\n`);
  writeFileSync(path, edited.join(''));
  return verify();
}

const sha256sum = (text: string): string => execFileSync('sha256sum', { input: text, encoding: 'utf8' }).slice(0, 64);

describe('A file of audit lines', () => {
  it('has in each line the SHA-256 of the one before it, as sha256sum computes it', async () => {
    write(new AuditFile(path), 'one', 'two ✓', 'three');
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
    const links = lines.map((line) => JSON.parse(line) as { seq: number; prev: string | null; chain: string });
    expect(links.map(({ prev }) => prev)).toEqual([null, sha256sum(lines[0]), sha256sum(lines[1])]);
    expect(links.map(({ seq }) => seq)).toEqual([1, 2, 3]);
    expect(new Set(links.map(({ chain }) => chain)).size).toBe(1);
    expect(await verify()).toEqual({ linked: 3, chains: 1, unprotected: 0, beside: [], last: sha256sum(lines[2]) });
  });

  it('may be written by several processes in turn', async () => {
    const [service, commandLine] = [new AuditFile(path), new AuditFile(path)];
    write(service, 'one', 'two');
    commandLine.write([change('three'), change('four')]);
    write(service, 'five');
    write(commandLine, 'six');
    expect(await verify()).toMatchObject({ linked: 6, chains: 2, beside: [] });
  });

  it('goes on after a restart, and after a crash in the middle of a line', async () => {
    write(new AuditFile(path), 'one', 'two');
    write(new AuditFile(path), 'three');
    appendFileSync(path, '{"time":"2026-01-01T0');
    expect(await verify()).toMatchObject({ line: 4, reason: 'lacks its end, after a crash or a change' });
    write(new AuditFile(path), 'four');
    expect(await verify()).toMatchObject({ linked: 4, chains: 3 });
    expect(await afterEdit(([a, b, c, , e]) => [a, b, c, '{"time":"2027', e])).toMatchObject({ line: 4 });
  });

  it('is followed by the next one after rotation, which is verified with it or after its last hash', async () => {
    const file = new AuditFile(path);
    write(file, 'one', 'two');
    const older = `${path}.1`;
    renameSync(path, older);
    write(file, 'three', 'four');
    expect(await verify([older, path])).toMatchObject({ linked: 4, chains: 1 });
    expect(await verify([older])).toMatchObject({ linked: 2 });
    const { last } = (await verify([older])) as { last: string };
    expect(await verify([path], { after: last })).toMatchObject({ linked: 2 });
    expect(await verify([path])).toMatchObject({ line: 1, reason: expect.stringContaining(`--after ${last}`) });
    expect(await verify([path, older])).toMatchObject({ file: path, line: 1 });
  });

  it('is followed after rotation that copies and truncates, too', async () => {
    const file = new AuditFile(path);
    write(file, 'one', 'two');
    const older = `${path}.1`;
    writeFileSync(older, readFileSync(path));
    truncateSync(path);
    write(file, 'three');
    expect(await verify([older, path])).toMatchObject({ linked: 3, chains: 1 });
  });

  it('may begin with lines of an older version, which nothing protects', async () => {
    writeFileSync(path, '{"time":"2026-01-01T00:00:00.000Z","audit":{}}\n'.repeat(2));
    write(new AuditFile(path), 'one');
    expect(await verify()).toMatchObject({ unprotected: 2, linked: 1 });
  });

  it('shows lines of two processes that were written at the same moment', async () => {
    const [one, other] = [new AuditFile(path), new AuditFile(path)];
    write(one, 'one');
    const before = readFileSync(path);
    write(other, 'two');
    const line = readFileSync(path).subarray(before.length);
    // As if `one` had looked at the file just before `other` wrote.
    writeFileSync(path, before);
    write(one, 'three');
    const text = readFileSync(path).subarray(before.length);
    writeFileSync(path, Buffer.concat([before, line, text]));
    expect(await verify()).toMatchObject({ linked: 3, beside: [{ line: 2 }] });
  });
});

describe('What was done to a file of audit lines is found:', () => {
  beforeEach(() => {
    const [service, commandLine] = [new AuditFile(path), new AuditFile(path)];
    write(service, 'one', 'two');
    write(commandLine, 'three');
    write(service, 'four', 'five', 'six');
  });

  it.each([0, 1, 2, 3, 4, 5])('another name in line %i + 1', async (at) => {
    const found = await afterEdit((lines) => lines.with(at, lines[at].replace('alice', 'bob')));
    expect(found).toEqual({ file: path, line: at + 1, reason: 'was changed' });
  });

  it.each([0, 1, 2, 3, 4])('line %i + 1 removed', async (at) => {
    expect(await afterEdit((lines) => lines.toSpliced(at, 1))).toMatchObject({ line: at + 1 });
  });

  it('several lines removed', async () => {
    expect(await afterEdit((lines) => lines.toSpliced(1, 3))).toMatchObject({ line: 2 });
  });

  it.each([0, 1, 2, 3, 4])('line %i + 1 and the next one in another order', async (at) => {
    const found = await afterEdit((lines) => lines.toSpliced(at, 2, lines[at + 1], lines[at]));
    expect(found).toMatchObject({ line: at + 1 });
  });

  it('a line twice, at once and later', async () => {
    expect(await afterEdit((lines) => lines.toSpliced(2, 0, lines[1]))).toMatchObject({ line: 3 });
    expect(await afterEdit((lines) => [...lines.toSpliced(2, 1), lines[0]])).toMatchObject({ line: 7 });
  });

  it.each(['{"time":"2026-01-01T00:00:00.000Z","audit":{"action":"login"}}', '', 'null', '[]', '{"chain":1}'])(
    'a line from elsewhere: %j',
    async (line) => {
      expect(await afterEdit((lines) => lines.toSpliced(3, 0, line))).toMatchObject({
        line: 4,
        reason: 'was changed or inserted',
      });
      expect(await afterEdit((lines) => [...lines.toSpliced(3, 1), line])).toMatchObject({ line: 7 });
    },
  );

  it('the end cut in the middle of a line', async () => {
    writeFileSync(path, readFileSync(path).subarray(0, -20));
    expect(await verify()).toMatchObject({ line: 6, reason: expect.stringContaining('lacks its end') });
  });

  it('whole lines cut at the end, by the hash of an earlier verification', async () => {
    const { last } = (await verify()) as { last: string };
    expect(await verify([path], { includes: last })).toMatchObject({ linked: 6 });
    await afterEdit((lines) => lines.slice(0, 4));
    expect(await verify()).toMatchObject({ linked: 4 });
    expect(await verify([path], { includes: last })).toMatchObject({ line: 4, reason: expect.stringContaining(last) });
  });

  it('whole lines cut at the end while the process goes on, by its next line', async () => {
    const file = new AuditFile(path);
    write(file, 'seven', 'eight');
    await afterEdit((lines) => lines.slice(0, 7));
    write(file, 'nine');
    expect(await verify()).toMatchObject({ line: 8 });
  });

  it('bytes that are no UTF-8', async () => {
    const bytes = readFileSync(path);
    bytes[bytes.indexOf('alice')] = 0xff;
    writeFileSync(path, bytes);
    expect(await verify()).toEqual({ file: path, line: 1, reason: 'was changed' });
  });
});
