// Runs the service on a PostgreSQL of its own under mixed traffic while things go wrong, and fails where an acknowledged write
// is lost, an answer is not as it should be, or memory, descriptors or connections grow: "npm run tool -- soak [MINUTES] [SEED]",
// 30 minutes by default. Prints a table, and writes all figures to soak.json in the directory that it names.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'yaml';
import { cpuSeconds, stop } from '../../bench/processes.mjs';
import { startService } from '../../bench/service.mjs';
import { Random } from '../random.mjs';
import { Cluster } from './cluster.mjs';
import { FAULTS } from './faults.mjs';
import { makeKeys } from './keys.mjs';
import { Lane } from './lane.mjs';
import { Samples, valueAt } from './samples.mjs';
import { Service } from './service.mjs';
import { unlikeStored } from './stored.mjs';
import { Tally } from './tally.mjs';

const minutes = Number(process.argv[2] ?? 30);
const seed = Number(process.argv[3] ?? Date.now() % 2 ** 32);
if (!(minutes >= 1) || !Number.isInteger(seed)) {
  console.error('Usage: soak.mjs [MINUTES, 1 or more] [SEED, a whole number]');
  process.exit(2);
}
/** Requests per second of all lanes if every answer came at once: enough for lanes to collide, and few enough to leave CPU time. */
const RATE = 320;
const LANES = 24;
/** Seconds before anything is measured or goes wrong: caches fill, and code is compiled. */
const WARM_UP = 20;
/** Minutes that a process may go on growing as it warms up: shorter runs are judged with leniency. */
const WARM = 10;
const SAMPLES_EVERY = Math.min(10, minutes * 2);
/** Seconds between faults, on average. A short run has most of them once. */
const FAULT_INTERVAL_SECONDS = Math.min(20, minutes * 3);

const directory = mkdtempSync(join(tmpdir(), 'latchkey-soak-'));
const results = mkdtempSync(join(tmpdir(), 'latchkey-soak-results-'));
const random = new Random(seed);
// Neither the service nor the server runs as root: both need access to the directory.
execFileSync('chmod', ['755', directory]);
mkdirSync(join(directory, 'keys'));
const keys = makeKeys(join(directory, 'keys'));
const cluster = await Cluster.started(directory, ['max_connections = 40']);
const [{ server_version: postgres }] = await cluster.query('SHOW server_version');
const metadataSecret = Service.newSecret();
const started = await startService(directory, {
  DATABASE_URL: cluster.url,
  MIGRATE_ON_START: 'true',
  ADMIN_PORT: '0',
  RATE_LIMIT: 'off',
  METADATA_MODE: 'neutron',
  METADATA_SECRET: metadataSecret,
  TOKEN_LIFETIME_SECONDS: '86400',
});
try {
  process.exitCode = (await soak()) ? 0 : 1;
} finally {
  await stop(started);
  await cluster.stop('immediate');
  rmSync(directory, { recursive: true });
}

async function soak() {
  const service = await signedIn();
  const tally = new Tally();
  const { admin, demo } = service.users;
  const lanes = Array.from({ length: LANES }, (_, number) => {
    const name = `lane${number}`;
    const [user, ownerId] = number % 3 === 0 ? [demo, demo.id] : [admin, `owner-of-${name}`];
    return new Lane({ name, service, user, ownerId, keys, random: new Random(seed + number), tally });
  });
  console.log(`${minutes} minutes with seed ${seed}; figures go to ${results}.`);
  let isOver = false;
  const running = lanes.map((lane) => lane.run((LANES / RATE) * 1000, () => isOver));
  await sleep(WARM_UP * 1000);

  const end = performance.now() + minutes * 60_000;
  const cpuBefore = cpuSeconds(started.pid);
  const requestsBefore = tally.requests;
  const admins = /find metrics at (http:\/\/[^/]+)\//.exec(started.output)[1];
  const samples = new Samples({ pid: started.pid, admin: admins, cluster, leniency: minutes < WARM ? 3 : 1 });
  const breaking = Promise.all([true, false].map((isOfDatabase) => breakThings(isOfDatabase, tally, service, end)));
  while (performance.now() < end) {
    await samples.take();
    await sleep(SAMPLES_EVERY * 1000);
  }
  await breaking;
  const cores = (cpuSeconds(started.pid) - cpuBefore) / (minutes * 60);
  const rate = (tally.requests - requestsBefore) / (minutes * 60);
  isOver = true;
  await Promise.all(running);
  // What was in progress when its client disconnected is done by then.
  await sleep(6000);
  for (const problem of await unlikeStored({ cluster, lanes, service })) tally.wrong(problem);
  service.close();
  return report({ tally, samples, rate, cores });
}

