import { execFile } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { identityYaml } from '../identity/identity-yaml.js';
import { type StartedApp, startApp } from '../support/start-app.js';

/** A client generated from the documents, in a package of its own. */

const PASSWORD = 'a password';
const TSCONFIG = {
  compilerOptions: {
    strict: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
    target: 'es2023',
    module: 'nodenext',
    types: ['node'],
    outDir: 'out',
  },
};

let directory: string;
let service: StartedApp;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'latchkey-client-'));
  const inside = (...path: string[]): string => join(directory, ...path);
  writeFileSync(inside('package.json'), '{"type": "module"}');
  symlinkSync(resolve('node_modules'), inside('node_modules'));
  for (const name of ['2.75', '2.92', 'identity', 'guests', 'v1-keypairs']) {
    const file = inside(/^\d/.test(name) ? `compute-${name}.ts` : `${name}.ts`);
    const { code, output } = await run('openapi-typescript', resolve(`docs/openapi/${name}.json`), '-o', file);
    if (code !== 0) throw new Error(output);
  }
  const users = [{ name: 'demo', roles: { demo: ['member'] } }];
  const identityFile = inside('identity.yaml');
  writeFileSync(identityFile, await identityYaml(['demo'], users, PASSWORD));
  service = await startApp({ AUTH_MODE: 'builtin', IDENTITY_FILE: identityFile, TOKEN_KEY_FILE: inside('token.key') });
});

afterAll(async () => {
  await service?.stop();
  rmSync(directory, { recursive: true, force: true });
});

/** Runs a program of a package; its output and errors together. */
function run(program: string, ...args: string[]): Promise<{ code: number; output: string }> {
  return new Promise((done) => {
    execFile(join('node_modules', '.bin', program), args, { cwd: directory }, (error, stdout, stderr) => {
      done({ code: error ? Number(error.code) : 0, output: stdout + stderr });
    });
  });
}

/** The compiler's strict errors for a program: `file:line code message` each. */
async function compiled(name: string, source?: string): Promise<string[]> {
  if (source !== undefined) writeFileSync(join(directory, name), source);
  writeFileSync(join(directory, 'tsconfig.json'), JSON.stringify({ ...TSCONFIG, files: [name] }));
  const { code, output } = await run('tsc', '-p', '.', '--pretty', 'false');
  // Continuation lines of an error are indented.
  const errors = output.split(/\n(?=\S)/).filter((text) => text.includes('error TS'));
  if ((code === 0) !== (errors.length === 0)) throw new Error(output);
  return errors.map((text) => text.replace(/^(\S+)\((\d+),\d+\): error (TS\d+): /, '$1:$2 $3 '));
}

describe('a generated client', () => {
  it('compiles, and runs the tour', async () => {
    copyFileSync('examples/typescript/tour.ts', join(directory, 'tour.ts'));
    expect(await compiled('tour.ts')).toEqual([]);
    const args = [join(directory, 'out', 'tour.js'), `http://${service.client.host}`, 'demo', PASSWORD];
    const output = await new Promise<string>((done) => {
      execFile(process.execPath, args, (error, stdout, stderr) => done(error ? stdout + stderr : stdout));
    });
    expect(output.trimEnd().split('\n')).toEqual([
      'logged in as demo',
      'made: -----BEGIN RSA PRIVATE KEY-----',
      'imported: 5e:b8:00:98:06:4c:8d:14:1a:f4:64:2a:4f:2a:bd:59',
      'listed: made (ssh), tour@laptop (ssh)',
      'shown: tour@laptop of demo',
      expect.stringMatching(/^refused: 400 .*'public_key' is a required property/),
      'deleted: made, 204',
      'deleted: tour@laptop, 204',
    ]);
  });

  const program = (version: string, body: string, use: string): string => `import createClient from 'openapi-fetch';
import type { paths } from './compute-${version}.js';
const params = { header: { 'X-OpenStack-Nova-API-Version': '${version}' } } as const;
const { data } = await createClient<paths>({ baseUrl: '' }).POST('/os-keypairs', {
  params,
  body: { keypair: ${body} },
});
console.log(data?.keypair.${use});
`;

  it('may leave out public_key, and read private_key, by the types before 2.92', async () => {
    expect(await compiled('before.ts', program('2.75', "{ name: 'a' }", 'private_key'))).toEqual([]);
  });

  it('must send public_key by the types of 2.92', async () => {
    expect(await compiled('unsent.ts', program('2.92', "{ name: 'a' }", 'fingerprint'))).toEqual([
      expect.stringMatching(/^unsent\.ts:6 TS2322 [^]*Property 'public_key' is missing in type '\{ name: string; \}'/),
    ]);
  });

  it('finds no private_key in the types of 2.92', async () => {
    expect(await compiled('unread.ts', program('2.92', "{ name: 'a', public_key: '' }", 'private_key'))).toEqual([
      expect.stringMatching(/^unread\.ts:8 TS2339 Property 'private_key' does not exist on type/),
    ]);
  });

  it('has types for the life of keypairs', async () => {
    const text = `import createClient from 'openapi-fetch';
import type { paths } from './v1-keypairs.js';
const { data } = await createClient<paths>({ baseUrl: '' }).PUT('/keypairs/{name}', {
  params: { path: { name: 'ci' } },
  body: { keypair: { public_key: '', tags: { job: '1' }, expires_at: null } },
});
console.log(data?.keypair.version.toFixed(), data?.keypair.expires_at?.length);
`;
    expect(await compiled('life.ts', text)).toEqual([]);
    expect(await compiled('life.ts', text.replace("job: '1'", 'job: 1'))).toEqual([
      expect.stringMatching(/^life\.ts:5 TS2322 .*'number' is not assignable to type 'string'/),
    ]);
  });

  it('has types for guests as well', async () => {
    const text = `import createClient from 'openapi-fetch';
import type { paths } from './guests.js';
const { data } = await createClient<paths>({ baseUrl: '' }).POST('/guests', { body: { guest: { name: 'web' } } });
console.log(data?.guest.keys.map(({ fingerprint }) => fingerprint.length));
`;
    expect(await compiled('guest.ts', text)).toEqual([]);
    expect(await compiled('guest.ts', text.replace("name: 'web'", "nom: 'web'"))).toEqual([
      expect.stringMatching(/^guest\.ts:3 TS2353 .*'nom' does not exist/),
    ]);
  });
});
