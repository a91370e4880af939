import { readFileSync, writeFileSync } from 'node:fs';
import { createServer as createTlsServer, type Server } from 'node:https';
import { request } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import bcrypt from 'bcrypt';
import { parse } from 'yaml';
import { freePort } from '../support/free-port.js';
import { ServiceProcess } from '../support/service-process.js';
import { emptyDataDir } from '../support/template.js';
import { Shell } from './shell.js';

interface Clouds {
  readonly clouds: Record<'latchkey' | 'latchkey-admin', { auth: Record<string, string>; region_name: string }>;
}

const { dataDir, remove } = emptyDataDir();
let service: ServiceProcess;
let shell: Shell;
let demo: Record<string, string>;

beforeAll(async () => {
  const port = await freePort();
  service = await ServiceProcess.listening({ DATA_DIR: dataDir, AUTH_MODE: 'builtin', PORT: String(port) });
  demo = (parse(readFileSync(join(dataDir, 'clouds.yaml'), 'utf8')) as Clouds).clouds.latchkey.auth;
  shell = new Shell();
  await shell.run('ssh-keygen -q -t ed25519 -N "" -f id');
});

afterAll(async () => {
  await service.stop();
  shell.remove();
  remove();
});

const list = 'latchkey keypair list -f value -c Name';

describe('clouds.yaml', () => {
  it('as the service writes it at its first start is all that is needed', async () => {
    shell.export({ OS_CLIENT_CONFIG_FILE: `${dataDir}/clouds.yaml`, OS_CLOUD: 'latchkey' });
    await shell.plays(`
      $ latchkey keypair create laptop --public-key id.pub -q; ${list}
      laptop
    `);
    shell.export({ OS_CLIENT_CONFIG_FILE: '', OS_CLOUD: '' });
  });

  it('is found in the directory, and its secrets in secure.yaml', async () => {
    const { password, ...auth } = demo;
    writeFileSync(shell.path('clouds.yaml'), JSON.stringify({ clouds: { here: { auth, region_name: 'RegionOne' } } }));
    writeFileSync(shell.path('secure.yaml'), JSON.stringify({ clouds: { here: { auth: { password } } } }));
    await shell.plays(`
      $ ${list} --os-cloud here
      laptop
      $ ${list}
      laptop
      $ ${list} --os-cloud there
      latchkey: There is no cloud "there" in clouds.yaml; it has here.
      [2]
      $ ${list} --os-cloud here --os-region-name RegionTwo
      latchkey: The catalog has no public compute endpoint in the region RegionTwo; it has <...>RegionOne<...>.
      [6]
      $ OS_INTERFACE=internal ${list} --os-cloud here
      laptop
      $ rm clouds.yaml secure.yaml; mkdir -p home/.config/openstack; cp ${dataDir}/clouds.yaml home/.config/openstack/
      $ OS_CLOUD=latchkey ${list}
      laptop
      $ OS_CLOUD=latchkey-admin latchkey keypair list --user demo -f value -c Name
      laptop
      $ rm -r home/.config
    `);
  });
});

describe('--user', () => {
  it.each([
    'keypair create x --public-key id.pub',
    'keypair create x --private-key x',
    'keypair list',
    'keypair show laptop',
    'keypair delete laptop',
    'keypair-add x --pub-key id.pub',
    'keypair-list',
    'keypair-show laptop',
    'keypair-delete laptop',
    'guest create x',
    'guest list',
    'guest show x',
    'guest update x --name y',
    'guest metadata x',
    'guest config-drive x -o x.iso',
    'guest delete x',
  ])('that names a user who does not exist is an error: %s', (command) =>
    shell.plays(`
      $ export OS_CLIENT_CONFIG_FILE=${dataDir}/clouds.yaml OS_CLOUD=latchkey-admin; latchkey ${command} --user dmeo
      latchkey: There is no user dmeo; give the name or the id of a user with --user.
      [4]
      $ ls x x.iso 2>/dev/null
      [2]
    `),
  );

  it('needs an id from a caller who may not list users, and the service decides', () =>
    shell.plays(`
      $ export OS_CLIENT_CONFIG_FILE=${dataDir}/clouds.yaml OS_CLOUD=latchkey; ${list} --user admin
      latchkey: Cannot look up the user admin: Keystone does not let you list users. Give the id of the user with --user.
      [3]
      $ export OS_CLIENT_CONFIG_FILE=${dataDir}/clouds.yaml OS_CLOUD=latchkey; ${list} --user 0123456789abcdef0123456789abcdef
      latchkey: Listing keypairs: Policy doesn't allow os_compute_api:os-keypairs:index to be performed.
      [3]
    `));
});

