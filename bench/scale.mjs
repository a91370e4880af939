// Whether the service keeps its latency as the table grows: "npm run tool -- bench-scale ROWS", a million by default,
// ten keypairs for each user, filled by COPY. Needs PostgreSQL: one of its own, or that of DATABASE_URL, which must
// be empty. Prints p50 and p99 before and after; all numbers go to bench/results.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { keys } from './cases.mjs';
import { copyRows } from './copy.mjs';
import { drive, driver } from './load.mjs';
import { stop } from './processes.mjs';
import { ask, startService } from './service.mjs';
import { median, show } from './table.mjs';

const ROWS = Number(process.argv[2] ?? 1_000_000);
const KEYPAIRS_OF_USER = 10;
const ROUNDS = 3;
const SECONDS = 3;
const CONNECTIONS = 4;
const VERSION = { 'OpenStack-API-Version': 'compute 2.92' };
const PATH = '/v2.1/os-keypairs';

if (process.env.DATABASE_URL === undefined) {
  const again = [process.execPath, ...process.argv.slice(1)];
  process.exit(spawnSync('scripts/with-postgres.sh', again, { stdio: 'inherit' }).status ?? 1);
}

const database = new Client({ connectionString: process.env.DATABASE_URL });
const directory = mkdtempSync(join(tmpdir(), 'latchkey-scale-'));
const service = await startService(directory, { DATABASE_URL: process.env.DATABASE_URL, MIGRATE_ON_START: 'true' });
await database.connect();
try {
  const headers = { 'X-Auth-Token': service.token, ...VERSION };
  await register(headers);
  await fill(1, 100);
  const before = await measured(headers, 100);
  const began = performance.now();
  await fill(101, Math.ceil(ROWS / KEYPAIRS_OF_USER));
  const fillSeconds = Math.round((performance.now() - began) / 1000);
  const after = await measured(headers, Math.ceil(ROWS / KEYPAIRS_OF_USER));
  const { rows } = await database.query(
    "SELECT pg_table_size('key_pairs') AS table, pg_indexes_size('key_pairs') AS index, (SELECT count(*) FROM key_pairs) AS rows",
  );
  const [{ table, index, rows: stored }] = rows;
  console.log(
    `${stored} keypairs: table ${megabytes(table)} MB, indexes ${megabytes(index)} MB, filled in ${fillSeconds} s.\n`,
  );
  print(before, after);
  write({ stored: Number(stored), table: Number(table), index: Number(index), fillSeconds, before, after });
} finally {
  await database.end();
  await stop(service);
  rmSync(directory, { recursive: true });
}

function megabytes(bytes) {
  return Math.round(Number(bytes) / 2 ** 20);
}

async function register(headers) {
  const guest = { name: 'web-1', addresses: ['127.0.0.1'], metadata: { role: 'web' } };
  await ask(`${service.api}/v1/guests`, 'POST', headers, { guest });
}

/** Keypairs of the users from one number to another, and as many guests as users. */
async function fill(from, to) {
  await copyRows(database, 'key_pairs (user_id, name, fingerprint, public_key)', keypairs(from, to));
  await copyRows(database, 'keypair_usage (user_id, used)', counters(from, to));
  const columns = 'id, user_id, project_id, name, hostname, availability_zone, network, keys, metadata';
  await copyRows(database, `guests (${columns})`, guests(from, to));
  await database.query('VACUUM ANALYZE');
  await database.query('CHECKPOINT');
}

function* keypairs(from, to) {
  const fingerprint = '00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff';
  for (let user = from; user <= to; user += 1) {
    const id = idOf(user);
    for (let n = 1; n <= KEYPAIRS_OF_USER; n += 1) yield [id, `key-${n}`, fingerprint, keys.ed25519];
  }
}

function* counters(from, to) {
  for (let user = from; user <= to; user += 1) yield [idOf(user), KEYPAIRS_OF_USER];
}

function* guests(from, to) {
  for (let user = from; user <= to; user += 1) {
    const id = idOf(user);
    yield [id, id, 'project', 'web', 'web', 'nova', 'default', '[]', '{}'];
  }
}

/** Ids in no order, as those of users are. */
function idOf(user) {
  return createHash('md5').update(String(user)).digest('hex');
}

/** Medians of several rounds. Shows and lists go to users all over the table, as an administrator; imports to one user. */
async function measured(headers, users) {
  // wrk counts up, so the users are chosen here: a few thousand, far apart.
  const some = Array.from({ length: 200 }, (_, n) => 1 + Math.floor((n * (users - 1)) / 199));
  const owners = some.map(idOf);
  const importing = JSON.stringify({ keypair: { name: 'bench-{n}', type: 'ssh', public_key: keys.ed25519 } });
  const results = { show: [], 'list of 10': [], import: [], 'meta_data.json': [] };
  for (let round = 0; round <= ROUNDS; round += 1) {
    const load = { seconds: SECONDS, connections: CONNECTIONS, first: users * 100_000 + round * 10_000_000 };
    const each = {
      show: await byTurns(owners, (owner) => `${PATH}/key-5?user_id=${owner}`, headers),
      'list of 10': await byTurns(owners, (owner) => `${PATH}?user_id=${owner}`, headers),
      import: await drive(
        service.api,
        { method: 'POST', path: PATH, headers: { ...headers, 'Content-Type': 'application/json' }, body: importing },
        load,
      ),
      'meta_data.json': await drive(
        service.metadata,
        { method: 'GET', path: '/openstack/latest/meta_data.json' },
        load,
      ),
    };
    // The first round warms up.
    if (round > 0) for (const [name, result] of Object.entries(each)) results[name].push(result);
  }
  return Object.fromEntries(
    Object.entries(results).map(([name, all]) => [
      name,
      { p50: median(all.map(({ p50 }) => p50)), p99: median(all.map(({ p99 }) => p99)) },
    ]),
  );
}

/** One connection that reads one owner after another; milliseconds. */
async function byTurns(owners, pathFor, headers) {
  const times = [];
  for (let turn = 0; turn < 5; turn += 1) {
    for (const owner of owners) {
      const began = performance.now();
      const reply = await fetch(service.api + pathFor(owner), { headers });
      await reply.arrayBuffer();
      if (reply.status !== 200) throw new Error(`${pathFor(owner)} is answered ${reply.status}`);
      times.push(performance.now() - began);
    }
  }
  const sorted = times.toSorted((a, b) => a - b);
  return { p50: sorted[times.length >> 1], p99: sorted[Math.floor(times.length * 0.99)] };
}

function print(before, after) {
  console.log('| case | p50 ms, 1000 rows | p50 ms, full | times | p99 ms, 1000 rows | p99 ms, full |');
  console.log('| --- | --: | --: | --: | --: | --: |');
  for (const [name, { p50, p99 }] of Object.entries(before)) {
    const full = after[name];
    console.log(
      `| ${[name, show(p50), show(full.p50), show(full.p50 / p50), show(p99), show(full.p99)].join(' | ')} |`,
    );
  }
}

function write(results) {
  mkdirSync('bench/results', { recursive: true });
  const at = new Date().toISOString();
  const file = `bench/results/${at.slice(0, 16).replaceAll(':', '')}-scale.json`;
  writeFileSync(file, `${JSON.stringify({ at, node: process.version, driver, ...results }, null, 1)}\n`);
  console.log(`\nAll numbers are in ${file}.`);
}
