import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { getDataSourceToken } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import type { Client, Reply } from '../support/client.js';
import { sshKeygen } from '../support/ssh-keygen.js';
import { type StartedApp, startApp } from '../support/start-app.js';

let service: StartedApp;
let publicKey: string;

beforeAll(async () => {
  service = await startApp({ KEYPAIR_QUOTA: '50' });
  publicKey = sshKeygen();
});

afterAll(async () => service?.stop());

const create = (caller: Client, name: string): Promise<Reply> =>
  caller.at('2.92').post('/v2.1/os-keypairs', { keypair: { name, public_key: publicKey } });

async function stored(userId: string): Promise<{ rows: number; counted: number }> {
  const [found] = await service.app.get<DataSource>(getDataSourceToken()).query<[{ rows: number; counted: number }]>(
    `SELECT (SELECT count(*)::int FROM key_pairs WHERE user_id = $1) AS rows,
            (SELECT used FROM keypair_usage WHERE user_id = $1) AS counted`,
    [userId],
  );
  return found;
}

describe('a quota of 50', () => {
  it.each(Array.from({ length: 20 }, (_, round) => [round + 1]))(
    'lets 50 of 200 concurrent creates pass and refuses 150 with 403, round %i',
    async (round) => {
      const alice = service.as(`alice-${round}`);
      const replies = await Promise.all(Array.from({ length: 200 }, (_, index) => create(alice, `key-${index}`)));
      const statuses = replies.map(({ status }) => status);
      expect(statuses.filter((status) => status === 201)).toHaveLength(50);
      expect(statuses.filter((status) => status === 403)).toHaveLength(150);
      expect(replies.find(({ status }) => status === 403)?.body).toEqual({
        forbidden: { code: 403, message: 'Quota exceeded, too many key pairs.' },
      });
      expect(await stored(`alice-${round}`)).toEqual({ rows: 50, counted: 50 });
    },
  );

  it('counts 100 concurrent creates of one name as one keypair', async () => {
    const bob = service.as('bob');
    const replies = await Promise.all(Array.from({ length: 100 }, () => create(bob, 'same')));
    const statuses = replies.map(({ status }) => status).toSorted((a, b) => a - b);
    expect(statuses).toEqual([201, ...Array.from({ length: 99 }, () => 409)]);
    expect(await stored('bob')).toEqual({ rows: 1, counted: 1 });
  });

  it('gives the slot back when a keypair is deleted, once, however many delete it', async () => {
    const carol = service.as('carol');
    await Promise.all(Array.from({ length: 50 }, (_, index) => create(carol, `key-${index}`)));
    const deletes = await Promise.all(
      Array.from({ length: 20 }, () => carol.at('2.92').delete('/v2.1/os-keypairs/key-7')),
    );
    expect(deletes.filter(({ status }) => status === 204)).toHaveLength(1);
    expect(await stored('carol')).toEqual({ rows: 49, counted: 49 });
    expect((await create(carol, 'again')).status).toBe(201);
    expect((await create(carol, 'over')).status).toBe(403);
  });

  it('counts generated and imported keypairs alike, and generates no key that could not be stored', async () => {
    const dave = service.as('dave');
    await Promise.all(Array.from({ length: 49 }, (_, index) => create(dave, `key-${index}`)));
    const replies = await Promise.all(
      ['one', 'two', 'three'].map((name) => dave.at('2.2').post('/v2.1/os-keypairs', { keypair: { name } })),
    );
    expect(replies.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 403, 403]);
    expect(await stored('dave')).toEqual({ rows: 50, counted: 50 });
  });
});

describe('other quotas', () => {
  it.each([
    ['0', [403, 403]],
    ['1', [201, 403]],
    ['-1', [201, 201]],
  ])('of %s', async (quota, expected) => {
    const other = await startApp({ KEYPAIR_QUOTA: quota });
    try {
      const statuses = [];
      for (const name of ['first', 'second']) statuses.push((await create(other.as('alice'), name)).status);
      expect(statuses).toEqual(expected);
    } finally {
      await other.stop();
    }
  });
});