describe('an application credential', () => {
  const cloud = (): string => `export OS_CLIENT_CONFIG_FILE=${dataDir}/clouds.yaml OS_CLOUD=latchkey`;

  it('is made, logs in with its clouds.yaml, and is deleted', () =>
    shell.plays(`
      $ ${cloud()}; latchkey credential create ci --role reader --expires 90d --clouds-yaml > ci.yaml
      The secret is not stored: keep it now, where only the program reads it.
      $ OS_CLIENT_CONFIG_FILE=ci.yaml ${list}
      laptop
      $ OS_CLIENT_CONFIG_FILE=ci.yaml latchkey credential create more -q
      latchkey: Creating the credential more: You are not authorized to perform the requested action: Using method 'application_credential' is not allowed for managing additional application credentials..
      [3]
      $ ${cloud()}; latchkey credential list -f value -c Name -c Roles -c Unrestricted
      ci reader no
      $ ${cloud()}; latchkey credential delete ci nothing
      latchkey: There is no credential nothing; nothing was deleted.
      [4]
      $ ${cloud()}; latchkey credential delete ci
      Deleted ci.
      $ OS_CLIENT_CONFIG_FILE=ci.yaml ${list}
      latchkey: Signing in at http://127.0.0.1:<...>/identity/v3: The request you have made requires authentication. <...>
      [3]
    `));

  it('shows its secret once, and serves as variables', async () => {
    const { out } = await shell.run(`${cloud()}; latchkey credential create ci --unrestricted -q -f json`);
    const made = JSON.parse(out) as Record<string, string>;
    expect(made).toMatchObject({ Name: 'ci', Roles: 'member, reader', Expires: null, Unrestricted: 'yes' });
    const variables = `OS_AUTH_URL=${demo.auth_url} OS_APPLICATION_CREDENTIAL_ID=${made.ID} OS_APPLICATION_CREDENTIAL_SECRET=${made.Secret}`;
    await shell.plays(`
      $ ${variables} ${list}
      laptop
      $ ${variables} latchkey credential delete ci -q
    `);
  });

  it('needs an identity', () =>
    shell.plays(`
      $ latchkey credential list --os-auth-type none --os-endpoint http://${service.client.host}/v2.1
      latchkey: Application credentials need a Keystone or a built-in identity: set --os-auth-url.
      [2]
    `));
});

describe('credentials', () => {
  const variables = (): string =>
    Object.entries(demo)
      .map(([name, value]) => `OS_${name.toUpperCase()}='${value}'`)
      .join(' ');

  it('may be variables, and options count before them', () =>
    shell.plays(`
      $ ${variables()} ${list}
      laptop
      $ ${variables()} ${list} --os-password wrong
      latchkey: Signing in at http://127.0.0.1:<...>/identity/v3: <...> Check the credentials and the project.
      [3]
    `));

  it('may be a token', async () => {
    const scope = { project: { name: 'demo', domain: { id: 'default' } } };
    const auth = { identity: identity(demo.username, demo.password), scope };
    const reply = await service.client.post('/identity/v3/auth/tokens', { auth });
    const token = reply.headers['x-subject-token'];
    shell.export({ OS_AUTH_URL: demo.auth_url, OS_PROJECT_NAME: 'demo' });
    await shell.plays(`
      $ OS_AUTH_TYPE=token ${list} --os-token ${token}
      laptop
      $ ${list} --os-token ${token}
      laptop
      $ OS_AUTH_URL= ${list} --os-token ${token} --os-endpoint http://${service.client.host}/v2.1
      laptop
    `);
    shell.export({ OS_AUTH_URL: '', OS_PROJECT_NAME: '' });
  });

  it('that are missing are named', () =>
    shell.plays(`
      $ latchkey keypair list --os-auth-url ${demo.auth_url} --os-username demo < /dev/null
      latchkey: --os-password is missing: the auth type password needs it (or OS_PASSWORD).
      [2]
      $ latchkey keypair list --os-auth-url ${demo.auth_url} --os-auth-type v3applicationcredential
      latchkey: --os-application-credential-secret is missing: <...>
      [2]
      $ latchkey keypair list --os-auth-url ${demo.auth_url} --os-auth-type kerberos
      latchkey: The auth type "kerberos" is not known; use one of password, token, <...>
      [2]
      $ latchkey keypair list --os-auth-url nowhere
      latchkey: --os-auth-url must be a URL that begins with http:// or https://.
      [2]
    `));

  it('in the wrong place are refused, and not shown', () =>
    shell.plays(`
      $ latchkey keypair list --os-auth-url http://demo:swordfish@127.0.0.1:9/v3
      latchkey: --os-auth-url must not hold a user or a password; they have settings of their own.
      [2]
      $ latchkey keypair list --os-pasword=swordfish
      latchkey: unknown option '--os-pasword'. See --help.
      [2]
      $ latchkey --os-username demo --os-password sword fish keypair list
      latchkey: unknown command. See --help.
      [2]
      $ OS_CLIENT_CONFIG_FILE='clouds: {demo: {auth: {password: swordfish}}}' latchkey keypair list
      latchkey: There is no file of the name that OS_CLIENT_CONFIG_FILE holds.
      [2]
      $ latchkey keypair create laptop --public-key "$(cat id)"
      latchkey: An argument holds a private key, and nothing was done; name the file that it is in. <...>
      [2]
    `));

  it('are masked in what --debug shows', async () => {
    const { err } = await shell.run(`${variables()} ${list} --debug`);
    expect(err).toMatch(/^> POST http:.*\/identity\/v3\/auth\/tokens$/m);
    expect(err).toMatch(/^> X-Auth-Token: \*\*\*$/m);
    expect(err).toMatch(/^< x-subject-token: \*\*\*$/m);
    expect(err).not.toContain(demo.password);
    expect(err.replaceAll(/"token":\{[^}]*/g, '')).not.toMatch(/eyJ|gAAAA/);
  });
});

