// Good requests: `{ method, path, query, headers, body }`, as clients, guests and operators send them. Each door has
// routes of its own; most of the things that they name exist.
import { ED25519, junk } from './values.mjs';

const VERSIONS = ['2.1', '2.2', '2.10', '2.35', '2.36', '2.57', '2.75', '2.92', 'latest'];
const CERTIFICATE = `-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n`;

/** What browsers add to the requests of the console's own page. Its token may be revoked: a mutation of GET to DELETE is a log-out. */
const OWN_PAGE = ({ spareToken }) => ({ 'Sec-Fetch-Site': 'same-origin', 'X-Auth-Token': spareToken });

/** The routes of the API: method, path, body and headers, made from known names. */
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
  ['GET', ({ search }) => `/v1/keypairs${search}`],
  ['GET', ({ name }) => `/v1/keypairs/${name}`, undefined, { 'If-None-Match': '"1"' }],
  ['PUT', ({ name }) => `/v1/keypairs/${name}`, appliedKeypair],
  ['PUT', ({ name }) => `/v1/keypairs/${name}?overlap=1h`, appliedKeypair, { 'If-Match': '*' }],
  ['PATCH', ({ name }) => `/v1/keypairs/${name}`, changedKeypair, preconditions],
  ['DELETE', ({ name }) => `/v1/keypairs/${name}`, undefined, preconditions],
  ['GET', ({ name }) => `/v1/keypairs/${name}/versions`],
  ['POST', ({ name }) => `/v1/keypairs/${name}/share`, sharedKeypair],
  ['GET', ({ project, search }) => `/v1/projects/${project}/keypairs${search}`],
  ['GET', ({ project, name }) => `/v1/projects/${project}/keypairs/${name}`],
  ['PUT', ({ project, name }) => `/v1/projects/${project}/keypairs/${name}`, appliedKeypair],
  ['PATCH', ({ project, name }) => `/v1/projects/${project}/keypairs/${name}`, changedKeypair, preconditions],
  ['DELETE', ({ project, name }) => `/v1/projects/${project}/keypairs/${name}`, undefined, preconditions],
  ['GET', ({ project, name }) => `/v1/projects/${project}/keypairs/${name}/versions`],
  ['POST', ({ project, name }) => `/v1/projects/${project}/keypairs/${name}/take`, takenKeypair],
  ['POST', ({ project }) => `/v1/projects/${project}/keypair-prunes`, pruneOrder],
  ['POST', () => '/v1/keypair-prunes', pruneOrder],
  [
    'POST',
    () => '/v1/keypair-checks',
    ({ random }) => ({ check: { public_key: random.pick([ED25519, CERTIFICATE]) } }),
  ],
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
  ['GET', () => '/v1/guests/known-hosts'],
  ['DELETE', ({ guest }) => `/v1/guests/${guest}/host-keys`],
  ['POST', ({ guest }) => `/v1/guests/${guest}/nocloud-token`],
  ['DELETE', ({ guest }) => `/v1/guests/${guest}/nocloud-token`],
  ['GET', ({ guest }) => `/v1/guests/${guest}/config-drive`, undefined, { Accept: 'application/x-tar' }],
  ['GET', ({ guest }) => `/v1/guests/${guest}/config-drive?filesystem=vfat`],
  ['GET', ({ guest }) => `/v1/guests/${guest}/config-drive?source=nocloud`, undefined, { Accept: 'application/x-tar' }],
  ['POST', () => '/v1/ssh-certificates', newCertificate],
  ['GET', () => '/v1/ssh-certificates?active=true'],
  ['DELETE', ({ random }) => `/v1/ssh-certificates/${random.below(9)}`],
  ['GET', () => '/v1/ssh-ca'],
  ['GET', () => '/v1/events?type=keypair.*'],
  ['GET', () => '/v1/webhooks'],
  ['POST', () => '/v1/webhooks', newWebhook],
  ['GET', ({ webhook }) => `/v1/webhooks/${webhook}`],
  ['PATCH', ({ webhook }) => `/v1/webhooks/${webhook}`, ({ random }) => ({ webhook: { note: `n${random.below(9)}` } })],
  ['DELETE', ({ random }) => `/v1/webhooks/${2 + random.below(9)}`],
  ['POST', ({ webhook }) => `/v1/webhooks/${webhook}/rotate-secret`],
  ['POST', ({ webhook }) => `/v1/webhooks/${webhook}/test`],
  ['GET', ({ webhook }) => `/v1/webhooks/${webhook}/deliveries`],
  ['POST', ({ sent }) => `/v1/webhooks/${sent}/retry`],
  ['GET', () => '/v1/ssh-ca/user.pub'],
  ['GET', () => '/v1/ssh-ca/krl'],
  ['GET', () => '/identity'],
  ['GET', () => '/identity/v3'],
  // One entry for so many routes would reach each of them too seldom.
  ...Array.from({ length: 8 }, () => ['GET', ({ list }) => `/identity/v3/${list}`]),
  ['GET', ({ spare }) => `/identity/v3/users/${spare.user}`],
  ['POST', () => '/identity/v3/users', ({ random }) => ({ user: { name: `user ${random.below(99)}` } })],
  ['PATCH', ({ spare }) => `/identity/v3/users/${spare.user}`, changedUser],
  ['DELETE', ({ lostSpare }) => `/identity/v3/users/${lostSpare.user}`],
  ['POST', ({ spare }) => `/identity/v3/users/${spare.user}/password`, changedPassword],
  ['GET', ({ user }) => `/identity/v3/users/${user}/projects`],
  ['GET', ({ user }) => `/identity/v3/users/${user}/application_credentials`],
  ['POST', ({ user }) => `/identity/v3/users/${user}/application_credentials`, newCredential],
  ['GET', ({ credential }) => `/identity/v3/users/${credential.user_id}/application_credentials/${credential.id}`],
  ['DELETE', ({ user, random }) => `/identity/v3/users/${user}/application_credentials/${random.below(9)}`],
  ['GET', ({ spare }) => `/identity/v3/projects/${spare.project}`],
  ['POST', () => '/identity/v3/projects', ({ random }) => ({ project: { name: `project ${random.below(99)}` } })],
  [
    'PATCH',
    ({ spare }) => `/identity/v3/projects/${spare.project}`,
    ({ random }) => ({ project: { description: `project ${random.below(9)}` } }),
  ],
  ['DELETE', ({ lostSpare }) => `/identity/v3/projects/${lostSpare.project}`],
  ...['GET', 'HEAD', 'PUT', 'DELETE'].map((method) => [
    method,
    ({ place, spare, role }) => `/identity/v3/${place}/users/${spare.user}/roles/${role}`,
  ]),
  ['GET', ({ place, spare }) => `/identity/v3/${place}/users/${spare.user}/roles`],
  ['GET', () => '/identity/v3/domains/default'],
  ['GET', ({ user }) => `/identity/v3/users/${user}/groups`],
  ...Array.from({ length: 4 }, () => ['GET', ({ entry }) => `/identity/v3/${entry}`]),
  ...Array.from({ length: 8 }, () => ['GET', ({ api, empty }) => `${api}/${empty}`]),
  ['GET', () => '/identity/v3/auth/tokens', undefined, ({ spareToken }) => ({ 'X-Subject-Token': spareToken })],
  ['HEAD', () => '/identity/v3/auth/tokens', undefined, ({ spareToken }) => ({ 'X-Subject-Token': spareToken })],
  ['POST', () => '/identity/v3/auth/tokens', tokenLogIn],
  ['GET', () => '/console/session', undefined, OWN_PAGE],
  ['POST', () => '/console/session', consoleLogIn, OWN_PAGE],
  ['PUT', () => '/console/session', ({ project }) => ({ project }), OWN_PAGE],
  ['GET', () => '/console/settings.json'],
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

