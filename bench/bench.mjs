// Measures the service beside its floors, or beside another endpoint, in one run: see HELP.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, release, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Client } from 'pg';
import { cases, compared, keys } from './cases.mjs';
import { drive, driver } from './load.mjs';
import { cpuSeconds, memory, stop } from './processes.mjs';
import { generation } from './generation.mjs';
import { ask, startFloor, startService } from './service.mjs';
import { median, show, table } from './table.mjs';

const HELP = `Measures the service beside the floor of its parts in one run, prints one table, and writes bench/results/TIME.json.

  npm run bench -- [--quick] [--only TEXT]
  npm run bench -- [--quick] --compare URL --token TOKEN

  --quick         one round of a second each, to see that it works
  --only TEXT     only the cases whose names hold TEXT, as in "import" or "generate"; "show" is also measured at half load
  --compare URL   beside another Nova-compatible endpoint, such as http://nova:8774, instead of the floors
  --token TOKEN   a token for that endpoint; its user's keypairs called row-* and bench-* are made and deleted

The database is a PostgreSQL of its own where one is installed, or the one of DATABASE_URL, which must be empty; with neither, the
embedded one. The load comes from wrk where it is installed, or else from autocannon.`;

const options = readOptions();
if (options.help) {
  console.log(HELP);
  process.exit();
}
const ROUNDS = options.quick ? 1 : 3;
const SECONDS = options.quick ? 1 : 3;
const CONNECTIONS = 32;
const VERSION = { 'OpenStack-API-Version': 'compute 2.92' };
/** Old enough for every supported Nova. */
const COMPARED_VERSION = { 'OpenStack-API-Version': 'compute 2.2', 'X-OpenStack-Nova-API-Version': '2.2' };
const KEYPAIRS = '/v2.1/os-keypairs';

if (process.env.DATABASE_URL === undefined && hasPostgres()) {
  const again = [process.execPath, ...process.argv.slice(1)];
  process.exit(spawnSync('scripts/with-postgres.sh', again, { stdio: 'inherit' }).status ?? 1);
}

function hasPostgres() {
  const { PATH = '' } = process.env;
  // Where Debian installs them.
  const versions = existsSync('/usr/lib/postgresql') ? readdirSync('/usr/lib/postgresql') : [];
  const directories = [...PATH.split(':'), ...versions.map((version) => `/usr/lib/postgresql/${version}/bin`)];
  return directories.some((each) => existsSync(join(each, 'pg_ctl')));
}

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        help: { type: 'boolean', default: false },
        quick: { type: 'boolean', default: false },
        only: { type: 'string', default: '' },
        compare: { type: 'string' },
        token: { type: 'string', default: '' },
      },
    });
    return values;
  } catch ({ message }) {
    console.error(`${message}\n\n${HELP}`);
    process.exit(2);
  }
}

const url = process.env.DATABASE_URL;
const database = url === undefined ? {} : { DATABASE_URL: url, MIGRATE_ON_START: 'true' };
const directory = mkdtempSync(join(tmpdir(), 'latchkey-bench-'));
/** Names of keypairs; no two loads may share one. */
let names = 0;
const freshNames = () => (names += 100_000_000);

const service = await startService(directory, database);
const headers = { 'X-Auth-Token': service.token };
let other;
try {
  const results = options.compare === undefined ? await beside() : await against(options.compare);
  await write(results);
} finally {
  if (other) await stop(other);
  await stop(service);
  rmSync(directory, { recursive: true });
}

/** Everything but the floors. */
async function beside() {
  other = await startFloor(directory, database);
  await fill(service.api, { ...headers, ...VERSION }, 1000);
  await fill(other.api, {}, 1000);
  // PostgreSQL does this by itself after a minute: both sides get the plans that they keep.
  if (url !== undefined) await inDatabase('ANALYZE');
  await register();
  const rows = [];
  for (const each of cases.filter(({ name }) => name.includes(options.only))) {
    rows.push(await measured(each));
    process.stderr.write(`${each.name}: ${show(rows.at(-1).ratio)}\n`);
  }
  console.log(table(rows, ['service', 'floor']));
  const halfLoad = await latencies(rows);
  const generated = 'generate'.includes(options.only)
    ? await generation(service, headers, options.quick ? 2 : 12)
    : undefined;
  if (generated) console.log(`\n${generated.summary}`);
  const peak = memory(service.pid, 'VmHWM');
  console.log(`\nPeak memory of the service: ${peak} MB.`);
  return { rows, halfLoad, generated, peakMegabytes: peak };
}

