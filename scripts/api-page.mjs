// Prints docs/api.md: a curl command for each operation of the documents, with the example that the document has. The order is
// in the order in which a reader tries them; `test/openapi/api-page.spec.ts` does.

const URL = 'http://127.0.0.1:8774';
const GUEST = '0f6e4c12-8f7e-4c5d-9b3a-2f1e0d9c8b7a';
const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINT+a48haytLRarSVUCOuPdyiZGZSq4AgcTZvDzuqVob tour';

/** No token, the one of demo, and the administrator's. */
const open = {};
const demo = { headers: ['"X-Auth-Token: $TOKEN"'] };
const admin = { headers: ['"X-Auth-Token: $ADMIN"'] };
const at = (request, parameters) => ({ ...request, parameters });
const sent = (request, body) => ({ ...request, body });

/** What is sent, by document and operation. */
const IN_PROJECT = { project_id: '$PROJECT', name: 'for-all' };

const MADE_USER = { id: '$(made users)' };
const MADE_PROJECT = { id: '$(made projects)' };

/** The roles of a user at a place, from one that is assigned to it. */
const assignments = (where, place) => {
  const inPath = at(admin, { ...place, user_id: '$(made users)', role_id: '$ROLE' });
  return Object.fromEntries(
    ['assignRole', 'listRoles', 'checkRole', 'findRole', 'unassignRole'].map((verb) => [verb + where, inPath]),
  );
};