function identity(name: string, password: string): object {
  return { methods: ['password'], password: { user: { name, password, domain: { id: 'default' } } } };
}

describe('AUTH_MODE=none', () => {
  const open = emptyDataDir();
  let other: ServiceProcess;

  beforeAll(async () => {
    other = await ServiceProcess.listening({ DATA_DIR: open.dataDir });
    shell.export({ OS_AUTH_TYPE: 'none', OS_ENDPOINT: `http://${other.client.host}/v2.1` });
  });

  afterAll(async () => {
    shell.export({ OS_AUTH_TYPE: '', OS_ENDPOINT: '' });
    await other.stop();
    open.remove();
  });

  it('makes curl and latchkey the same user, for keypairs and for guests', async () => {
    const curl = `curl -s -H "X-Auth-Token: $TOKEN" -H 'Content-Type: application/json'`;
    const api = `http://${other.client.host}`;
    await shell.plays(`
      $ ${curl} ${api}/v2.1/os-keypairs -d "{\\"keypair\\": {\\"name\\": \\"by-curl\\", \\"public_key\\": \\"$(cat id.pub)\\"}}" -o /dev/null
      $ latchkey keypair create by-latchkey --public-key id.pub -f value -c user_id
      admin
      $ ${list}
      by-curl
      by-latchkey
      $ latchkey guest create web --key by-curl --key by-latchkey --address 10.0.0.5 -f value -c user_id
      admin
      $ ${curl} ${api}/v1/guests -d '{"guest": {"name": "db", "key_names": ["by-latchkey"]}}' -o /dev/null
      $ latchkey guest list -f value -c Name
      web
      db
      $ ${curl} ${api}/v1/guests | grep -o '"user_id":"[^"]*"' | uniq
      "user_id":"admin"
    `);
  });
});

describe('http_basic', () => {
  it('needs a user and a password, and no Keystone', async () => {
    const basic = emptyDataDir();
    writeFileSync(shell.path('htpasswd'), `carol:${bcrypt.hashSync('swordfish', 4)}\n`);
    const settings = { DATA_DIR: basic.dataDir, AUTH_MODE: 'http_basic', HTTP_BASIC_FILE: shell.path('htpasswd') };
    const other = await ServiceProcess.listening(settings);
    shell.export({ OS_AUTH_TYPE: 'http_basic', OS_ENDPOINT: `http://${other.client.host}/v2.1`, OS_USERNAME: 'carol' });
    await shell.plays(`
      $ OS_PASSWORD=swordfish latchkey keypair create mine --public-key id.pub -f value -c user_id
      carol
      $ OS_PASSWORD=swordfisk latchkey keypair list
      latchkey: <...> Check the credentials and the project.
      [3]
    `);
    shell.export({ OS_AUTH_TYPE: '', OS_ENDPOINT: '', OS_USERNAME: '' });
    await other.stop();
    basic.remove();
  });
});