/** What a guest requests. */
export const METADATA = [
  ['GET', () => '/'],
  ['GET', () => '/openstack'],
  ...OPENSTACK.map((file) => [
    'GET',
    ({ random }) => `/openstack/${random.pick(['latest', '2012-08-10', '2018-08-27'])}/${file}`,
  ]),
  ...EC2.map((file) => ['GET', ({ random }) => `/${random.pick(['latest', '1.0', '2009-04-04'])}/meta-data/${file}`]),
  ['GET', () => '/latest/user-data'],
  ['GET', ({ random }) => `/latchkey/v1/authorized-keys?user=${random.pick(['debian', 'root', junk(random, 9)])}`],
  ['GET', () => '/latchkey/v1/ssh-ca/user.pub'],
  ['GET', () => '/latchkey/v1/ssh-ca/krl'],
  [
    'POST',
    () => '/openstack/2013-04-04/password',
    ({ random }) => Buffer.from(junk(random, random.below(900))).toString('base64'),
  ],
  [
    'POST',
    () => '/latchkey/v1/phone-home',
    ({ random }) =>
      new URLSearchParams({ pub_key_ed25519: random.pick([ED25519, 'N/A', junk(random, 80)]) }).toString(),
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
  const more = typeof headers === 'function' ? headers(names) : (headers ?? {});
  const content = body?.(names);
  return {
    method,
    path: path(names),
    query: '',
    headers: [
      ['Host', 'latchkey'],
      ...(routes === API ? [['X-Auth-Token', names.token], ...version(random)] : []).filter(
        ([name]) => !(name in more),
      ),
      ...(routes === METADATA ? signed(random, known) : []),
      ...Object.entries(more),
      ...(content === undefined ? [] : [['Content-Type', 'application/json']]),
    ],
    body: content,
  };
}

function namesFor(random, known) {
  const { id: project, token } = random.pick(known.callers);
  const spare = random.pick(known.spares);
  return {
    random,
    spare,
    lostSpare: random.pick(known.lostSpares),
    place: random.pick([`projects/${spare.project}`, 'domains/default', 'system']),
    role: random.pick(known.roles),
    token,
    // One that may be revoked, by a request that was mutated to do so.
    spareToken: random.pick(known.spareTokens),
    project,
    api: random.pick(['/v2.1', '/v2', `/v2.1/${project}`, `/v2/${project}`]),
    name: `k${random.below(30)}`,
    user: random.pick(known.users),
    search: random.pick([
      '',
      '?limit=2',
      '?tag=a',
      '?tag=a:b&expired=false',
      '?name_prefix=k&type=ssh',
      '?older_than=1h',
    ]),
    guest: random.pick(known.guests),
    webhook: known.webhook,
    sent: known.sent,
    lostGuest: random.pick(known.lostGuests),
    list: random.pick([
      'users',
      'projects',
      'domains',
      'roles',
      'role_assignments',
      'role_inferences',
      'services',
      'endpoints',
      'regions',
      'groups',
      'credentials',
      'limits',
      'registered_limits',
      'auth/catalog',
      'auth/projects',
      'auth/domains',
      'auth/system',
    ]),
    credential: known.credential,
    entry: random.pick(known.entries),
    empty: random.pick([
      'servers',
      'servers/detail',
      'flavors',
      'flavors/detail',
      'os-server-groups',
      'os-availability-zone',
      'os-availability-zone/detail',
      'os-simple-tenant-usage',
      `os-simple-tenant-usage/${project}`,
    ]),
  };
}

function version(random) {
  const requested = random.pick(VERSIONS);
  return random.pick([
    [],
    [['X-OpenStack-Nova-API-Version', requested]],
    [['OpenStack-API-Version', `compute ${requested}`]],
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

function appliedKeypair({ random }) {
  const keypair = { public_key: random.pick([ED25519, `${ED25519} a comment`]) };
  return { keypair: random.below(2) === 0 ? keypair : { ...keypair, ...changedKeypair({ random }).keypair } };
}

function changedKeypair({ random }) {
  return {
    keypair: random.pick([
      { tags: { a: 'b', n: String(random.below(9)) } },
      { expires_at: random.pick(['2100-01-01', '2001-01-01T00:00:00Z', null]) },
      { note: random.pick(['a note', null]) },
      { delete_protected: random.below(4) === 0 },
    ]),
  };
}

function sharedKeypair({ random, project }) {
  return { share: { project_id: project, ...(random.below(4) === 0 && { move: true }) } };
}

function pruneOrder({ random }) {
  return { prune: { name_prefix: `k${random.below(9)}`, dry_run: random.below(2) === 0 } };
}

function takenKeypair({ random }) {
  return { take: random.pick([{}, { name: `k${random.below(30)}` }]) };
}

function preconditions({ random }) {
  return random.pick([{}, {}, { 'If-Match': `"${random.below(5)}"` }, { 'If-Match': '*' }, { 'If-None-Match': '*' }]);
}

function newCertificate({ name, guest, random }) {
  const wishes = [{ project: true }, { guests: [guest] }, { principals: ['root'] }, {}];
  return { certificate: { keypair: name, ttl: '1h', ...random.pick(wishes) } };
}

function newWebhook({ random }) {
  const types = [random.pick(['keypair.*', 'guest.created', 'quota.*'])];
  return { webhook: { url: 'https://webhooks.invalid/', types, enabled: random.pick([true, false]) } };
}

function newGuest({ random, lostGuest }) {
  const guest = {
    id: lostGuest,
    name: `guest ${random.below(9)}`,
    addresses: [`10.0.${random.below(200)}.${random.below(200)}`],
  };
  const access = random.pick([{}, { ssh_ca: true }, { ssh_ca: 'sshd', login_users: ['debian'] }]);
  return { guest: { ...guest, ...access, user_data: 'IyEvYmluL3NoCg==', metadata: { a: 'b' } } };
}

/** With a token; checking a password would take a quarter of a second, or wait for the pause after a wrong one. */
function tokenLogIn({ token }) {
  return { auth: { identity: { methods: ['token'], token: { id: token } } } };
}

/** For a user that does not exist, so that it does not wait for one. */
function consoleLogIn({ random }) {
  return { method: 'application_credential', id: `none ${random.below(9)}`, secret: 'secret' };
}

/** Without a password, which would take a quarter of a second to hash. */
function changedUser({ random }) {
  return {
    user: random.pick([
      { description: `a user ${random.below(9)}` },
      { email: 'spare@example.org' },
      { enabled: random.below(4) > 0 },
    ]),
  };
}

function changedPassword({ spare: { password } }) {
  return { user: { original_password: password, password } };
}

/** Without a chosen secret, which would take a quarter of a second to hash. */
function newCredential({ random }) {
  return {
    application_credential: { name: `ci ${random.below(9)}`, roles: [{ name: random.pick(['reader', 'admin']) }] },
  };
}

/** What Neutron's agents add, for guests that exist; it changes nothing where the service identifies guests by their addresses. */
function signed(random, { sign, guests }) {
  const id = random.pick(guests);
  return [
    ['X-Instance-ID', id],
    ['X-Tenant-ID', 'fuzz'],
    ['X-Instance-ID-Signature', sign(id)],
  ];
}