const CHAPTERS = [
  {
    document: 'versions',
    title: 'Versions',
    about: 'For anybody.',
    requests: { listVersions: open, showLegacyVersion: open, showCurrentVersion: open },
  },
  {
    document: '2.92',
    title: 'Keypairs, limits and quotas',
    about:
      'At microversion 2.92. [microversions.md](microversions.md) lists what is different before; without the header that names ' +
      'it a client gets 2.1.',
    always: ["'OpenStack-API-Version: compute 2.92'"],
    requests: {
      createKeypair: sent(demo, { keypair: { name: 'tour', type: 'ssh', public_key: KEY } }),
      listKeypairs: demo,
      showKeypair: at(demo, { name: 'tour' }),
      deleteKeypair: at(demo, { name: 'tour' }),
      showLimits: demo,
      changeQuotaSet: sent(at(admin, { id: '$PROJECT' }), { quota_set: { key_pairs: 25 } }),
      showQuotaSet: at(demo, { id: '$PROJECT' }),
      detailQuotaSet: at(demo, { id: '$PROJECT' }),
      defaultQuotaSet: at(demo, { id: '$PROJECT' }),
      resetQuotaSet: at(admin, { id: '$PROJECT' }),
      listServers: demo,
      detailServers: demo,
      listFlavors: demo,
      detailFlavors: demo,
      listServerGroups: demo,
      listAvailabilityZones: demo,
      detailAvailabilityZones: admin,
      listUsage: admin,
      showUsage: at(demo, { id: '$PROJECT' }),
      listExtensions: demo,
      showExtension: at(demo, { alias: 'os-keypairs' }),
    },
  },
  {
    document: 'v1-keypairs',
    title: 'Keypairs with a life',
    about: 'Versions, expiry, tags, protection and search, beside os-keypairs, and keypairs of projects.',
    requests: {
      applyKeypair: sent(at(demo, { name: 'tour' }), { keypair: { public_key: KEY, tags: { team: 'blue' } } }),
      listKeypairRecords: demo,
      showKeypairRecord: at(demo, { name: 'tour' }),
      changeKeypair: sent(at(demo, { name: 'tour' }), { keypair: { expires_at: '2100-01-01', note: 'a tour' } }),
      listKeypairVersions: at(demo, { name: 'tour' }),
      shareKeypair: sent(at(demo, { name: 'tour' }), { share: { project_id: '$PROJECT' } }),
      listProjectKeypairs: at(demo, { project_id: '$PROJECT' }),
      applyProjectKeypair: sent(at(demo, IN_PROJECT), { keypair: { public_key: KEY } }),
      showProjectKeypair: at(demo, IN_PROJECT),
      changeProjectKeypair: sent(at(demo, IN_PROJECT), { keypair: { note: 'of all' } }),
      listProjectKeypairVersions: at(demo, IN_PROJECT),
      takeProjectKeypair: sent(at(demo, IN_PROJECT), { take: { name: 'tour-of-all' } }),
      deleteProjectKeypair: at(demo, IN_PROJECT),
      pruneProjectKeypairs: sent(at(demo, { project_id: '$PROJECT' }), { prune: { name_prefix: 'tour' } }),
      deleteKeypairRecord: at(demo, { name: 'tour' }),
      pruneKeypairs: sent(demo, { prune: { name_prefix: 'tmp-', older_than: '2d' } }),
      checkKey: sent(demo, { check: { public_key: KEY } }),
    },
  },
  {
    document: 'guests',
    title: 'Guests',
    about: '[guests.md](guests.md) describes how guests use it.',
    requests: {
      createGuest: sent(demo, { guest: { id: GUEST, name: 'web', metadata: { role: 'web' } } }),
      listGuests: demo,
      showGuest: at(demo, { id: GUEST }),
      changeGuest: sent(at(demo, { id: GUEST }), { guest: { hostname: 'www.example.org' } }),
      showGuestPassword: at(demo, { id: GUEST }),
      listKnownHosts: { ...demo, accept: 'text/plain' },
      forgetHostKeys: at(demo, { id: GUEST }),
      createNoCloudToken: at(demo, { id: GUEST }),
      revokeNoCloudToken: at(demo, { id: GUEST }),
      downloadConfigDrive: { ...at(demo, { id: GUEST }), accept: 'application/x-tar', file: 'web.tar' },
      deleteGuest: at(demo, { id: GUEST }),
    },
  },
  {
    document: 'ssh-certificates',
    title: 'SSH certificates',
    about: 'With `SSH_CA=on`: [ssh-ca.md](ssh-ca.md).',
    requests: {
      issueSshCertificate: sent(demo, { certificate: { keypair: 'tour-of-all', project: true, ttl: '1h' } }),
      listSshCertificates: demo,
      showSshCa: open,
      downloadSshCaKeys: { accept: 'text/plain' },
      revokeSshCertificate: at(demo, { serial: '$(serial)' }),
      downloadKrl: { accept: 'application/octet-stream', file: 'latchkey.krl' },
    },
  },
  {
    document: 'events',
    title: 'Events',
    about: 'An event for each change: [events.md](events.md).',
    requests: { listEvents: demo },
  },
  {
    document: 'webhooks',
    title: 'Webhooks',
    about:
      'URLs that events are sent to: [events.md](events.md). For managers of a project and administrators, so with the token of an administrator here.',
    requests: {
      createWebhook: sent(admin, { webhook: { url: 'https://hooks.example.com/latchkey', types: ['keypair.*'] } }),
      listWebhooks: admin,
      showWebhook: at(admin, { id: '1' }),
      changeWebhook: sent(at(admin, { id: '1' }), { webhook: { types: ['keypair.*', 'quota.*'], enabled: false } }),
      rotateWebhookSecret: at(admin, { id: '1' }),
      testWebhook: at(admin, { id: '1' }),
      listWebhookDeliveries: at(admin, { id: '1' }),
      retryWebhookDelivery: at(admin, { id: '1', delivery_id: '1' }),
      deleteWebhook: at(admin, { id: '1' }),
    },
  },
  {
    document: 'identity',
    title: 'Identity',
    about:
      'The built-in one (`AUTH_MODE=builtin`); elsewhere it is that of Keystone. What changes users, projects and roles needs `IDENTITY_STORE=database`.',
    requests: {
      listIdentityVersions: open,
      showIdentityVersion: open,
      logIn: sent(open, {
        auth: {
          identity: {
            methods: ['password'],
            password: { user: { name: 'demo', domain: { id: 'default' }, password: '$PASSWORD' } },
          },
          scope: { project: { name: 'demo', domain: { id: 'default' } } },
        },
      }),
      showToken: { headers: [...demo.headers, '"X-Subject-Token: $TOKEN"'] },
      checkToken: { headers: [...demo.headers, '"X-Subject-Token: $TOKEN"'] },
      createApplicationCredential: sent(at(demo, { user_id: '$USER_ID' }), {
        application_credential: { name: 'ci', roles: [{ name: 'reader' }], expires_at: '2099-01-01T00:00:00Z' },
      }),
      listApplicationCredentials: at(demo, { user_id: '$USER_ID' }),
      showApplicationCredential: at(demo, { user_id: '$USER_ID', id: '$(credential)' }),
      deleteApplicationCredential: at(demo, { user_id: '$USER_ID', id: '$(credential)' }),
      listOwnProjects: demo,
      listOwnDomains: demo,
      showOwnSystem: demo,
      showCatalog: demo,
      listUsers: admin,
      showUser: at(demo, { id: '$USER_ID' }),
      listProjectsOfUser: at(demo, { id: '$USER_ID' }),
      listProjects: admin,
      showProject: at(demo, { id: '$PROJECT' }),
      listDomains: admin,
      showDomain: at(demo, { id: 'default' }),
      listRoles: admin,
      showRole: at(admin, { id: '$ROLE' }),
      listRoleInferences: admin,
      listRoleAssignments: admin,
      listServices: admin,
      showService: at(admin, { id: '$SERVICE' }),
      listEndpoints: admin,
      showEndpoint: at(admin, { id: '$ENDPOINT' }),
      listRegions: demo,
      showRegion: at(demo, { id: 'RegionOne' }),
      listGroups: admin,
      listGroupsOfUser: at(demo, { id: '$USER_ID' }),
      listCredentials: demo,
      listLimits: demo,
      listRegisteredLimits: demo,
      createProject: sent(admin, { project: { name: 'tour', description: 'of a tour' } }),
      changeProject: sent(at(admin, MADE_PROJECT), { project: { tags: ['tour'] } }),
      createUser: sent(admin, { user: { name: 'tour', password: 'a first password', email: 'tour@example.org' } }),
      changeUser: sent(at(admin, MADE_USER), { user: { description: 'of a tour' } }),
      changePassword: sent(at(open, MADE_USER), {
        user: { original_password: 'a first password', password: 'a second password' },
      }),
      ...assignments('InProject', { place_id: '$(made projects)' }),
      ...assignments('InDomain', { place_id: 'default' }),
      ...assignments('OnSystem', {}),
      deleteUser: at(admin, MADE_USER),
      deleteProject: at(admin, MADE_PROJECT),
      revokeToken: { headers: [...demo.headers, '"X-Subject-Token: $TOKEN"'] },
    },
  },
  {
    document: 'probes',
    title: 'Probes',
    about: 'For load balancers; text where the client asks for no JSON.',
    requests: {
      showHealth: { ...open, accept: 'application/json' },
      showReadiness: { ...open, accept: 'application/json' },
      showLiveness: { ...open, accept: 'application/json' },
    },
  },
];

