// The service as it is measured: the build, on a database, with the built-in identity, and a caller that has logged in.
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { started } from './processes.mjs';

/** Starts it; `api` and `metadata` are URLs, `headers` those of an administrator without a limit of keypairs. */
export async function startService(directory, database, nodeOptions = []) {
  const dataDir = join(directory, 'service');
  mkdirSync(dataDir);
  const service = await started(
    ['--max-semi-space-size=4', ...nodeOptions, 'dist/src/main.js'],
    {
      PORT: '0',
      METADATA_PORT: '0',
      RATE_LIMIT: 'off',
      ADMIN_PORT: '0',
      KEYPAIR_QUOTA: '-1',
      // As in the image and in the unit of systemd.
      MALLOC_ARENA_MAX: '1',
      DATA_DIR: dataDir,
      ...database,
    },
    join(directory, 'service.log'),
    /listens on http:\/\/127\.0\.0\.1:(\d+)/,
  );
  const [, metadataPort] = /"port":(\d+),"msg":"the metadata service listens"/.exec(service.output);
  const api = `http://127.0.0.1:${service.port}`;
  const { clouds } = parse(readFileSync(join(dataDir, 'clouds.yaml'), 'utf8'));
  const token = await logIn(api, clouds['latchkey-admin'].auth);
  return { ...service, api, metadata: `http://127.0.0.1:${metadataPort}`, token };
}

async function logIn(api, { username: name, password, project_name: project }) {
  const domain = { id: 'default' };
  const identity = { methods: ['password'], password: { user: { name, domain, password } } };
  const body = JSON.stringify({ auth: { identity, scope: { project: { name: project, domain } } } });
  const reply = await fetch(`${api}/identity/v3/auth/tokens`, { method: 'POST', body });
  if (reply.status !== 201) throw new Error(`the log-in is answered ${reply.status}`);
  return reply.headers.get('x-subject-token');
}

/** Starts the floor on the same database, or an embedded one of its own. */
export async function startFloor(directory, database) {
  const dataDir = join(directory, 'floor');
  const floor = await started(
    ['bench/floor.mjs'],
    { DATA_DIR: dataDir, ...database },
    join(directory, 'floor.log'),
    /the floor listens on port (\d+)/,
  );
  const api = `http://127.0.0.1:${floor.port}`;
  return { ...floor, api, metadata: api };
}

/** Sends one request; the answer as JSON. Throws unless it is 2xx. */
export async function ask(url, method, headers, body) {
  const reply = await fetch(url, {
    method,
    headers: { 'Content-Type': 'application/json', ...headers },
    body: body && JSON.stringify(body),
  });
  const text = await reply.text();
  if (!reply.ok) throw new Error(`${method} ${url} is answered ${reply.status}: ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}