/** With a token for each user of the first start. */
async function signedIn() {
  const { clouds } = parse(readFileSync(join(directory, 'service', 'clouds.yaml'), 'utf8'));
  const users = Object.fromEntries(
    Object.values(clouds).map(({ auth: { username: name, password, project_name: project } }) => [
      name,
      { name, password, project },
    ]),
  );
  const service = new Service({ api: started.api, metadata: started.metadata, metadataSecret, users });
  for (const user of Object.values(users)) {
    const { headers, json } = await service.logIn(user);
    Object.assign(user, { token: headers['x-subject-token'], id: json.token.user.id });
  }
  return service;
}

/** All faults of the database, or all others, in an order of their own each time, until `end`. */
async function breakThings(isOfDatabase, tally, service, end) {
  const identityFile = join(directory, 'service', 'identity.yaml');
  const reach = { cluster, api: service.api, token: service.users.admin.token, identityFile, random };
  const faults = Object.entries(FAULTS).filter(([, { database }]) => database === isOfDatabase);
  for (;;) {
    for (const [name, { happens }] of random.shuffled(faults)) {
      await sleep(FAULT_INTERVAL_SECONDS * 1000 * (0.5 + random.next()));
      if (performance.now() > end - FAULT_INTERVAL_SECONDS * 1000) return;
      const ended = tally.began(name, isOfDatabase);
      await happens(reach);
      ended();
    }
  }
}

/** Prints the outcome, writes it to the file, and returns whether all was well. */
function report({ tally, samples, rate, cores }) {
  const rows = samples.rows();
  const isWell = tally.wrongs.length === 0 && rows.every(({ isFlat }) => isFlat) && tally.writes > 0;
  const version = (command, ...args) => execFileSync(command, args, { encoding: 'utf8' }).trim();
  const about = {
    at: new Date().toISOString(),
    minutes,
    seed,
    machine: { cpu: cpus()[0].model, cores: cpus().length },
    versions: { commit: version('git', 'rev-parse', '--short', 'HEAD'), node: process.version, database: postgres },
  };
  const counts = {
    requests: tally.requests,
    'requests per second': Math.round(rate),
    'CPU time of the service, cores': Math.round(cores * 100) / 100,
    'keypairs and guests made': tally.writes,
    'answers of 503': tally.unavailable,
    'of them, while nothing was wrong': tally.unavailableInCalm,
    faults: tally.faults.length,
    'ms until a write after a fault, median': valueAt(0.5, tally.recoveries),
    'ms until a write after a fault, most': Math.max(...tally.recoveries),
    'what was wrong': tally.wrongs.length,
  };
  print(rows, counts);
  const figures = { ...about, isWell, rows, counts, answers: tally.byKind, faults: tally.faults, wrongs: tally.wrongs };
  writeFileSync(join(results, 'soak.json'), `${JSON.stringify({ ...figures, samples: samples.all }, null, 1)}\n`);
  console.log(isWell ? 'All is well.' : 'NOT well: see above.');
  return isWell;
}

function print(rows, counts) {
  const line = (name, ...values) =>
    console.log(name.padEnd(40) + values.map((each) => String(each).padStart(16)).join(''));
  line('', 'second quarter', 'last quarter', 'most', '');
  for (const { name, unit, second, last, most, isFlat } of rows) {
    line(unit === '' ? name : `${name}, ${unit}`, second, last, most, isFlat ? 'flat' : 'NOT FLAT');
  }
  for (const [name, count] of Object.entries(counts)) line(name, count);
}
