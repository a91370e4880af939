// Whether the service's memory grows: "npm run tool -- bench-soak REQUESTS", two million by default. Shows, with a line of
// log each. Prints the resident memory after the warm-up, and by steps until the end. PostgreSQL as in bench.mjs.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keys } from './cases.mjs';
import { drive } from './load.mjs';
import { memory, stop } from './processes.mjs';
import { ask, startService } from './service.mjs';

const REQUESTS = Number(process.argv[2] ?? 2_000_000);
const STEP_SECONDS = 10;
const PATH = '/v2.1/os-keypairs';

if (process.env.DATABASE_URL === undefined) {
  const again = [process.execPath, ...process.argv.slice(1)];
  process.exit(spawnSync('scripts/with-postgres.sh', again, { stdio: 'inherit' }).status ?? 1);
}

const directory = mkdtempSync(join(tmpdir(), 'latchkey-soak-'));
const service = await startService(directory, { DATABASE_URL: process.env.DATABASE_URL, MIGRATE_ON_START: 'true' });
try {
  const headers = { 'X-Auth-Token': service.token, 'OpenStack-API-Version': 'compute 2.92' };
  const keypair = { name: 'laptop', type: 'ssh', public_key: keys.ed25519 };
  await ask(service.api + PATH, 'POST', headers, { keypair });
  const request = { method: 'GET', path: `${PATH}/laptop`, headers };
  const step = () => drive(service.api, request, { seconds: STEP_SECONDS, connections: 32 });
  await step();
  console.log(`after the warm-up: ${memory(service.pid, 'VmRSS')} MB`);
  for (let sent = 0; sent < REQUESTS;) {
    const { requests, failed } = await step();
    sent += requests;
    console.log(`after ${sent} requests (${failed} refused in the last step): ${memory(service.pid, 'VmRSS')} MB`);
  }
  console.log(`peak: ${memory(service.pid, 'VmHWM')} MB`);
} finally {
  await stop(service);
  rmSync(directory, { recursive: true });
}
