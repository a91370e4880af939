import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { opensslCertificate, sshKeygen } from '../support/ssh-keygen.js';
import { type StartedApp, startApp } from '../support/start-app.js';

/** Names that /v2 accepts, and that would break a list into which they were put unquoted. */
const NAMES = [
  'plain',
  'two words',
  'a,b',
  '{c}',
  '"quoted"',
  "l'apostrophe",
  'back\\slash',
  'NULL',
  'clé',
  '{"a","b"}',
];

let service: StartedApp;

beforeAll(async () => {
  service = await startApp();
});
afterAll(async () => service?.stop());

describe('shows that many users send at the same moment', () => {
  it('each get the keypair of that user and name, or 404 if there is none', async () => {
    const users = ['alice', 'bob'].map((name) => ({ name, client: service.as(name, 'a11ce') }));
    const keys = new Map<string, string>();
    for (const { name: user, client } of users) {
      for (const name of NAMES) {
        const publicKey = sshKeygen('-t', 'ed25519', '-C', user);
        keys.set(`${user} ${name}`, publicKey);
        const made = await client.post('/v2/os-keypairs', { keypair: { name, public_key: publicKey } });
        expect(made.status).toBe(200);
      }
    }
    // Too many for one statement, and each name repeats: two requests may be for the same keypair.
    const requests = users.flatMap(({ name: user, client }) =>
      [...NAMES, 'missing', ...NAMES, ...NAMES].map(async (name) => {
        const { status, body } = await client.get(`/v2/os-keypairs/${encodeURIComponent(name)}`);
        const { keypair } = body as { keypair?: { name: string; user_id: string; public_key: string } };
        return { requested: `${user} ${name}`, status, got: keypair && `${keypair.user_id} ${keypair.name}`, keypair };
      }),
    );
    const responses = await Promise.all(requests);
    const missing = responses.filter(({ requested }) => !keys.has(requested));
    expect(missing.map(({ status }) => status)).toEqual([404, 404]);
    const found = responses.filter(({ requested }) => keys.has(requested));
    expect(found.map(({ got }) => got)).toEqual(found.map(({ requested }) => requested));
    expect(found.map(({ keypair }) => keypair?.public_key)).toEqual(found.map(({ requested }) => keys.get(requested)));
  });
});

describe('creates that a user sends at the same moment', () => {
  const at = '/v2/os-keypairs';
  const statuses = (replies: readonly { readonly status: number }[]): number[] => replies.map(({ status }) => status);

  it('are each stored as they were sent, under names that need escapes, and keys of several lines among them', async () => {
    const user = service.as('carol', 'a11ce');
    const keys = NAMES.map((name) => ({ name, public_key: sshKeygen('-t', 'ed25519', '-C', name) }));
    const certificates = ['a', 'b', 'c'].map((name) => ({ name, type: 'x509', public_key: opensslCertificate() }));
    const replies = await Promise.all([
      ...keys.map((keypair) => user.post(at, { keypair })),
      ...certificates.map((keypair) => user.at('2.2').post('/v2.1/os-keypairs', { keypair })),
    ]);
    expect(statuses(replies)).toEqual([...keys.map(() => 200), ...certificates.map(() => 201)]);
    for (const keypair of [...keys, ...certificates]) {
      const shown = await user.at('2.2').get(`/v2.1/os-keypairs/${encodeURIComponent(keypair.name)}`);
      expect(shown.body).toMatchObject({ keypair });
    }
  });

  it('are refused one by one: a name that is taken, one that is sent twice, a key that is none', async () => {
    const user = service.as('dave', 'a11ce');
    const key = sshKeygen();
    const create = (name: string, publicKey = key) => user.post(at, { keypair: { name, public_key: publicKey } });
    expect((await create('taken')).status).toBe(200);
    const replies = await Promise.all([
      create('first'),
      create('taken'),
      create('bad', 'ssh-rsa AAAA'),
      create('twice'),
      create('twice'),
      create('last'),
    ]);
    expect(statuses([replies[0], replies[1], replies[2], replies[5]])).toEqual([200, 409, 400, 200]);
    expect(new Set(statuses([replies[3], replies[4]]))).toEqual(new Set([200, 409]));
    const { keypairs } = (await user.get(at)).body as { keypairs: { keypair: { name: string } }[] };
    expect(keypairs.map(({ keypair }) => keypair.name)).toEqual(['first', 'last', 'taken', 'twice']);
  });

  it('of two users at once fill the quota of each exactly, and refused ones do not count', async () => {
    const users = ['erin', 'frank'].map((name) => service.as(name, 'a11ce'));
    const key = sshKeygen();
    const replies = await Promise.all(
      users.flatMap((user) =>
        Array.from({ length: 130 }, (_, n) => user.post(at, { keypair: { name: `k${n}`, public_key: key } })),
      ),
    );
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(200);
    expect(replies.filter(({ status }) => status === 403)).toHaveLength(60);
    for (const user of users) {
      const { keypairs } = (await user.get(at)).body as { keypairs: { keypair: { name: string } }[] };
      expect(keypairs).toHaveLength(100);
      const [{ keypair }] = keypairs;
      expect((await user.delete(`${at}/${keypair.name}`)).status).toBe(202);
      expect((await user.post(at, { keypair: { name: 'again', public_key: key } })).status).toBe(200);
      expect((await user.post(at, { keypair: { name: 'one more', public_key: key } })).status).toBe(403);
    }
  });
});