/** The same requests to the service and to another endpoint, whose token's user must have no keypairs called row-* or bench-*. */
async function against(base) {
  const endpoint = base.replace(/\/(v2(\.1)?\/?)?$/, '');
  const sides = [
    { api: service.api, headers: { ...headers, ...COMPARED_VERSION } },
    { api: endpoint, headers: { 'X-Auth-Token': options.token, ...COMPARED_VERSION } },
  ];
  for (const side of sides) await fill(side.api, side.headers, 50);
  const rows = [];
  for (const { name, request } of compared) {
    const rounds = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const pair = [];
      for (const side of sides) {
        const load = { seconds: SECONDS, connections: CONNECTIONS, first: freshNames() };
        pair.push(await drive(side.api, { ...request, headers: { ...jsonBody(request), ...side.headers } }, load));
      }
      rounds.push({ service: pair[0], floor: pair[1] });
    }
    rows.push(row({ name }, rounds));
  }
  await removeOurs(sides[1]);
  console.log(table(rows, ['service', endpoint]));
  return { compared: endpoint, rows };
}

/** Deletes what the rounds made, including what was still undeleted when time ran out. */
async function removeOurs({ api, headers: sent }) {
  const { keypairs } = await ask(api + KEYPAIRS, 'GET', sent);
  const ours = keypairs.map(({ keypair }) => keypair.name).filter((name) => /^(row|bench)-\d+$/.test(name));
  for (const name of ours) await ask(`${api}${KEYPAIRS}/${name}`, 'DELETE', sent);
}

function rowName(n) {
  return `row-${String(n).padStart(4, '0')}`;
}

async function fill(api, sent, count) {
  for (let n = 0; n < count; n += 1) {
    const keypair = { name: rowName(n), type: 'ssh', public_key: keys.ed25519 };
    await ask(api + KEYPAIRS, 'POST', sent, { keypair });
  }
}

/** Registers the load generator's machine as a guest, and gives the floor the same metadata. */
async function register() {
  const guest = {
    name: 'web-1',
    key_names: [rowName(0), rowName(1)],
    addresses: ['127.0.0.1'],
    metadata: { role: 'web' },
  };
  await ask(`${service.api}/v1/guests`, 'POST', headers, { guest });
  const { random_seed: _, ...metadata } = await ask(`${service.metadata}/openstack/latest/meta_data.json`, 'GET', {});
  await ask(`${other.api}/document`, 'PUT', {}, metadata);
}

/** Rounds of a case: service, floor, service, floor. */
async function measured(each) {
  for (const side of [service, other]) await once(each, side, 1);
  const rounds = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    rounds.push({ service: await once(each, service, SECONDS), floor: await once(each, other, SECONDS) });
  }
  return row(each, rounds);
}

async function once({ at, request, before, bare, bareBefore, connections = CONNECTIONS }, side, seconds) {
  const first = freshNames();
  const load = { seconds, connections, first };
  const body = request.body && JSON.parse(request.body).keypair.public_key;
  if (side === other && bare !== undefined) {
    if (bareBefore)
      await ask(other.api + bareBefore, 'POST', {}, { ...load, seconds: 3 * seconds, body: keys.ed25519 });
    const cpu = cpuSeconds(side.pid);
    return costing(await ask(other.api + bare, 'POST', {}, { ...load, body }), cpu, side);
  }
  const all = { ...headers, ...VERSION };
  if (before)
    await drive(side.api, { ...before, headers: { ...all, ...jsonBody(before) } }, { ...load, seconds: 3 * seconds });
  const cpu = cpuSeconds(side.pid);
  const sent = at === 'metadata' ? {} : { ...all, ...jsonBody(request) };
  return costing(await drive(side[at], { ...request, headers: sent }, load), cpu, side);
}

