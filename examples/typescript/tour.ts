// The five-minute tour with a generated client: node tour.js URL USER PASSWORD, as in
// node tour.js http://127.0.0.1:8774 demo "$PASSWORD". The README beside this file tells how to make the types.
import createClient from 'openapi-fetch';
import type { paths as Generating } from './compute-2.75.js';
import type { paths as Importing } from './compute-2.92.js';
import type { paths as Identity } from './identity.js';

const [, , url = '', name = '', password = ''] = process.argv;
const PUBLIC_KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINT+a48haytLRarSVUCOuPdyiZGZSq4AgcTZvDzuqVob tour';

/** What was answered, or an error that says what was wrong. */
function good<T>({ data, error, response }: { data?: T; error?: unknown; response: Response }): T {
  if (data === undefined) throw new Error(`${response.status}: ${JSON.stringify(error)}`);
  return data;
}

// Log in. The token is in a header of the answer.
const identity = createClient<Identity>({ baseUrl: `${url}/identity` });
const domain = { id: 'default' };
const login = await identity.POST('/v3/auth/tokens', {
  body: {
    auth: {
      identity: { methods: ['password'], password: { user: { name, domain, password } } },
      scope: { project: { name: 'demo', domain } },
    },
  },
});
const { token } = good(login);
console.log(`logged in as ${token.user.name}`);
const headers = { 'X-Auth-Token': login.response.headers.get('X-Subject-Token') };

// Up to 2.91 the server makes a pair where it gets no public key. The document of 2.75 holds until then.
const old = createClient<Generating>({ baseUrl: `${url}/v2.1`, headers });
const at275 = { header: { 'X-OpenStack-Nova-API-Version': '2.75' } } as const;
const made = good(await old.POST('/os-keypairs', { params: at275, body: { keypair: { name: 'made' } } }));
console.log(`made: ${made.keypair.private_key?.split('\n')[0]}`);

// From 2.92 on it does not.
const compute = createClient<Importing>({ baseUrl: `${url}/v2.1`, headers });
const at292 = { header: { 'X-OpenStack-Nova-API-Version': '2.92' } } as const;
const imported = good(
  await compute.POST('/os-keypairs', {
    params: at292,
    body: { keypair: { name: 'tour@laptop', public_key: PUBLIC_KEY } },
  }),
);
console.log(`imported: ${imported.keypair.fingerprint}`);

const { keypairs } = good(await compute.GET('/os-keypairs', { params: at292 }));
console.log(`listed: ${keypairs.map(({ keypair }) => `${keypair.name} (${keypair.type})`).join(', ')}`);

const one = { ...at292, path: { name: 'tour@laptop' } };
const { keypair } = good(await compute.GET('/os-keypairs/{name}', { params: one }));
console.log(`shown: ${keypair.name} of ${keypair.user_id === token.user.id ? name : 'somebody else'}`);

// What the types forbid, sent all the same.
const { response, error } = await compute.POST('/os-keypairs', {
  params: at292,
  body: { keypair: { name: 'never' } as { name: string; public_key: string } },
});
const says = typeof error === 'object' && 'badRequest' in error ? error.badRequest.message : '';
console.log(`refused: ${response.status} ${says}`);

for (const each of keypairs) {
  const deleted = await compute.DELETE('/os-keypairs/{name}', {
    params: { ...at292, path: { name: each.keypair.name } },
  });
  console.log(`deleted: ${each.keypair.name}, ${deleted.response.status}`);
}
