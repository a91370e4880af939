import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { getDataSourceToken } from '@nestjs/typeorm';
import * as fc from 'fast-check';
import { Client } from 'pg';
import type { DataSource } from 'typeorm';
import { EmbeddedConnection } from '../../src/persistence/embedded/embedded-connection.js';
import { RecordedDisk } from '../support/recorded-disk.js';
import { sshKeygen } from '../support/ssh-keygen.js';
import { startApp } from '../support/start-app.js';
import { putEmptyDatabase } from '../support/template.js';

/** Moments at which the power is lost; `POWER_LOSS_MOMENTS=500` is a longer run. A failure prints the seed that chose them. */
const MOMENTS = Number(process.env.POWER_LOSS_MOMENTS ?? 12);
const SEED = Number(process.env.POWER_LOSS_SEED ?? Date.now() % 1_000_000);
// Each moment starts an engine.
jest.setTimeout(60_000 + MOMENTS * 15_000);

/** The moments at which a row was requested and acknowledged, and the same for its deletion. */
interface Life {
  readonly requested: number;
  stored: number;
  deletion: number;
  deleted: number;
}
type Lives = Map<string, Life>;

const home = mkdtempSync(join(tmpdir(), 'latchkey-power-loss-'));
const keypairs: Lives = new Map();
const guests: Lives = new Map();
let disk: RecordedDisk;
let started: number;
let ended: number;

/** Records what the service does to its files while it creates and deletes keypairs and guests, with checkpoints in between. */
beforeAll(async () => {
  putEmptyDatabase(home);
  const directory = join(home, 'database');
  disk = new RecordedDisk(directory, home);
  disk.record();
  const service = await startApp({ DATA_DIR: home, EMBEDDED_FSYNC: 'on', KEYPAIR_QUOTA: '-1' });
  const alice = service.as('alice').at('2.92');
  const source = service.app.get<DataSource>(getDataSourceToken());
  const publicKey = sshKeygen();

  const store = async (lives: Lives, name: string, path: string, body: object): Promise<void> => {
    const life = { requested: disk.moment, stored: Infinity, deletion: Infinity, deleted: Infinity };
    lives.set(name, life);
    expect((await alice.post(path, body)).status).toBe(201);
    life.stored = disk.moment;
  };
  const remove = async (lives: Lives, name: string, path: string): Promise<void> => {
    const life = lives.get(name)!;
    life.deletion = disk.moment;
    expect((await alice.delete(`${path}/${name}`)).status).toBe(204);
    life.deleted = disk.moment;
  };
  const add = (name: string): Promise<void> =>
    store(keypairs, name, '/v2.1/os-keypairs', { keypair: { name, public_key: publicKey } });

  started = disk.moment;
  for (let round = 0; round < 12; round += 1) {
    for (let each = 0; each < 4; each += 1) await add(`one-${round}-${each}`);
    await Promise.all([1, 2, 3, 4, 5].map((each) => add(`many-${round}-${each}`)));
    await remove(keypairs, `one-${round}-0`, '/v2.1/os-keypairs');
    const id = randomUUID();
    await store(guests, id, '/v1/guests', { guest: { id, name: 'web', addresses: [`10.0.0.${round}`] } });
    if (round % 3 === 1) await remove(guests, id, '/v1/guests');
    if (round % 4 === 2) await source.query('CHECKPOINT');
    if (round % 6 === 4) await source.query('VACUUM');
  }
  ended = disk.moment;
  jest.restoreAllMocks();
  execFileSync('cp', ['-R', directory, join(home, 'as-it-was')]);
  await service.stop();
});

afterAll(() => rmSync(home, { recursive: true, force: true }));

/** A source of random numbers from 0 to 1, the same for the same seed (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The content of the database in a directory, as the service's own engine reads it. */
async function read(directory: string): Promise<Record<'keypairs' | 'guests', { names: string[]; used: number }>> {
  const client = new Client({
    user: 'postgres',
    database: 'postgres',
    stream: () => new EmbeddedConnection(directory),
  });
  await client.connect();
  const { rows } = await client.query<{ keypairs: string[]; used: number; guests: string[]; guests_used: number }>(
    `SELECT ARRAY(SELECT name FROM key_pairs) AS keypairs, coalesce((SELECT sum(used) FROM keypair_usage), 0)::int AS used,
       ARRAY(SELECT id::text FROM guests) AS guests, coalesce((SELECT sum(used) FROM guest_usage), 0)::int AS guests_used`,
  );
  await client.end();
  const [found] = rows;
  return {
    keypairs: { names: found.keypairs, used: found.used },
    guests: { names: found.guests, used: found.guests_used },
  };
}

/** Names that must exist at a moment, and those that may. */
function expectedAt(moment: number, lives: Lives): { sure: string[]; possible: Set<string> } {
  const all = [...lives];
  return {
    sure: all.filter(([, { stored, deletion }]) => stored <= moment && deletion > moment).map(([name]) => name),
    possible: new Set(
      all.filter(([, { requested, deleted }]) => requested < moment && deleted > moment).map(([name]) => name),
    ),
  };
}

describe('a power loss', () => {
  it('that loses nothing leaves the files as they were', () => {
    const directory = disk.afterPowerLoss(ended, () => true);
    // A file that differs or is missing makes diff fail.
    const compare = (): Buffer => execFileSync('diff', ['--recursive', directory, join(home, 'as-it-was')]);
    expect(compare).not.toThrow();
  });

  it(`at ${MOMENTS} random moments loses nothing acknowledged, and the counters are right`, async () => {
    const share = fc.constantFrom(0, 0.1, 0.5, 0.9, 1);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: started, max: ended }), share, fc.nat(), async (moment, survivors, seed) => {
        const next = random(seed);
        const directory = disk.afterPowerLoss(moment, () => next() < survivors);
        const stored = await read(directory);
        rmSync(directory, { recursive: true });
        for (const [{ names, used }, lives] of [
          [stored.keypairs, keypairs],
          [stored.guests, guests],
        ] as const) {
          const { sure, possible } = expectedAt(moment, lives);
          expect(names).toEqual(expect.arrayContaining(sure));
          expect(names.filter((name) => !possible.has(name))).toEqual([]);
          expect(used).toBe(names.length);
        }
      }),
      { numRuns: MOMENTS, seed: SEED, endOnFailure: true },
    );
  });
});
