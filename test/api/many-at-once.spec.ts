import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sshKeygen } from '../support/ssh-keygen.js';
import { type StartedApp, startApp } from '../support/start-app.js';

/** Names that /v2 takes, and that would come apart where somebody put them into a list as they are. */
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
  it('each get the keypair of that user and name, and 404 where there is none', async () => {
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
    // More than one statement finds, and twice: the same keypair may be wanted by two.
    const asked = users.flatMap(({ name: user, client }) =>
      [...NAMES, 'missing', ...NAMES, ...NAMES].map(async (name) => {
        const { status, body } = await client.get(`/v2/os-keypairs/${encodeURIComponent(name)}`);
        const { keypair } = body as { keypair?: { name: string; user_id: string; public_key: string } };
        return { asked: `${user} ${name}`, status, got: keypair && `${keypair.user_id} ${keypair.name}`, keypair };
      }),
    );
    const answers = await Promise.all(asked);
    const missing = answers.filter(({ asked: wanted }) => !keys.has(wanted));
    expect(missing.map(({ status }) => status)).toEqual([404, 404]);
    const found = answers.filter(({ asked: wanted }) => keys.has(wanted));
    expect(found.map(({ got }) => got)).toEqual(found.map(({ asked: wanted }) => wanted));
    expect(found.map(({ keypair }) => keypair?.public_key)).toEqual(found.map(({ asked: wanted }) => keys.get(wanted)));
  });
});
