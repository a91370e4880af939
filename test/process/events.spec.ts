import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { Client as PgClient } from 'pg';
import { EmbeddedConnection } from '../../src/persistence/embedded/embedded-connection.js';
import type { Client } from '../support/client.js';
import { ServiceProcess } from '../support/service-process.js';
import { sshKeygen } from '../support/ssh-keygen.js';
import { emptyDataDir } from '../support/template.js';

const ROUNDS = 20;
const AT_ONCE = 16;
const KEYPAIRS = '/v2.1/os-keypairs';

const { dataDir: directory, remove } = emptyDataDir();
const publicKey = sshKeygen();
/** What was acknowledged in all rounds, as `keypair.deleted round-1-key-7`. */
const acknowledged: string[] = [];

afterAll(async () => {
  await ServiceProcess.killAll();
  remove();
});

/** Creates keypairs, each twice, so that the second is refused, and deletes every third, until the service is gone. */
async function changeUntilGone(client: Client, round: number, onChange: () => void): Promise<void> {
  let next = 0;
  const create = (name: string) => client.post(KEYPAIRS, { keypair: { name, public_key: publicKey } });
  const done = (type: string, name: string): void => {
    acknowledged.push(`${type} ${name}`);
    onChange();
  };
  const worker = async (): Promise<void> => {
    for (;;) {
      const name = `round-${round}-key-${(next += 1)}`;
      const isDeleted = next % 3 === 0;
      expect((await create(name)).status).toBe(201);
      done('keypair.imported', name);
      expect((await create(name)).status).toBe(409);
      if (!isDeleted) continue;
      expect((await client.delete(`${KEYPAIRS}/${name}`)).status).toBe(204);
      done('keypair.deleted', name);
      expect((await client.delete(`${KEYPAIRS}/${name}`)).status).toBe(404);
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: AT_ONCE }, worker));
  const unexpected = ends.map((end) => end.status === 'rejected' && (end.reason as Error)).filter(Boolean) as Error[];
  expect(unexpected.filter(({ message }) => message.includes('toBe'))).toEqual([]);
}

/** The stored keypairs and events, read with the service stopped. */
async function stored(): Promise<{ names: string[]; events: string[]; ids: string[] }> {
  const files = join(directory, 'database');
  const reader = new PgClient({ user: 'postgres', database: 'postgres', stream: () => new EmbeddedConnection(files) });
  await reader.connect();
  const names = await reader.query<{ name: string }>('SELECT name FROM key_pairs');
  const events = await reader.query<{ event: string; event_id: string }>(
    `SELECT type || ' ' || (data->>'name') AS event, event_id FROM events ORDER BY id`,
  );
  await reader.end();
  return {
    names: names.rows.map(({ name }) => name),
    events: events.rows.map(({ event }) => event),
    ids: events.rows.map(({ event_id }) => event_id),
  };
}

describe('kill -9 while keypairs are created, refused and deleted', () => {
  it.each(Array.from({ length: ROUNDS }, (_, round) => [round + 1]))(
    'leaves one event for each change that was made and none for another, time %i',
    async (round) => {
      const service = await ServiceProcess.listening({ DATA_DIR: directory, KEYPAIR_QUOTA: '-1', LOG_LEVEL: 'warn' });
      const alice = service.client.with({ 'X-Auth-Token': 'alice:a11ce' }).at('2.92');
      // A different moment each time.
      const killAt = acknowledged.length + 20 + round * 13;
      await changeUntilGone(alice, round, () => {
        if (acknowledged.length === killAt) process.kill(service.pid, 'SIGKILL');
      });
      await service.ended();
      expect(acknowledged.length).toBeGreaterThanOrEqual(killAt);

      const { names, events, ids } = await stored();
      expect(new Set(ids).size).toBe(events.length);
      expect(new Set(events).size).toBe(events.length);
      const written = new Set(events);
      expect(acknowledged.filter((change) => !written.has(change))).toEqual([]);
      // What was stored but not acknowledged has its event too.
      const left = events
        .filter((event) => event.startsWith('keypair.imported '))
        .map((event) => event.slice('keypair.imported '.length))
        .filter((name) => !written.has(`keypair.deleted ${name}`));
      expect(left.toSorted()).toEqual(names.toSorted());
    },
  );
});
