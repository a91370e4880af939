import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { Client, type Reply } from '../support/client.js';
import { type Login, logIn, tokenOf } from '../support/log-in.js';
import { ServiceProcess } from '../support/service-process.js';
import { sshKeygen } from '../support/ssh-keygen.js';
import { until } from '../support/until.js';

// Two processes of the built service on one PostgreSQL, which share nothing else but their files. Their caches
// last for minutes.
const QUOTA = 50;
const META_DATA = '/openstack/latest/meta_data.json';

let directory: string;
let first: ServiceProcess;
let second: ServiceProcess;
let demo: Login;
let admin: Login;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'latchkey-replicas-'));
  const settings = {
    AUTH_MODE: 'builtin',
    DATA_DIR: directory,
    SSH_CA: 'on',
    DATABASE_URL: process.env.DATABASE_URL!,
    MIGRATE_ON_START: 'true',
    KEYPAIR_QUOTA: String(QUOTA),
    METADATA_CACHE_SECONDS: '300',
  };
  // The first one creates the files that both share: users, and the key that signs tokens.
  first = await ServiceProcess.listening(settings);
  second = await ServiceProcess.listening(settings);
  const { clouds } = parse(readFileSync(join(directory, 'clouds.yaml'), 'utf8')) as {
    clouds: Record<string, { auth: { username: string; password: string } }>;
  };
  const login = (cloud: string): Login => ({
    name: clouds[cloud].auth.username,
    password: clouds[cloud].auth.password,
  });
  demo = login('latchkey');
  admin = login('latchkey-admin');
});

afterAll(async () => {
  await ServiceProcess.killAll();
  rmSync(directory, { recursive: true, force: true });
});

/** A client of a replica; the token is the same at both. */
const at = (replica: ServiceProcess, token: string): Client =>
  replica.client.with({ 'X-Auth-Token': token }).at('2.92');

const tokenFor = (user: Login): Promise<string> => logIn(first.client, '/identity/v3', user, { project: user.name });

/** The user and the project of a token. */
async function identityOf(token: string): Promise<Record<'user' | 'project', { id: string }>> {
  const headers = { 'X-Auth-Token': token, 'X-Subject-Token': token };
  const { body } = await first.client.with(headers).get('/identity/v3/auth/tokens');
  return (body as { token: Record<'user' | 'project', { id: string }> }).token;
}

/** The metadata service of a replica. */
function guestOf(replica: ServiceProcess): Client {
  const [, port] = /"port":(\d+),"msg":"the metadata service listens"/.exec(replica.printedText)!;
  return new Client(`127.0.0.1:${port}`);
}

/** Sends a request until the answer is as expected. */
function rightAnswer(ask: () => Promise<Reply>, isRight: (reply: Reply) => boolean): Promise<Reply> {
  const answer = async (): Promise<Reply | undefined> => {
    const reply = await ask();
    return isRight(reply) ? reply : undefined;
  };
  return until(answer, 'the right answer');
}

