// Throughput of one, two and four processes on one PostgreSQL, in turn: "npm run tool -- bench-replicas". With POOLER_URL, that of a
// PgBouncer in transaction mode before DATABASE_URL, each is measured through the pooler as well.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { keys } from './cases.mjs';
import { drive, driver } from './load.mjs';
import { cpuSeconds, started, stop } from './processes.mjs';
import { ask, startService } from './service.mjs';
import { median, show } from './table.mjs';

const COUNTS = [1, 2, 4];
const CONNECTIONS = 32;
const ROUNDS = 3;
const SECONDS = 3;
const KEYPAIRS = '/v2.1/os-keypairs';

const { DATABASE_URL, POOLER_URL } = process.env;
if (DATABASE_URL === undefined) {
  const again = [process.execPath, ...process.argv.slice(1)];
  process.exit(spawnSync('scripts/with-postgres.sh', again, { stdio: 'inherit' }).status ?? 1);
}

const CASES = [
  { name: 'show', request: { method: 'GET', path: `${KEYPAIRS}/row-0` } },
  { name: 'list of 100', request: { method: 'GET', path: `${KEYPAIRS}?limit=100` } },
  {
    name: 'import ed25519',
    request: {
      method: 'POST',
      path: KEYPAIRS,
      body: JSON.stringify({ keypair: { name: 'bench-{n}', type: 'ssh', public_key: keys.ed25519 } }),
    },
  },
];

const POOLS = {
  direct: { DATABASE_URL },
  ...(POOLER_URL !== undefined && {
    PgBouncer: { DATABASE_URL: POOLER_URL, DATABASE_LISTEN_URL: DATABASE_URL, DATABASE_STATEMENTS: 'unnamed' },
  }),
};

const directory = mkdtempSync(join(tmpdir(), 'latchkey-bench-replicas-'));
let names = 0;

console.log('| pool | processes | case | requests/s | CPU s per 1000 | p50 ms | p99 ms | refused |');
console.log('| --- | --: | --- | --: | --: | --: | --: | --: |');
try {
  for (const [pool, database] of Object.entries(POOLS))
    for (const count of COUNTS) await measure(pool, database, count);
  console.log(`\n${cpus().length} cores of ${cpus()[0].model}, ${process.version}, ${driver}.`);
} finally {
  rmSync(directory, { recursive: true });
}

async function measure(pool, database, count) {
  const services = await startServices(join(directory, `${pool}-${count}`), database, count);
  const { api, token } = services[0];
  const headers = { 'X-Auth-Token': token, 'OpenStack-API-Version': 'compute 2.92' };
  try {
    await fill(api, headers);
    for (const { name, request } of CASES) {
      const type = request.body && { 'Content-Type': 'application/json' };
      const run = (seconds) => load(services, { ...request, headers: { ...headers, ...type } }, seconds);
      await run(1);
      const rounds = [];
      for (let round = 0; round < ROUNDS; round += 1) rounds.push(await run(SECONDS));
      const of = (field) => show(median(rounds.map((each) => each[field])));
      const failed = rounds.reduce((sum, each) => sum + each.failed, 0);
      console.log(
        `| ${pool} | ${count} | ${name} | ${of('rate')} | ${of('cpu')} | ${of('p50')} | ${of('p99')} | ${failed} |`,
      );
    }
  } finally {
    for (const service of services) await stop(service);
  }
}

/** The first makes the users and the signing key, which the others share. */
async function startServices(home, database, count) {
  mkdirSync(home);
  const first = await startService(home, { ...database, MIGRATE_ON_START: 'true' });
  const shared = {
    IDENTITY_FILE: join(home, 'service/identity.yaml'),
    TOKEN_KEY_FILE: join(home, 'service/token.key'),
  };
  const services = [first];
  for (let index = 1; index < count; index += 1) {
    const environment = {
      ...database,
      ...shared,
      PORT: '0',
      METADATA_MODE: 'off',
      RATE_LIMIT: 'off',
      KEYPAIR_QUOTA: '-1',
    };
    const other = await started(
      ['--max-semi-space-size=4', 'dist/src/main.js'],
      environment,
      join(home, `service-${index}.log`),
      /listens on http:\/\/127\.0\.0\.1:(\d+)/,
    );
    services.push({ ...other, api: `http://127.0.0.1:${other.port}` });
  }
  return services;
}

async function fill(api, headers) {
  const { keypairs } = await ask(`${api}${KEYPAIRS}?limit=1`, 'GET', headers);
  for (let n = keypairs.length === 0 ? 0 : 100; n < 100; n += 1) {
    await ask(api + KEYPAIRS, 'POST', headers, {
      keypair: { name: `row-${n}`, type: 'ssh', public_key: keys.ed25519 },
    });
  }
}

/** Drives all processes at once, each over its share of the connections. */
async function load(services, request, seconds) {
  const cpu = services.map(({ pid }) => cpuSeconds(pid));
  const all = await Promise.all(
    services.map(({ api }) => {
      names += 10_000_000;
      return drive(api, request, { seconds, connections: CONNECTIONS / services.length, first: names });
    }),
  );
  const sum = (numbers) => numbers.reduce((total, each) => total + each, 0);
  const used = sum(services.map(({ pid }, index) => cpuSeconds(pid) - cpu[index]));
  return {
    rate: sum(all.map(({ rate }) => rate)),
    failed: sum(all.map(({ failed }) => failed)),
    cpu: (used * 1000) / sum(all.map(({ requests }) => requests)),
    p50: Math.max(...all.map(({ p50 }) => p50)),
    p99: Math.max(...all.map(({ p99 }) => p99)),
  };
}