function jsonBody({ body }) {
  return body === undefined ? {} : { 'Content-Type': 'application/json' };
}

function costing(result, before, { pid }) {
  return { ...result, cpuPerThousand: ((cpuSeconds(pid) - before) / result.requests) * 1000 };
}

/** Medians of the rounds; the ratio is the median of the rounds' ratios, since a machine's speed drifts. */
function row({ name, target }, rounds) {
  const medians = (side) =>
    Object.fromEntries(Object.keys(rounds[0][side]).map((key) => [key, median(rounds.map((each) => each[side][key]))]));
  const ratio = median(rounds.map((each) => each.service.rate / each.floor.rate));
  return { name, target, ratio, service: medians('service'), floor: medians('floor'), rounds };
}

/** p99 of reads at half the rate that each side reached, and that of the service while it makes RSA keys. */
async function latencies(rows) {
  const [shown] = rows.filter(({ name }) => name === 'show');
  const { request } = cases.find(({ name }) => name === 'show');
  if (!shown || driver === 'autocannon') return undefined;
  const sent = { ...request, headers: { ...headers, ...VERSION } };
  const half = (side, { rate }) =>
    drive(side.api, sent, { seconds: SECONDS, connections: CONNECTIONS, wait: (2000 * CONNECTIONS) / rate - 1 });
  const rounds = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const alone = { service: await half(service, shown.service), floor: await half(other, shown.floor) };
    const making = { method: 'POST', path: KEYPAIRS, headers, body: '{"keypair":{"name":"made-{n}"}}' };
    const made = drive(service.api, making, { seconds: SECONDS + 1, connections: 2, first: freshNames() });
    rounds.push({ ...alone, whileMaking: await half(service, shown.service) });
    await made;
  }
  const [ours, floors, making] = ['service', 'floor', 'whileMaking'].map((side) =>
    median(rounds.map((each) => each[side].p99)),
  );
  const reached = show(median(rounds.map((each) => each.service.rate)));
  console.log(
    `\nshow at half load (${reached} requests/s): p99 ${show(ours)} ms, ${show(ours / floors)} times the floor's ${show(floors)} ms ` +
      `(at most 3); while RSA keys are made ${show(making)} ms, ${show(making / ours)} times (at most 3).`,
  );
  return { rounds, p99: ours, floorP99: floors, whileMakingP99: making };
}

async function write(results) {
  mkdirSync('bench/results', { recursive: true });
  const at = new Date().toISOString();
  const machine = {
    cpu: cpus()[0].model,
    cores: cpus().length,
    gigabytes: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
  };
  const versions = {
    commit: versionOf('git', 'rev-parse', '--short', 'HEAD'),
    node: process.version,
    driver,
    database: await databaseVersion(),
  };
  const how = { rounds: ROUNDS, seconds: SECONDS, connections: CONNECTIONS };
  const file = `bench/results/${at.slice(0, 16).replaceAll(':', '')}${options.compare ? '-compare' : ''}.json`;
  writeFileSync(file, `${JSON.stringify({ at, machine, versions, how, ...results }, null, 1)}\n`);
  console.log(
    `\n${machine.cores} cores of ${machine.cpu}, ${Object.values(versions).join(', ')}; all numbers are in ${file}.`,
  );
}

async function databaseVersion() {
  if (url === undefined) return 'embedded PGlite';
  const [{ server_version: version }] = await inDatabase('SHOW server_version');
  return `PostgreSQL ${version}`;
}

async function inDatabase(statement) {
  const client = new Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query(statement);
  await client.end();
  return rows;
}

function versionOf(command, ...parameters) {
  try {
    return execFileSync(command, parameters, { encoding: 'utf8' }).trim();
  } catch {
    return `unknown ${command}`;
  }
}
