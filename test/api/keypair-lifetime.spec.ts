import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Audit } from '../../src/audit/audit.js';
import { ExpiryWarnings } from '../../src/keypairs/records/expiry-warnings.js';
import type { Client, Reply } from '../support/client.js';
import { sshKeygen } from '../support/ssh-keygen.js';
import { type StartedApp, startApp } from '../support/start-app.js';

const DAY_MS = 86_400_000;

let service: StartedApp;
let alice: Client;
const key = sshKeygen();

beforeAll(async () => {
  service = await startApp({ KEYPAIR_MAX_LIFETIME: '30' });
  alice = service.as('alice').at('2.92');
});
afterAll(() => service.stop());

/** Days from now until a keypair expires. */
async function daysLeft(name: string): Promise<number> {
  const { body } = await alice.get(`/v1/keypairs/${name}`);
  const { expires_at: end } = (body as { keypair: { expires_at: string } }).keypair;
  return (Date.parse(`${end}Z`) - Date.now()) / DAY_MS;
}

const patch = (name: string, keypair: object): Promise<Reply> =>
  alice.send({ method: 'PATCH', target: `/v1/keypairs/${name}`, body: JSON.stringify({ keypair }) });

const inDays = (days: number): string => new Date(Date.now() + days * DAY_MS).toISOString();

describe('KEYPAIR_MAX_LIFETIME', () => {
  it("applies to a keypair created through Nova's API, which does not show it", async () => {
    const made = await alice.post('/v2.1/os-keypairs', { keypair: { name: 'nova', public_key: key } });
    expect(made.status).toBe(201);
    expect(JSON.stringify(made.body)).not.toContain('expires');
    expect(await daysLeft('nova')).toBeCloseTo(30, 1);
  });

  it('applies to a keypair that is applied without an expiry', async () => {
    expect((await alice.put('/v1/keypairs/applied', { keypair: { public_key: key } })).status).toBe(201);
    expect(await daysLeft('applied')).toBeCloseTo(30, 1);
  });

  it('lets a client choose an earlier expiry, and renew a keypair up to the limit from now', async () => {
    await alice.put('/v1/keypairs/chosen', { keypair: { public_key: key, expires_at: inDays(3) } });
    expect(await daysLeft('chosen')).toBeCloseTo(3, 1);
    expect((await patch('chosen', { expires_at: inDays(29) })).status).toBe(200);
    expect(await daysLeft('chosen')).toBeCloseTo(29, 1);
  });

  it('refuses a later expiry, and none at all, and names the latest', async () => {
    await alice.put('/v1/keypairs/kept', { keypair: { public_key: key } });
    for (const refused of [
      await patch('kept', { expires_at: inDays(31) }),
      await patch('kept', { expires_at: null }),
      await alice.put('/v1/keypairs/new', { keypair: { public_key: key, expires_at: '2999-01-01' } }),
    ]) {
      expect(refused.status).toBe(400);
      expect(refused.text).toMatch(/Keypairs must expire here\. Set expires_at to \d{4}-[\d:T.-]+ or earlier\./);
    }
    expect(await daysLeft('kept')).toBeCloseTo(30, 1);
    expect((await patch('kept', { note: 'other changes need no end' })).status).toBe(200);
    expect((await alice.get('/v1/keypairs/new')).status).toBe(404);
  });
});

describe('KEYPAIR_WARN_DAYS', () => {
  it('writes one audit line for each day that a keypair passes, whichever replica checks first', async () => {
    const warnings = service.app.get(ExpiryWarnings);
    await warnings.write();
    const lines: unknown[][] = [];
    service.app.get(Audit).onChange(({ action, name, expires }) => {
      if (action.startsWith('keypair.expir')) lines.push([action, name, expires?.slice(0, 10)]);
    });
    const look = async (): Promise<unknown[][]> => {
      await Promise.all([warnings.write(), warnings.write(), warnings.write()]);
      return lines.splice(0);
    };
    const [soon, later] = [inDays(5), inDays(20)];
    await alice.put('/v1/keypairs/soon', { keypair: { public_key: key, expires_at: soon } });
    await alice.put('/v1/keypairs/later', { keypair: { public_key: key, expires_at: later } });
    expect(new Set(await look())).toEqual(
      new Set([
        ['keypair.expiring', 'later', later.slice(0, 10)],
        ['keypair.expiring', 'soon', soon.slice(0, 10)],
      ]),
    );
    expect(await look()).toEqual([]);
    await patch('soon', { expires_at: inDays(0) });
    expect(await look()).toEqual([['keypair.expired', 'soon', inDays(0).slice(0, 10)]]);
    expect(await look()).toEqual([]);
    await patch('soon', { expires_at: later });
    await patch('soon', { expires_at: inDays(0) });
    expect(await look()).toEqual([['keypair.expired', 'soon', inDays(0).slice(0, 10)]]);
  });

  it('writes one event with each of these lines, also of a keypair of a project', async () => {
    const warnings = service.app.get(ExpiryWarnings);
    await warnings.write();
    const bob = service.as('bob', 'blue');
    await bob.put('/v1/keypairs/own', { keypair: { public_key: key, expires_at: inDays(0) } });
    await bob.put('/v1/projects/blue/keypairs/ours', { keypair: { public_key: key, expires_at: inDays(5) } });
    await Promise.all([warnings.write(), warnings.write(), warnings.write()]);
    const ending = async (query: string): Promise<unknown> => {
      const target = `/v1/events?type=keypair.expiring&type=keypair.expired${query}`;
      type Listed = { type: string; data: Record<string, unknown> };
      const { events }: { events: Listed[] } = (await bob.get(target)).body;
      return events.map(({ type, data }) => [type, data.name, data.user_id, data.project_id, data.version]);
    };
    expect(await ending('')).toEqual([['keypair.expired', 'own', 'bob', null, 1]]);
    expect(await ending('&scope=project')).toEqual([['keypair.expiring', 'ours', null, 'blue', 1]]);
  });
});

describe('KEYPAIR_DELETE_ATTACHED=refuse', () => {
  it('keeps a keypair that a guest holds, on every route', async () => {
    const strict = await startApp({ KEYPAIR_DELETE_ATTACHED: 'refuse' });
    const bob = strict.as('bob');
    for (const name of ['used', 'free']) await bob.put(`/v1/keypairs/${name}`, { keypair: { public_key: key } });
    const made = await bob.post('/v1/guests', { guest: { name: 'web', key_names: ['used'] } });
    for (const path of ['/v2.1/os-keypairs', '/v1/keypairs']) {
      const refused = await bob.delete(`${path}/used`);
      expect([refused.status, refused.text]).toEqual([409, expect.stringContaining('key_names')]);
    }
    expect((await bob.delete('/v2.1/os-keypairs/free')).status).toBe(202);
    await bob.delete(`/v1/guests/${(made.body as { guest: { id: string } }).guest.id}`);
    expect((await bob.delete('/v2.1/os-keypairs/used')).status).toBe(202);
    await strict.stop();
  });
});
