// Requests that are good: `{ method, path, query, headers, body }`, as clients, guests and operators send them. Each door has
// routes of its own; what they name is there, more often than not.
import { ED25519, junk } from './values.mjs';

const VERSIONS = ['2.1', '2.2', '2.10', '2.35', '2.36', '2.57', '2.75', '2.92', 'latest'];
const CERTIFICATE = `-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n`;

/** The routes of the API: method, path, body and headers, each made of names that are known. */
export const API = [
  ['GET', () => '/'],
  ['GET', () => '/v2.1/'],
  ['GET', () => '/v2'],
  ['GET', ({ api }) => `${api}/os-keypairs`],
  ['GET', ({ api }) => `${api}/os-keypairs`],
  ['GET', ({ api, name }) => `${api}/os-keypairs/${name}`],
  ['DELETE', ({ api, name }) => `${api}/os-keypairs/${name}`],
  ...Array.from({ length: 4 }, () => ['POST', ({ api }) => `${api}/os-keypairs`, newKeypair]),
  ['GET', ({ api }) => `${api}/limits`],
  ['GET', ({ api }) => `${api}/extensions`],
  ['GET', ({ api }) => `${api}/extensions/os-keypairs`],
  ['GET', ({ api, project }) => `${api}/os-quota-sets/${project}`],
  ['GET', ({ api, project }) => `${api}/os-quota-sets/${project}/detail`],
  ['GET', ({ api, project }) => `${api}/os-quota-sets/${project}/defaults`],
  [
    'PUT',
    ({ api, project }) => `${api}/os-quota-sets/${project}`,
    ({ random }) => ({ quota_set: { key_pairs: random.below(50) } }),
  ],
  ['DELETE', ({ api, project }) => `${api}/os-quota-sets/${project}`],
  ['GET', () => '/v1/guests'],
  ['POST', () => '/v1/guests', newGuest],
  ['GET', ({ guest }) => `/v1/guests/${guest}`],
  [
    'PATCH',
    ({ guest }) => `/v1/guests/${guest}`,
    ({ random }) => ({ guest: { metadata: { n: String(random.below(9)) } } }),
  ],
  ['DELETE', ({ lostGuest }) => `/v1/guests/${lostGuest}`],
  ['GET', ({ guest }) => `/v1/guests/${guest}/password`],
  ['GET', ({ guest }) => `/v1/guests/${guest}/config-drive`, undefined, { Accept: 'application/x-tar' }],
  ['GET', () => '/identity'],
  ['GET', () => '/identity/v3'],
  ['GET', ({ list }) => `/identity/v3/${list}`],
  ['GET', ({ user }) => `/identity/v3/users/${user}`],
  ['GET', ({ user }) => `/identity/v3/users/${user}/projects`],
  ['GET', ({ project }) => `/identity/v3/projects/${project}`],
  ['GET', () => '/identity/v3/domains/default'],
  ['GET', () => '/identity/v3/auth/tokens', undefined, ({ spareToken }) => ({ 'X-Subject-Token': spareToken })],
  ['HEAD', () => '/identity/v3/auth/tokens', undefined, ({ spareToken }) => ({ 'X-Subject-Token': spareToken })],
  ['POST', () => '/identity/v3/auth/tokens', tokenLogIn],
  ['GET', () => '/healthcheck'],
  ['GET', () => '/readyz'],
  ['GET', () => '/livez'],
  ['GET', () => '/openapi.json'],
  ['GET', () => '/openapi/2.92.json'],
];

const OPENSTACK = [
  '',
  'meta_data.json',
  'user_data',
  'vendor_data.json',
  'vendor_data2.json',
  'network_data.json',
  'password',
];
const EC2 = ['', 'instance-id', 'hostname', 'public-keys/', 'public-keys/0/openssh-key', 'placement/', 'local-ipv4'];

/** What a guest asks for. */
export const METADATA = [
  ['GET', () => '/'],
  ['GET', () => '/openstack'],
  ...OPENSTACK.map((file) => [
    'GET',
    ({ random }) => `/openstack/${random.pick(['latest', '2012-08-10', '2018-08-27'])}/${file}`,
  ]),
  ...EC2.map((file) => ['GET', ({ random }) => `/${random.pick(['latest', '1.0', '2009-04-04'])}/meta-data/${file}`]),
  ['GET', () => '/latest/user-data'],
  [
    'POST',
    () => '/openstack/2013-04-04/password',
    ({ random }) => Buffer.from(junk(random, random.below(900))).toString('base64'),
  ],
];

export const ADMIN = [
  ['GET', () => '/metrics'],
  ['GET', () => '/healthcheck'],
  ['GET', () => '/readyz'],
  ['HEAD', () => '/livez'],
];

/** A good request to one of the routes. */
export function goodRequest(random, routes, known) {
  const names = namesFor(random, known);
  const [method, path, body, headers] = random.pick(routes);
  const more = typeof headers === 'function' ? headers(names) : headers;
  const content = body?.(names);
  return {
    method,
    path: path(names),
    query: '',
    headers: [
      ['Host', 'latchkey'],
      ...(routes === API ? [['X-Auth-Token', names.token], ...version(random)] : []),
      ...(routes === METADATA ? signed(random, known) : []),
      ...Object.entries(more ?? {}),
      ...(content === undefined ? [] : [['Content-Type', 'application/json']]),
    ],
    body: content,
  };
}

function namesFor(random, known) {
  const { id: project, token } = random.pick(known.callers);
  return {
    random,
    token,
    // One that may be revoked, by a request that was changed to do so.
    spareToken: random.pick(known.spareTokens),
    project,
    api: random.pick(['/v2.1', '/v2', `/v2.1/${project}`, `/v2/${project}`]),
    name: `k${random.below(30)}`,
    user: random.pick(known.users),
    guest: random.pick(known.guests),
    lostGuest: random.pick(known.lostGuests),
    list: random.pick(['users', 'projects', 'domains', 'roles', 'role_assignments', 'auth/catalog', 'auth/projects']),
  };
}

function version(random) {
  const wanted = random.pick(VERSIONS);
  return random.pick([
    [],
    [['X-OpenStack-Nova-API-Version', wanted]],
    [['OpenStack-API-Version', `compute ${wanted}`]],
  ]);
}

function newKeypair({ random, name }) {
  const keypair = {
    name,
    public_key: random.pick([ED25519, ED25519, `${ED25519} a comment\n`, CERTIFICATE, 'ssh-rsa AAAA']),
  };
  if (random.below(3) === 0) keypair.type = random.pick(['ssh', 'x509']);
  // Rarely: making a key takes a tenth of a second.
  if (random.below(100) === 0) delete keypair.public_key;
  return { keypair };
}

function newGuest({ random, lostGuest }) {
  const guest = {
    id: lostGuest,
    name: `guest ${random.below(9)}`,
    addresses: [`10.0.${random.below(200)}.${random.below(200)}`],
  };
  return { guest: { ...guest, user_data: 'IyEvYmluL3NoCg==', metadata: { a: 'b' } } };
}

/** With a token; a password would be checked for a quarter of a second, or wait for the pause after a wrong one. */
function tokenLogIn({ token }) {
  return { auth: { identity: { methods: ['token'], token: { id: token } } } };
}

/** What Neutron's agents add, for guests that there are; where the service knows guests by their addresses it changes nothing. */
function signed(random, { sign, guests }) {
  const id = random.pick(guests);
  return [
    ['X-Instance-ID', id],
    ['X-Tenant-ID', 'fuzz'],
    ['X-Instance-ID-Signature', sign(id)],
  ];
}
