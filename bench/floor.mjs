// The floor: what the parts do without the service. A bare Fastify answers the paths that are measured with the bytes of the
// service's answers, headers included, from the service's own prepared statements on the same driver and pool. It checks nothing,
// authenticates no caller and writes no log. Writes have a lower floor still, /bare-add and /bare-remove: the statement alone, without HTTP.
import { randomBytes, randomUUID } from 'node:crypto';
import fastify from 'fastify';
import dataSource from '../dist/ormconfig.js';
import { STATEMENTS } from '../dist/src/persistence/repositories/keypair.repository.js';

const { ADD, FIND, LIST, REMOVE } = STATEMENTS;
/** As long as the ids of the built-in identity. */
const OWNER = 'f'.repeat(32);
const FINGERPRINT = '00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff';
const HEADERS = {
  'X-OpenStack-Request-Id': `req-${randomUUID()}`,
  'X-Compute-Request-Id': `req-${randomUUID()}`,
  'OpenStack-API-Version': 'compute 2.92',
  'X-OpenStack-Nova-API-Version': '2.92',
  Vary: 'OpenStack-API-Version, X-OpenStack-Nova-API-Version',
  'Content-Type': 'application/json',
};

await dataSource.initialize();
await dataSource.runMigrations();
const pool = dataSource.driver.master;

async function query(statement, values) {
  const client = await pool.connect();
  try {
    return (await client.query({ ...statement, values })).rows;
  } finally {
    client.release();
  }
}

const event = (type) => [type, OWNER, OWNER, HEADERS['X-OpenStack-Request-Id']];
const add = (name, publicKey) =>
  query(ADD, [
    OWNER,
    name,
    'ssh',
    FINGERPRINT,
    publicKey,
    randomUUID(),
    OWNER,
    OWNER,
    -1,
    null,
    null,
    ...event('keypair.imported'),
  ]);

const server = fastify();
const answers = (method, url, handler) => server.route({ method, url, handler });

answers('GET', '/v2.1/os-keypairs/:name', async (request, reply) => {
  const [row] = await query(FIND, [OWNER, request.params.name]);
  reply.headers(HEADERS);
  const { name, type, fingerprint, publicKey: public_key, userId: user_id, createdAt, updatedAt } = row;
  const times = { created_at: createdAt, updated_at: updatedAt, deleted: false, deleted_at: null };
  return { keypair: { name, type, fingerprint, public_key, user_id, ...times, id: Number(row.id) } };
});

answers('GET', '/v2.1/os-keypairs', async (request, reply) => {
  const { limit, user_id: owner = OWNER } = request.query;
  reply.headers(HEADERS);
  if (limit === '0') return '{"keypairs":[]}';
  const parts = await query(LIST, [owner, '', limit ?? 1000, undefined, 'type']);
  if (parts.length === 0) return '{"keypairs":[]}';
  const items = parts.map((part) => part.items).join(',');
  const href = `http://${request.host}/v2.1/os-keypairs?limit=${limit}&marker=${parts.at(-1).last}`;
  return `{"keypairs":[${items}],"keypairs_links":[{"rel":"next","href":"${href}"}]}`;
});

answers('POST', '/v2.1/os-keypairs', async (request, reply) => {
  const { name, public_key: publicKey, type } = request.body.keypair;
  await add(name, publicKey);
  reply.status(201).headers(HEADERS);
  return { keypair: { name, type, public_key: publicKey, fingerprint: '', user_id: OWNER } };
});

// The service's own meta_data.json, put here by the bench; a fresh random seed in each answer, as there.
let document = {};
answers('PUT', '/document', async (request) => {
  document = request.body;
  return {};
});
answers('GET', '/openstack/latest/meta_data.json', async () => ({
  ...document,
  random_seed: randomBytes(512).toString('base64'),
}));

/** Runs `statement` for a number of seconds, as many at once as there are connections in the load. */
async function bare({ seconds, connections, first, body }, statement) {
  const times = [];
  let count = first;
  const began = performance.now();
  const until = began + seconds * 1000;
  const client = async () => {
    for (let now = performance.now(); now < until; now = performance.now()) {
      await statement(`bench-${count++}`, body);
      times.push(performance.now() - now);
    }
  };
  await Promise.all(Array.from({ length: connections }, client));
  const took = (performance.now() - began) / 1000;
  const sorted = Float64Array.from(times).toSorted();
  const at = (share) => sorted[Math.floor(sorted.length * share)];
  return { requests: times.length, failed: 0, rate: times.length / took, p50: at(0.5), p99: at(0.99), p999: at(0.999) };
}
answers('POST', '/bare-add', (request) => bare(request.body, add));
answers('POST', '/bare-remove', (request) =>
  bare(request.body, (name) => query(REMOVE, [OWNER, name, null, null, ...event('keypair.deleted')])),
);

server.addHook('onClose', () => dataSource.destroy());
process.once('SIGTERM', () => void server.close());
await server.listen({ host: '127.0.0.1', port: 0 });
console.error(`the floor listens on port ${server.server.address().port}`);