describe('two replicas on one database', () => {
  it('never give a user more keypairs than the quota, whichever of them gets the request', async () => {
    const token = await tokenFor(demo);
    const publicKey = sshKeygen();
    const replies = await Promise.all(
      Array.from({ length: 4 * QUOTA }, (_, index) =>
        at(index % 2 === 0 ? first : second, token).post('/v2.1/os-keypairs', {
          keypair: { name: `key-${index}`, public_key: publicKey },
        }),
      ),
    );
    expect(replies.filter(({ status }) => status === 201)).toHaveLength(QUOTA);
    expect(replies.filter(({ status }) => status === 403)).toHaveLength(3 * QUOTA);
    const { keypairs } = (await at(second, token).get('/v2.1/os-keypairs')).body as { keypairs: object[] };
    expect(keypairs).toHaveLength(QUOTA);
  });

  it('give a name to one of two requests for it at the same time', async () => {
    const token = await tokenFor(admin);
    const keypair = { name: 'contested', public_key: sshKeygen() };
    const replies = await Promise.all(
      [first, second, first, second].map((replica) => at(replica, token).post('/v2.1/os-keypairs', { keypair })),
    );
    expect(replies.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 409, 409, 409]);
  });

  it('let one of 64 changes with one If-Match through, twenty times in a row', async () => {
    const token = await tokenFor(admin);
    const keys = [sshKeygen(), sshKeygen()];
    const put = (index: number, publicKey: string, tag: string): Promise<Reply> =>
      at(index % 2 === 0 ? first : second, token)
        .with({ 'If-Match': tag })
        .put('/v1/keypairs/raced', { keypair: { public_key: publicKey, note: `by ${index}` } });
    const made = await at(first, token).put('/v1/keypairs/raced', { keypair: { public_key: keys[0] } });
    expect(made.status).toBe(201);
    for (let round = 1; round <= 20; round += 1) {
      const replies = await Promise.all(
        Array.from({ length: 64 }, (_, index) => put(index, keys[round % 2], `"${round}"`)),
      );
      const won = replies.filter(({ status }) => status === 200);
      expect(replies.filter(({ status }) => status === 412)).toHaveLength(63);
      expect(won.map(({ headers }) => headers.etag)).toEqual([`"${round + 1}"`]);
      expect((await at(second, token).get('/v1/keypairs/raced')).body).toEqual(won[0].body);
    }
  });

  it('give no serial number of an SSH certificate twice, though both sign at once', async () => {
    const token = await tokenFor(admin);
    await at(first, token).put('/v1/keypairs/certified', { keypair: { public_key: sshKeygen() } });
    const certificate = { keypair: 'certified', project: true };
    const replies = await Promise.all(
      Array.from({ length: 60 }, (_, index) =>
        at(index % 2 === 0 ? first : second, token).post('/v1/ssh-certificates', { certificate }),
      ),
    );
    expect(replies.map(({ status }) => status)).toEqual(replies.map(() => 201));
    const issued = replies.map(({ body }) => (body as { certificate: Record<string, unknown> }).certificate);
    expect(new Set(issued.map(({ serial }) => serial)).size).toBe(60);
    // One key, which the first of them generated.
    expect(new Set(issued.map(({ ca_fingerprint: key }) => key)).size).toBe(1);
    const tag = async (replica: ServiceProcess): Promise<string | undefined> =>
      (await replica.client.get('/v1/ssh-ca/krl')).headers.etag;
    const before = await tag(first);
    const target = `/v1/ssh-certificates/${String(issued[0].serial)}`;
    expect((await at(second, token).send({ method: 'DELETE', target })).status).toBe(204);
    for (const replica of [first, second])
      await until(async () => (await tag(replica)) !== before, 'the replica lists the certificate as revoked');
    expect(await tag(first)).toBe(await tag(second));
  });

  it('refuse a token that was revoked at the other one', async () => {
    const token = await tokenFor(demo);
    expect((await at(second, token).get('/v2.1/os-keypairs?limit=1')).status).toBe(200);
    const revoked = await first.client
      .with({ 'X-Auth-Token': token, 'X-Subject-Token': token })
      .delete('/identity/v3/auth/tokens');
    expect(revoked.status).toBe(204);
    const refused = await rightAnswer(
      () => at(second, token).get('/v2.1/os-keypairs?limit=1'),
      ({ status }) => status === 401,
    );
    expect(refused.body).toMatchObject({ error: { code: 401 } });
  });

  it('refuse an application credential that was deleted at the other one, and its tokens', async () => {
    const token = await tokenFor(admin);
    const { user } = await identityOf(token);
    const credentials = `/identity/v3/users/${user.id}/application_credentials`;
    const created = await at(first, token).post(credentials, { application_credential: { name: 'ci' } });
    const { id, secret } = (created.body as { application_credential: { id: string; secret: string } })
      .application_credential;
    const identity = { methods: ['application_credential'], application_credential: { id, secret } };
    const logInAtSecond = (): Promise<Reply> => second.client.post('/identity/v3/auth/tokens', { auth: { identity } });
    const ofCredential = tokenOf(await logInAtSecond());
    const list = (): Promise<Reply> => at(second, ofCredential).get('/v2.1/os-keypairs?limit=1');
    expect((await list()).status).toBe(200);

    expect((await at(first, token).delete(`${credentials}/${id}`)).status).toBe(204);
    await rightAnswer(list, ({ status }) => status === 401);
    expect((await logInAtSecond()).status).toBe(401);
  });

  it('find a keypair that was shared at the other one, and no longer once it is deleted there', async () => {
    const token = await tokenFor(admin);
    const { project } = await identityOf(token);
    const shared = `/v1/projects/${project.id}/keypairs/shared`;
    const list = (): Promise<Reply> => at(second, token).get('/v2.1/os-keypairs?limit=1000');
    const show = (): Promise<Reply> => at(second, token).get('/v2.1/os-keypairs/shared');
    expect((await list()).text).not.toContain('"shared"');
    expect((await show()).status).toBe(404);

    const public_key = sshKeygen();
    expect((await at(first, token).put(shared, { keypair: { public_key } })).status).toBe(201);
    await rightAnswer(list, ({ text }) => text.includes('"shared"'));
    expect((await show()).body).toMatchObject({ keypair: { name: 'shared', public_key } });

    expect((await at(first, token).delete(shared)).status).toBe(204);
    await rightAnswer(list, ({ text }) => !text.includes('"shared"'));
    expect((await show()).status).toBe(404);
  });

  it('return a change of a guest at the other one, although they cache guests for minutes', async () => {
    const token = await tokenFor(admin);
    const guest = { name: 'web-1', addresses: ['127.0.0.1'], metadata: { role: 'web' } };
    const { id } = ((await at(first, token).post('/v1/guests', { guest })).body as { guest: { id: string } }).guest;
    expect((await guestOf(second).get(META_DATA)).body).toMatchObject({ uuid: id, meta: { role: 'web' } });

    const change = { guest: { metadata: { role: 'database' } } };
    await at(first, token).send({ method: 'PATCH', target: `/v1/guests/${id}`, body: JSON.stringify(change) });
    const changed = await rightAnswer(
      () => guestOf(second).get(META_DATA),
      ({ text }) => text.includes('database'),
    );
    expect(changed.body).toMatchObject({ uuid: id, meta: { role: 'database' } });

    await at(first, token).delete(`/v1/guests/${id}`);
    const gone = await rightAnswer(
      () => guestOf(second).get(META_DATA),
      ({ status }) => status === 404,
    );
    expect(gone.status).toBe(404);
  });
});
