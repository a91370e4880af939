import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client as PgClient } from 'pg';
import { EmbeddedConnection } from '../../src/persistence/embedded/embedded-connection.js';
import type { Client } from '../support/client.js';
import { ServiceProcess } from '../support/service-process.js';
import { sshKeygen } from '../support/ssh-keygen.js';
import { emptyDataDir } from '../support/template.js';

const ROUNDS = 10;
const CREATES = 2000;
const AT_ONCE = 32;

const { dataDir: directory, remove } = emptyDataDir();
let publicKey: string;

beforeAll(() => {
  publicKey = sshKeygen();
});

afterAll(async () => {
  await ServiceProcess.killAll();
  remove();
});

/** Creates keypairs until all are created or the service is gone; returns the names of those that were acknowledged. */
async function createMany(client: Client, round: number, acknowledged: (count: number) => void): Promise<string[]> {
  const made: string[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < CREATES) {
      const name = `round-${round}-key-${(next += 1)}`;
      const reply = await client.post('/v2.1/os-keypairs', { keypair: { name, public_key: publicKey } });
      if (reply.status !== 201) throw new Error(`create answered ${reply.status}: ${reply.text}`);
      made.push(name);
      acknowledged(made.length);
    }
  };
  await Promise.allSettled(Array.from({ length: AT_ONCE }, worker));
  return made;
}

/** Rows and counter of a user, read with the service stopped. */
async function stored(userId: string): Promise<{ names: string[]; counted: number }> {
  const files = join(directory, 'database');
  const reader = new PgClient({
    user: 'postgres',
    database: 'postgres',
    stream: () => new EmbeddedConnection(files),
  });
  await reader.connect();
  const names = await reader.query<{ name: string }>('SELECT name FROM key_pairs WHERE user_id = $1', [userId]);
  const usage = await reader.query<{ used: number }>('SELECT used FROM keypair_usage WHERE user_id = $1', [userId]);
  await reader.end();
  return { names: names.rows.map(({ name }) => name), counted: usage.rows[0]?.used ?? 0 };
}

describe('kill -9 in the middle of 2000 creates', () => {
  it.each(Array.from({ length: ROUNDS }, (_, round) => [round + 1]))(
    'loses no acknowledged keypair and keeps the counter right, time %i',
    async (round) => {
      const service = await ServiceProcess.listening({ DATA_DIR: directory, KEYPAIR_QUOTA: '-1', LOG_LEVEL: 'warn' });
      const alice = service.client.with({ 'X-Auth-Token': 'alice:a11ce' }).at('2.92');
      // A different moment each time.
      const killAt = 100 + round * 150;
      const made = await createMany(alice, round, (count) => {
        if (count === killAt) process.kill(service.pid, 'SIGKILL');
      });
      await service.ended();
      expect(made.length).toBeGreaterThanOrEqual(killAt);
      expect(made.length).toBeLessThan(CREATES);

      const { names, counted } = await stored('alice');
      const kept = new Set(names);
      expect(made.filter((name) => !kept.has(name))).toEqual([]);
      expect(counted).toBe(names.length);
    },
  );
});
