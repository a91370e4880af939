import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { Client } from '../support/client.js';
import { ServiceProcess } from '../support/service-process.js';
import { sshKeygen } from '../support/ssh-keygen.js';

/** In every secret that the test makes, and in nothing else. */
const MARKER = 'Xq7MarkerZ9w';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'latchkey-secrets-'));
});

afterEach(async () => {
  await ServiceProcess.killAll();
  rmSync(directory, { recursive: true, force: true });
});

/** A private key whose comment, which is encoded in it, holds the marker. */
function markedPrivateKey(): string {
  const file = join(directory, 'marked');
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', MARKER, '-f', file]);
  const text = readFileSync(file, 'utf8');
  for (const each of [file, `${file}.pub`]) rmSync(each);
  return text;
}

/** The files under a directory whose bytes hold one of the secrets. */
function filesWith(secrets: readonly string[], where: string): string[] {
  return readdirSync(where, { recursive: true, encoding: 'utf8' })
    .map((name) => join(where, name))
    .filter((path) => statSync(path).isFile())
    .filter((path) => {
      const bytes = readFileSync(path);
      return secrets.some((secret) => bytes.includes(secret));
    });
}

const heldBy = (secrets: readonly string[], text: string): string[] => secrets.filter((each) => text.includes(each));

describe('a secret that goes through every route and failure', () => {
  it('is in no log, no error, no metric, and nowhere on disk', async () => {
    const dataDir = join(directory, 'data');
    const service = await ServiceProcess.listening({
      DATA_DIR: dataDir,
      AUTH_MODE: 'builtin',
      ADMIN_PORT: '0',
      LOG_LEVEL: 'trace',
    });
    await service.printed(/keypair list/);
    const [, admin] = /Operators find metrics at http:\/\/([^/]+)\//.exec(service.printedText)!;
    // The one file that holds passwords, for the user alone.
    const cloudsFile = /Users and passwords are in (\S+)\./.exec(service.printedText)![1];
    const { clouds } = parse(readFileSync(cloudsFile, 'utf8')) as {
      clouds: Record<string, { auth: { password: string; project_name: string } }>;
    };
    const { password, project_name: project } = clouds['latchkey-admin'].auth;
    const secrets = [MARKER, Buffer.from(MARKER).toString('base64').slice(0, 14)];
    const replies: string[] = [];
    const keep = async (sent: Promise<{ status: number; text: string }>): Promise<void> => {
      const { status, text } = await sent.catch((error: Error) => ({ status: 0, text: error.message }));
      if (status >= 400) replies.push(text);
    };

    // Tokens, passwords and headers, on routes of every API and in every form that is refused.
    const privateKey = markedPrivateKey();
    secrets.push(...privateKey.split('\n').slice(2, 4));
    // Not a `private_key` beside the public one: Nova shows its sender the object that has a property too many (recorded).
    const bodies = [
      { keypair: { name: 'own', public_key: privateKey } },
      { keypair: { name: 'own', public_key: sshKeygen(), [MARKER.toLowerCase()]: 1 } },
      { auth: { identity: { methods: ['password'], password: { user: { name: 'admin', password: MARKER } } } } },
      { auth: { identity: { methods: ['token'], token: { id: MARKER } } } },
    ];
    const targets = [
      '/v2.1/os-keypairs',
      '/v2/os-keypairs',
      '/v1/guests',
      '/identity/v3/auth/tokens',
      '/v2.1/limits',
      '/',
    ];
    const headers = {
      'X-Auth-Token': MARKER,
      'X-Subject-Token': MARKER,
      Authorization: `Basic ${MARKER}`,
      Cookie: MARKER,
    };
    for (const target of targets) {
      const stranger = service.client.with(headers);
      await keep(stranger.get(target));
      await keep(stranger.delete(target));
      await keep(stranger.get(`/identity/v3/auth/tokens`));
      for (const body of bodies) await keep(stranger.post(target, body));
      await keep(stranger.send({ method: 'POST', target, body: `{"password": "${MARKER}` }));
    }
    expect(replies.length).toBeGreaterThan(30);

    // A known caller, whose private keys the service makes.
    const login = await service.client.post('/identity/v3/auth/tokens', {
      auth: {
        identity: {
          methods: ['password'],
          password: { user: { name: 'admin', domain: { id: 'default' }, password } },
        },
        scope: { project: { name: project, domain: { id: 'default' } } },
      },
    });
    expect(login.status).toBe(201);
    const token = login.headers['x-subject-token'];
    secrets.push(token);
    const known = service.client.with({ 'X-Auth-Token': token });
    for (const [name, type] of [
      ['made', 'ssh'],
      ['windows', 'x509'],
    ]) {
      const made = await known.at('2.10').post('/v2.1/os-keypairs', { keypair: { name, type } });
      expect(made.status).toBe(201);
      const { private_key: made64 } = (made.body as { keypair: { private_key: string } }).keypair;
      // A line from the middle of PEM, or as much of PKCS#12, which is one line.
      secrets.push((made64.split('\n')[3] ?? made64.slice(400)).slice(0, 60));
    }
    for (const body of bodies) await keep(known.at('2.92').post('/v2.1/os-keypairs', body));
    const metrics = (await new Client(admin).get('/metrics')).text;
    expect(await service.stop('SIGTERM')).toBe(0);

    expect(service.printedText).toContain('"audit"');
    expect(metrics).toContain('latchkey_changes_total');
    expect(heldBy([...secrets, password], service.printedText)).toEqual([]);
    expect(heldBy(secrets, metrics)).toEqual([]);
    expect(replies.filter((each) => heldBy(secrets, each).length > 0)).toEqual([]);
    expect(filesWith(secrets, directory)).toEqual([]);
  }, 120_000);
});
