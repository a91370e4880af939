// Whether what clients were answered is what is stored, once everything is idle.

/** The differences, a line each. */
export async function unlikeStored({ cluster, lanes, service }) {
  const client = await cluster.connected('latchkey');
  try {
    const rows = async (text) => (await client.query(text)).rows;
    return [
      ...keypairProblems(lanes, await rows('SELECT user_id, name, public_key FROM key_pairs')),
      ...counterProblems(await rows(COUNTERS)),
      ...guestProblems(lanes, await rows('SELECT id, keys FROM guests')),
      ...(await tokenProblems(lanes, service)),
    ];
  } finally {
    await client.end();
  }
}

const COUNTERS = `
  SELECT user_id, coalesce(used, 0) AS used, coalesce(stored, 0)::int AS stored FROM keypair_usage
  FULL JOIN (SELECT user_id, count(*) AS stored FROM key_pairs GROUP BY user_id) AS counted USING (user_id)`;

function keypairProblems(lanes, rows) {
  const stored = new Map(rows.map((row) => [`${row.user_id} ${row.name}`, row.public_key]));
  return lanes.flatMap(({ ownerId, keypairs, gone }) => [
    ...[...keypairs]
      .filter(([name, publicKey]) => stored.get(`${ownerId} ${name}`) !== publicKey)
      .map(([name]) => `stored: ${name} was acknowledged and is not there as it was sent`),
    ...[...gone]
      .filter((name) => stored.has(`${ownerId} ${name}`))
      .map((name) => `stored: ${name} was deleted and is there`),
  ]);
}

function counterProblems(rows) {
  return rows
    .filter(({ used, stored }) => used !== stored)
    .map(({ user_id: user, used, stored }) => `stored: ${user} has ${stored} keypairs, and the counter is ${used}`);
}

function guestProblems(lanes, rows) {
  const stored = new Map(rows.map(({ id, keys }) => [id, keys.map(({ name }) => name)]));
  return lanes.flatMap(({ guests }) =>
    [...guests.values()]
      .filter(({ id, keyNames }) => String(stored.get(id)) !== String(keyNames))
      .map(({ id }) => `stored: the guest ${id} was acknowledged and is not there as it was sent`),
  );
}

async function tokenProblems(lanes, service) {
  const tokens = lanes.flatMap(({ revoked }) => [...revoked]);
  const statuses = [];
  for (const token of tokens) statuses.push((await service.ask('GET', '/v2.1/os-keypairs', { token })).status);
  return statuses.filter((status) => status !== 401).map((status) => `a revoked token is answered ${status}`);
}
