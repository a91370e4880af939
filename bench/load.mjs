// Drives one endpoint: with wrk where it is installed, which leaves most of the CPU to the service, or else autocannon.
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const SCRIPT = fileURLToPath(new URL('wrk.lua', import.meta.url));
const run = promisify(execFile);

/** Creates one and deletes it again, so that nothing is left and no quota is passed. */
export const POST_AND_DELETE = 'POST+DELETE';

/** `wrk 4.1.0`, or `autocannon`. */
export const driver = wrkVersion() ?? 'autocannon';

function wrkVersion() {
  try {
    return execFileSync('wrk', ['-v'], { encoding: 'utf8' });
  } catch (error) {
    // wrk exits with 1 after it has printed its version.
    const found = /^wrk (?:debian\/)?([\d.]+)/.exec(error.stdout ?? '');
    return found ? `wrk ${found[1]}` : undefined;
  }
}

/**
 * Sends a request again and again over `connections` connections. `request` is `{ method, path, headers, body }`, where {n} in
 * the path and the body is a number that counts up from `first`. `wait` is the mean of the milliseconds that a connection waits
 * before each request. Returns the number of answered and of refused requests, requests per second, and latencies in milliseconds.
 */
export async function drive(base, request, { seconds, connections, first = 0, wait = 0 }) {
  const load = { seconds, connections, first, wait };
  const result = await (driver === 'autocannon' ? withAutocannon : withWrk)(base, request, load);
  const { requests, failed, p50, p99, p999 } = result;
  return { requests, failed, rate: requests / result.seconds, p50, p99, p999 };
}

async function withWrk(base, { method, path, headers = {}, body }, { seconds, connections, first, wait }) {
  const directory = mkdtempSync(join(tmpdir(), 'latchkey-load-'));
  try {
    const file = join(directory, 'body');
    if (body !== undefined) writeFileSync(file, body);
    const sent = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
    const threads = method === POST_AND_DELETE ? connections : 1;
    const options = [
      `-t${threads}`,
      `-c${connections}`,
      `-d${seconds}s`,
      '--timeout',
      '30s',
      ...sent,
      '-s',
      SCRIPT,
      base,
    ];
    const scriptArgs = ['--', method, path, body === undefined ? '-' : file, first, Math.round(wait)].map(String);
    const { stdout } = await run('wrk', [...options, ...scriptArgs]);
    return JSON.parse(/^\{.*\}$/m.exec(stdout)[0]);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

async function withAutocannon(base, { method, path, headers, body }, { seconds, connections, first, wait }) {
  const { default: autocannon } = await import('autocannon');
  let count = first;
  const numbered = (n, request) => ({
    ...request,
    path: request.path.replaceAll('{n}', n),
    body: request.body?.replaceAll('{n}', n),
  });
  const each = { method, path, headers, body, setupRequest: (request) => numbered(String(count++), request) };
  const made = {
    ...each,
    method: 'POST',
    setupRequest: (request, context) => numbered((context.made = String(count++)), request),
  };
  const deleted = {
    method: 'DELETE',
    path: `${path}/bench-{n}`,
    headers,
    setupRequest: (request, context) => numbered(context.made, request),
  };
  const result = await autocannon({
    url: base,
    connections,
    duration: seconds,
    timeout: 30,
    ...(wait > 0 && { overallRate: Math.ceil((connections * 1000) / wait) }),
    requests: method === POST_AND_DELETE ? [made, deleted] : [each],
  });
  const { latency, requests, duration, non2xx, errors, timeouts } = result;
  const { p50, p99, p99_9: p999 } = latency;
  return { requests: requests.total, seconds: duration, failed: non2xx + errors + timeouts, p50, p99, p999 };
}