const LOG_IN = `PASSWORD=$(sed -n 's/^ *password: //p' data/clouds.yaml | head -n 1 | tr -d '"')
log_in() {
  curl -si ${URL}/identity/v3/auth/tokens -H 'Content-Type: application/json' -d '{"auth": {
    "identity": {"methods": ["password"], "password": {"user": {"name": "'"$1"'", "domain": {"id": "default"}, "password": "'"$2"'"}}},
    "scope": {"project": {"name": "'"$1"'", "domain": {"id": "default"}}}}}' | sed -n 's/^x-subject-token: //Ip' | tr -d '\\r'
}
TOKEN=$(log_in demo "$PASSWORD")
ADMIN=$(log_in admin "$(sed -n 's/^ *password: //p' data/clouds.yaml | tail -n 1 | tr -d '"')")
DETAILS=$(curl -s ${URL}/identity/v3/auth/tokens -H "X-Auth-Token: $TOKEN" -H "X-Subject-Token: $TOKEN")
USER_ID=$(echo "$DETAILS" | sed 's/.*"user":{"domain":{[^}]*},"id":"\\([^"]*\\)".*/\\1/')
PROJECT=$(echo "$DETAILS" | sed 's/.*"project":{"domain":{[^}]*},"id":"\\([^"]*\\)".*/\\1/')
ROLE=$(echo "$DETAILS" | sed 's/.*"roles":\\[{"id":"\\([^"]*\\)".*/\\1/')
SERVICE=$(echo "$DETAILS" | sed 's/.*"id":"\\([^"]*\\)","type":"compute".*/\\1/')
ENDPOINT=$(echo "$DETAILS" | sed 's/.*"catalog":\\[{"endpoints":\\[{"id":"\\([^"]*\\)".*/\\1/')
made() {
  curl -s "${URL}/identity/v3/$1?name=tour" -H "X-Auth-Token: $ADMIN" | sed 's/.*"id":"\\([^"]*\\)".*/\\1/'
}
serial() {
  curl -s ${URL}/v1/ssh-certificates -H "X-Auth-Token: $TOKEN" | sed 's/^{"certificates":\\[{"serial":\\([0-9]*\\).*/\\1/'
}
credential() {
  curl -s "${URL}/identity/v3/users/$USER_ID/application_credentials" -H "X-Auth-Token: $TOKEN" | sed 's/^{"application_credentials":\\[{"id":"\\([^"]*\\)".*/\\1/'
}`;

