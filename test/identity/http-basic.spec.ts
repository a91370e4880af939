import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import bcrypt from 'bcrypt';
import { Audit } from '../../src/audit/audit.js';
import { InvalidConfig } from '../../src/config/config.js';
import { HttpBasicAuth } from '../../src/identity/http-basic-auth.js';
import { LoginThrottle } from '../../src/identity/login-throttle.js';
import { DEFAULT_RULES } from '../../src/policy/policy.js';
import { Client } from '../support/client.js';
import { type StartedApp, startApp } from '../support/start-app.js';
import { temporaryDirectory } from './identity-yaml.js';

const PATH = '/v2.1/os-keypairs';

describe('HTTP basic', () => {
  const directory = temporaryDirectory();
  let service: StartedApp;

  beforeAll(async () => {
    // Apache's htpasswd writes $2y$, which is equivalent.
    const hash = async (password: string): Promise<string> => (await bcrypt.hash(password, 4)).replace('$2b', '$2y');
    const lines = [
      '# users',
      `alice:${await hash('won:der')}`,
      `bob:${await hash('builder')}`,
      `admin:${await hash('root')}`,
      `long:${await hash('x'.repeat(72))}`,
    ];
    const file = directory.file('htpasswd', `${lines.join('\n')}\n`);
    service = await startApp({ AUTH_MODE: 'http_basic', HTTP_BASIC_FILE: file });
  });

  afterAll(async () => {
    await service?.stop();
    directory.remove();
  });

  const as = (user: string, password: string): Client =>
    service.client.with({ Authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` });

  it('admits a user with the password, which may contain colons, to keypairs of their own', async () => {
    const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINT+a48haytLRarSVUCOuPdyiZGZSq4AgcTZvDzuqVob';
    const made = await as('alice', 'won:der').post(PATH, { keypair: { name: 'hers', public_key: key } });
    expect((made.body as { keypair: object }).keypair).toMatchObject({ user_id: 'alice' });
    expect((await as('alice', 'won:der').get('/v2.1/alice/os-keypairs/hers')).status).toBe(200);
    expect((await as('bob', 'builder').get(`${PATH}/hers`)).status).toBe(404);
    expect((await as('bob', 'builder').at('2.10').get(`${PATH}?user_id=alice`)).status).toBe(403);
    expect((await as('admin', 'root').at('2.10').get(`${PATH}/hers?user_id=alice`)).status).toBe(200);
  });

  it.each([
    ['no header', undefined],
    ['a wrong password', `Basic ${btoa('alice:wrong')}`],
    ['no password', `Basic ${btoa('alice')}`],
    ['an unknown user', `Basic ${btoa('nobody:won:der')}`],
    ['more than bcrypt reads', `Basic ${btoa(`long:${'x'.repeat(73)}`)}`],
    ['another scheme', 'Bearer alice:won:der'],
    ['no base64', 'Basic !!!'],
  ])('refuses %s, and names the scheme to use', async (_, header) => {
    const client = header === undefined ? service.client : service.client.with({ Authorization: header });
    const reply = await client.with({ 'X-Auth-Token': 'admin:admin' }).get(PATH);
    expect(reply.status).toBe(401);
    expect(reply.headers['www-authenticate']).toBe('Basic realm="Latchkey", charset="UTF-8"');
    expect(reply.body).toMatchObject({ error: { code: 401 } });
  });

  it('serves the version documents that the openstack command requests, and issues no tokens', async () => {
    expect((await service.client.get('/identity/v3')).status).toBe(200);
    // The document of the identity API is that of the built-in identity.
    const undocumented = new Client(service.client.host, {}, false);
    expect((await undocumented.post('/identity/v3/auth/tokens', {})).status).toBe(404);
  });

  it.each([
    ['an MD5 hash', 'alice:$apr1$x$y'],
    ['no hash', 'alice'],
    ['the same user twice', `a:${'$2y$05$'.padEnd(60, 'a')}\na:${'$2y$05$'.padEnd(60, 'a')}`],
    ['a cost of years', `a:${'$2y$31$'.padEnd(60, 'a')}`],
  ])('does not start with %s', (_, text) => {
    const file = directory.file('bad', text);
    const audit = service.app.get(Audit);
    const opened = (): unknown => HttpBasicAuth.withFile(file, new LoginThrottle(), DEFAULT_RULES, audit);
    expect(opened).toThrow(InvalidConfig);
    expect(opened).toThrow(/^HTTP_BASIC_FILE: line \d/);
  });
});
