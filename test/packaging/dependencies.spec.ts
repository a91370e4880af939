import { execFile, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';

interface Ended {
  readonly status: number;
  readonly output: string;
}

let registry: Server | undefined;

afterEach(() => void registry?.close());

/** Runs scripts/audit.mjs against a registry that answers every request with this. */
async function audit(
  status: number,
  answer: (query: string) => unknown,
  ...options: readonly string[]
): Promise<Ended> {
  const server = createServer((request, response) => {
    // npm also requests the other versions of an affected package.
    if (request.method !== 'POST') return response.writeHead(404).end();
    void text(request.headers['content-encoding'] === 'gzip' ? unzipped(request) : request).then((query) =>
      response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(answer(query))),
    );
  });
  registry = server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const env = { ...process.env, npm_config_registry: `http://127.0.0.1:${port}/`, npm_config_fetch_retries: '0' };
  return new Promise((done) =>
    execFile(process.execPath, ['scripts/audit.mjs', ...options], { env }, (error, out, err) =>
      done({ status: error === null ? 0 : Number(error.code), output: out + err }),
    ),
  );
}

async function* unzipped(stream: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  yield gunzipSync(Buffer.concat(chunks));
}

describe('the licences of what the service runs with', () => {
  const directory = mkdtempSync(join(tmpdir(), 'latchkey-licences-'));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  /** The result for packages with these licences. */
  function licences(...expressions: readonly (string | undefined)[]): { status: number | null; output: string } {
    const lock = join(directory, 'package-lock.json');
    const packages = expressions.map((license, at) => [`node_modules/package-${at}`, { version: '1.0.0', license }]);
    const forTests = { version: '1.0.0', license: 'GPL-3.0', dev: true };
    writeFileSync(lock, JSON.stringify({ packages: { ...Object.fromEntries(packages), 'node_modules/x': forTests } }));
    const { status, stderr } = spawnSync(process.execPath, ['scripts/licences.mjs', lock], { encoding: 'utf8' });
    return { status, output: stderr };
  }

  it('pass if they are permissive, or leave a choice that is', () => {
    const choices = ['MIT', 'Apache-2.0', '(BSD-3-Clause OR GPL-2.0)', 'MIT AND ISC'];
    expect(licences(...choices)).toEqual({ status: 0, output: '' });
  });

  it.each(['GPL-3.0', 'MIT AND GPL-2.0', 'UNLICENSED', 'SEE LICENSE IN LICENSE', undefined])(
    'fail as %s',
    (license) => {
      const { status, output } = licences('MIT', license);
      expect({ status, output }).toEqual({
        status: 1,
        output: expect.stringMatching(/^package-1 1\.0\.0: .* is not permitted/),
      });
    },
  );
});

describe('package-lock.json', () => {
  it('has the integrity of every package, so that none can be exchanged', () => {
    const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
      packages: Record<string, { readonly integrity?: string }>;
    };
    const without = Object.keys(packages).filter(
      (path) => path !== '' && !packages[path].integrity?.startsWith('sha512-'),
    );
    expect(without).toEqual([]);
  });
});

describe('the audit of what the service runs with', () => {
  it('passes if the registry knows of no vulnerability', async () => {
    expect(await audit(200, () => ({}))).toEqual({ status: 0, output: expect.stringMatching(/^Audited: /m) });
  });

  it('queries packages of the service, not those for development, and fails on a finding', async () => {
    let about: string[] = [];
    const finding = {
      id: 1,
      url: 'https://github.com/advisories/GHSA-made-up',
      title: 'Made up',
      severity: 'low',
      vulnerable_versions: '*',
      cwe: [],
      cvss: { score: 0, vectorString: null },
    };
    const { status, output } = await audit(200, (query) => {
      about = Object.keys(JSON.parse(query) as object);
      return { pg: [finding] };
    });
    expect({ status, output }).toEqual({ status: 1, output: expect.stringMatching(/^pg .*: low\. Made up https:/m) });
    expect(about).toContain('fastify');
    expect(about).not.toContain('jest');
  });

  it('fails if the registry does not serve advisories, since nothing was checked', async () => {
    expect(await audit(405, () => ({}))).toEqual({
      status: 1,
      output: expect.stringMatching(/^Not audited: [^]*--offline-ok/m),
    });
  });

  it('passes without advisories given --offline-ok, and reports that nothing was checked', async () => {
    const { status, output } = await audit(405, () => ({}), '--offline-ok');
    expect({ status, output }).toEqual({ status: 0, output: expect.stringMatching(/^Not audited: .*\(405\)\.$/m) });
  });

  it('may lack advisories in continuous integration, which passes --offline-ok', () => {
    expect(readFileSync('.ci/run', 'utf8')).toMatch(/^npm run tool -- audit --offline-ok$/m);
  });

  it.each([500, 404, 401])('fails if the registry answers %i', async (answered) => {
    const { status, output } = await audit(answered, () => ({}));
    expect({ status, output }).toEqual({ status: 1, output: expect.stringMatching(/^The audit failed: /m) });
  });
});
