import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from '../support/client.js';
import { sshKeygen } from '../support/ssh-keygen.js';
import { endOf } from '../cli/shell.js';

const run = promisify(execFile);
const directory = mkdtempSync(join(tmpdir(), 'latchkey-package-'));
const installed = join(directory, 'installed');

interface Packed {
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

let packed: Packed;

/** The environment of a user: without the variables of the npm that runs this suite. */
const environment: NodeJS.ProcessEnv = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(npm_|DATABASE_URL$)/i.test(name))),
  PORT: '0',
  METADATA_PORT: '0',
};

beforeAll(async () => {
  const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', directory], { maxBuffer: 1e8 });
  [packed] = JSON.parse(stdout) as Packed[];
  const tarball = join(directory, packed.filename);
  const options = ['--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
  await run('npm', ['install', '--prefix', installed, ...options, tarball], { env: environment });
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe('the package', () => {
  it('contains what runs, and neither sources nor tests nor data', () => {
    const paths = packed.files.map(({ path }) => path);
    expect(paths).toEqual(
      expect.arrayContaining(['LICENSE', 'README.md', '.env.example', 'bin/latchkey.js', 'deploy/latchkey.service']),
    );
    expect(
      paths.filter((path) =>
        /^(src|test|data|node_modules|\.git)|\.spec\.|^secrets|(identity|clouds)\.yaml$|\.key$/.test(path),
      ),
    ).toEqual([]);
  });

  it('is run by npx', async () => {
    const { stdout } = await run('npx', ['--no-install', 'latchkey', '--version'], {
      cwd: installed,
      env: environment,
    });
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it('serves keypairs from an embedded database in ./data, and the pages at /docs and /console', async () => {
    const service = spawn('node_modules/.bin/latchkey', ['serve'], {
      cwd: installed,
      env: { ...environment, AUTH_MODE: 'none' },
    });
    let output = '';
    const listens = new Promise<string>((resolve, reject) => {
      service.stderr.setEncoding('utf8').on('data', (text: string) => {
        output += text;
        const host = /listens on http:\/\/([^/]+)\//.exec(output)?.[1];
        if (host) resolve(host);
      });
      service.on('exit', () => reject(new Error(`the service ended: ${output}`)));
    });
    const client = new Client(await listens).at('2.2');
    const created = await client.post('/v2.1/os-keypairs', { keypair: { name: 'laptop', public_key: sshKeygen() } });
    expect(created.status).toBe(201);
    expect(existsSync(join(installed, 'data', 'database', 'PG_VERSION'))).toBe(true);
    for (const file of ['', '/page.js', '/swagger-ui-bundle.js']) {
      expect((await client.get(`/docs${file}`)).status).toBe(200);
    }
    for (const file of ['', '/messages/de.json', '/src/console/page/main.js', '/src/console/page/lit-html.js']) {
      expect((await client.get(`/console${file}`)).status).toBe(200);
    }
    service.kill('SIGTERM');
    expect(await endOf(service)).toBe(0);
  });
});
