// What goes wrong while the soak runs. Each fault takes `{ cluster, api, token, identityFile, random }` and ends once it has
// undone what it did.
import { randomUUID } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** Faults by name; `database` if answers of 503 are expected meanwhile. */
export const FAULTS = {
  'restart (fast)': { database: true, happens: ({ cluster, random }) => restarted(cluster, 'fast', random) },
  'restart (immediate)': { database: true, happens: ({ cluster, random }) => restarted(cluster, 'immediate', random) },
  'server hangs': { database: true, happens: hangs },
  'connections ended': { database: true, happens: connectionsEnded },
  'no connection left': { database: true, happens: noConnectionLeft },
  'clients go away': { database: false, happens: clientsGoAway },
  'slow clients': { database: false, happens: slowClients },
  'identity file rewritten': { database: false, happens: identityRewritten },
};

async function restarted(cluster, mode, random) {
  await cluster.stop(mode);
  await sleep(random.below(3000));
  await cluster.start();
}

async function hangs({ cluster, random }) {
  cluster.freeze();
  await sleep(2000 + random.below(8000));
  cluster.thaw();
}

const END_ALL = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'latchkey'`;

/** Three times, so that new connections are hit too. */
async function connectionsEnded({ cluster, random }) {
  for (let i = 0; i < 3; i += 1) {
    await cluster.query(END_ALL);
    await sleep(random.below(500));
  }
}

/** Other sessions take every connection, including those that the service had. */
async function noConnectionLeft({ cluster, random }) {
  const others = [];
  const until = performance.now() + 3000 + random.below(3000);
  await cluster.query(END_ALL);
  while (performance.now() < until) {
    try {
      others.push(await cluster.connected('latchkey'));
    } catch (error) {
      // Too many connections: as intended.
      if (error.code !== '53300') throw error;
      await sleep(100);
    }
  }
  await Promise.all(others.map((each) => each.end()));
}

/** Clients that are gone before their answer, some in the middle of their request. */
async function clientsGoAway({ api, token, random }) {
  for (let i = 0; i < 100; i += 1) {
    const body = JSON.stringify({ keypair: { name: `away-${randomUUID()}` } });
    const request = [
      'POST /v2.1/os-keypairs HTTP/1.1',
      'Host: soak',
      `X-Auth-Token: ${token}`,
      // A list, much of which is in transit when the client disconnects; or a create, one in twenty, whose answer has no reader.
      ...(i % 20 === 0 ? ['Content-Type: application/json', `Content-Length: ${body.length}`, '', body] : ['', '']),
    ].join('\r\n');
    const sent = i % 20 === 0 ? request : request.replace('POST', 'GET');
    const socket = opened(api);
    socket.write(sent.slice(0, random.below(3) === 0 ? random.below(sent.length) : sent.length));
    setTimeout(() => socket.destroy(), random.below(20));
    await sleep(50);
  }
}

/** Clients that send a byte now and then, until they are cut off, or for longer than headers may take. */
async function slowClients({ api, token }) {
  const request = `GET /v2.1/os-keypairs HTTP/1.1\r\nHost: soak\r\nX-Auth-Token: ${token}\r\n\r\n`;
  const sockets = Array.from({ length: 20 }, () => opened(api));
  for (let i = 0; i < 50; i += 1) {
    for (const socket of sockets) if (socket.writable) socket.write(request[i]);
    await sleep(300);
  }
  for (const socket of sockets) socket.destroy();
}

/** Rewritten with another user in it, then broken, then restored. */
async function identityRewritten({ identityFile, random }) {
  const before = readFileSync(identityFile, 'utf8');
  const [, hash] = /password: (\S+)/.exec(before);
  const user = `  - { id: ${randomUUID().replaceAll('-', '')}, name: more, password: ${hash} }`;
  const more = before.replace(/^users:\n/m, `users:\n${user.replaceAll('$', '$$$$')}\n`);
  for (const text of [more, 'users: [', before]) {
    const other = `${identityFile}.soak`;
    writeFileSync(other, text, { mode: 0o600 });
    renameSync(other, identityFile);
    await sleep(2500 + random.below(1000));
  }
}

function opened(api) {
  const { hostname: host, port } = new URL(api);
  // The client waits for no answer: it exists to be cut off.
  return connect({ host, port: Number(port) })
    .on('error', () => {})
    .resume();
}