describe('TLS', () => {
  let proxy: Server;
  let endpoint: string;

  beforeAll(async () => {
    const subject = '-subj /CN=localhost -addext subjectAltName=DNS:localhost';
    await shell.run(`openssl req -x509 -newkey rsa:2048 -nodes -keyout tls.key -out tls.pem ${subject}`);
    const [key, cert] = ['tls.key', 'tls.pem'].map((file) => readFileSync(shell.path(file)));
    const [hostname, port] = service.client.host.split(':');
    proxy = createTlsServer({ key, cert }, ({ method, url, headers }, answer) => {
      request({ hostname, port, method, path: url, headers }, (inner) => {
        answer.writeHead(inner.statusCode!, inner.headers);
        inner.pipe(answer);
      }).end();
    }).listen(0, 'localhost');
    await once(proxy, 'listening');
    endpoint = `https://localhost:${(proxy.address() as AddressInfo).port}/v2.1`;
  });

  afterAll(() => void proxy.close());

  it('is refused without the authority, and taken with it or with --insecure', async () => {
    shell.export({ OS_ENDPOINT: endpoint, OS_TOKEN: 'wrong' });
    await shell.plays(`
      $ latchkey keypair list
      latchkey: Cannot reach https://localhost:<...>: its certificate is not trusted (<...>); name the authority with --os-cacert FILE, or try --insecure.
      [6]
      $ latchkey keypair list --os-cacert tls.pem
      latchkey: Listing keypairs: <...>
      [3]
      $ latchkey keypair list --insecure
      latchkey: Listing keypairs: <...>
      [3]
      $ latchkey keypair list --os-cacert missing.pem
      latchkey: --os-cacert: the file missing.pem cannot be read.
      [2]
    `);
    shell.export({ OS_ENDPOINT: '', OS_TOKEN: '' });
  });
});

describe('keypair prune --owner-gone', () => {
  it('finds what users left who were removed, for administrators alone', async () => {
    shell.export({ OS_CLIENT_CONFIG_FILE: `${dataDir}/clouds.yaml`, OS_CLOUD: 'latchkey-admin' });
    const users = `DATA_DIR=${dataDir} AUTH_MODE=builtin latchkey user`;
    const as = 'OS_CLOUD=latchkey latchkey --os-username carl --os-password password-of-carl';
    const until = (line: string) => `for n in $(seq 60); do ${line} >/dev/null 2>&1 && break; sleep 0.5; done`;
    await shell.plays(`
      $ echo password-of-carl | ${users} add carl --project demo --role member -q
      $ ${until(`${as} keypair list`)}
      $ ${as} keypair create left --public-key id.pub -q; ${as} keypair create held --public-key id.pub -q
      $ ${as} keypair set held --protect -q
      $ latchkey keypair prune --owner-gone -f value
      $ ${users} remove carl -q
      $ ${until('latchkey keypair prune --owner-gone -q -f value | grep left')}
      $ latchkey keypair prune --owner-gone -f value -c Name -c Outcome
      left would be deleted
      held kept: protected
      Nothing was deleted yet; add --yes to delete them.
      $ OS_CLOUD=latchkey latchkey keypair prune --owner-gone
      latchkey: Searching keypairs: <...>
      [3]
      $ latchkey keypair prune --owner-gone --shared
      latchkey: --owner-gone looks at the keypairs of all users; leave out --user and --shared.
      [2]
      $ latchkey keypair prune --owner-gone --yes -f value -c Name -c Outcome
      left deleted
      held kept: protected
    `);
    shell.export({ OS_CLIENT_CONFIG_FILE: '', OS_CLOUD: '' });
  });
});

describe('microversions', () => {
  const old = emptyDataDir();
  let older: ServiceProcess;
  let at: string;

  beforeAll(async () => {
    older = await ServiceProcess.listening({ DATA_DIR: old.dataDir, MAX_MICROVERSION: '2.1' });
    at = `OS_ENDPOINT=http://${older.client.host}/v2.1 OS_AUTH_TYPE=none`;
  });

  afterAll(async () => {
    await older.stop();
    old.remove();
  });

  it('are those that both sides know', () =>
    shell.plays(`
      $ ${at} latchkey keypair create old --public-key id.pub -f value -c name
      old
      $ ${at} latchkey keypair list -f value -c Name -c Type
      old ssh
      $ ${at} latchkey keypair create new --type x509 --private-key new.p12
      latchkey: An X.509 keypair needs the microversion 2.2, and 2.1 is in use.
      [2]
      $ ${at} latchkey keypair list --limit 1
      latchkey: Listing a part needs the microversion 2.35, and 2.1 is in use.
      [2]
      $ ${at} latchkey keypair list --user bob
      latchkey: Naming a user needs the microversion 2.10, and 2.1 is in use.
      [2]
      $ ${at} latchkey --os-compute-api-version 2.92 keypair list
      latchkey: The service offers the microversions 2.1 to 2.1, not 2.92.
      [2]
    `));

  it('are none at /v2, where keypairs can be registered all the same', () =>
    shell.plays(`
      $ export ${at}; OS_ENDPOINT=\${OS_ENDPOINT%.1} latchkey keypair create legacy --public-key id.pub -f value -c name
      legacy
      $ export ${at}; OS_ENDPOINT=\${OS_ENDPOINT%/v2.1} latchkey keypair list -f value -c Name
      legacy
      old
      $ ${at} OS_ENDPOINT=http://${older.client.host}/nothing latchkey keypair list
      latchkey: <...>/nothing does not look like a compute service: it lists no versions. Use a URL such as one that ends in /v2.1.
      [6]
    `));
});