function command({ method, url, status }, { headers = [], body, accept, file }, always = []) {
  const output = file === undefined ? (method === 'head' ? '-sI' : '-si') : `-s -o ${file} -w 'HTTP %{http_code}\\n'`;
  const verb = method === 'get' || method === 'head' ? '' : `-X ${method.toUpperCase()} `;
  const all = [
    ...headers,
    ...always,
    ...(accept === undefined ? [] : [`'Accept: ${accept}'`]),
    ...(body === undefined ? [] : ["'Content-Type: application/json'"]),
  ];
  const sentBody = body && `-d '${JSON.stringify(body).replaceAll(/\$\w+/g, `'"$&"'`)}'`;
  const where = url.includes('$') ? `"${url}"` : url;
  const parts = [`curl ${output} ${verb}${where}`, ...all.map((each) => `-H ${each}`), ...(sentBody ? [sentBody] : [])];
  return { text: parts.join(parts.join(' ').length > 100 ? ' \\\n  ' : ' '), status };
}

/** The operations of a document by their id, with their responses. */
function operationsOf({ paths, servers: [server] }) {
  const base = server.url === '/' ? '' : server.url;
  return new Map(
    Object.entries(paths).flatMap(([path, item]) =>
      Object.entries(item).map(([method, operation]) => {
        const responses = Object.entries(operation.responses);
        // If a request may create what it names, the page shows the response after creation.
        const [status, answer] =
          responses.findLast(([each]) => Number(each) < 300) ?? responses.find(([each]) => Number(each) < 400);
        const refusals = Object.keys(operation.responses).filter((each) => Number(each) >= 400);
        const template = base + (path === '/' && base !== '' ? '' : path);
        const example = answer.content?.['application/json']?.example;
        return [operation.operationId, { method, template, status, refusals, example, summary: operation.summary }];
      }),
    ),
  );
}

function section(id, operation, request, always) {
  const { method, template, status, refusals, example, summary } = operation;
  const path = template.replaceAll(/\{(\w+)\}/g, (_, name) => request.parameters[name]);
  const { text } = command({ method, url: URL + path, status }, request, always);
  const others = refusals.length > 0 ? ` Otherwise ${refusals.join(', ')}: see [errors.md](errors.md).` : '';
  return [
    `### ${id}`,
    `\`${method.toUpperCase()} ${template}\`: ${summary}. Answers ${status}.${others}`,
    `\`\`\`sh\n${text}\n\`\`\``,
    ...(example === undefined ? [] : [`\`\`\`json\n${JSON.stringify(example)}\n\`\`\``]),
  ];
}

/** The page, in Markdown; `documents` by name. Throws if an operation has no request here, or a request no operation. */
export function apiPage(documents) {
  const chapters = CHAPTERS.flatMap(({ document, title, about, always, requests }) => {
    const operations = operationsOf(documents.get(document));
    const odd = [...operations.keys()].filter((id) => !(id in requests));
    const lost = Object.keys(requests).filter((id) => !operations.has(id));
    if (odd.length + lost.length > 0)
      throw new Error(`scripts/api-page.mjs: ${document} has ${odd.join()}, and has no ${lost.join()}`);
    const sections = Object.entries(requests).flatMap(([id, request]) =>
      section(id, operations.get(id), request, always),
    );
    return [`## ${title}`, `${about} As OpenAPI: [\`${document}.json\`](openapi/${document}.json).`, ...sections];
  });
  return [
    '# The API, with curl',
    'Every operation once, and an example of what it answers. Printed by `npm run generate` from the OpenAPI documents, and run by the ' +
      'tests as it stands. The commands work one after the other where the service of the README runs, in its directory; first log in:',
    `\`\`\`sh\n${LOG_IN}\n\`\`\``,
    ...chapters,
    '',
  ].join('\n\n');
}
