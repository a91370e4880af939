import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type StartedApp, startApp } from '../support/start-app.js';

let service: StartedApp;

beforeAll(async () => {
  service = await startApp({ KEYPAIR_QUOTA: '7' });
});

afterAll(async () => service?.stop());

async function absolute(
  userId: string,
  projectId: string,
  version: string,
  query = '',
): Promise<Record<string, number>> {
  const reply = await service.as(userId, projectId).at(version).get(`/v2.1/limits${query}`);
  expect(reply.status).toBe(200);
  return (reply.body as { limits: { absolute: Record<string, number> } }).limits.absolute;
}

describe('limits', () => {
  it('have the members that Horizon reads, and the configured limit of keypairs', async () => {
    const limits = await absolute('alice', 'demo', '2.9');
    for (const name of ['maxTotalInstances', 'maxTotalCores', 'maxTotalRAMSize', 'maxTotalKeypairs']) {
      expect(limits).toHaveProperty(name);
    }
    for (const name of ['totalInstancesUsed', 'totalCoresUsed', 'totalRAMUsed']) expect(limits).toHaveProperty(name, 0);
    expect(limits.maxTotalKeypairs).toBe(7);
  });

  it.each([
    ['2.1', 'maxTotalFloatingIps', true],
    ['2.35', 'totalSecurityGroupsUsed', true],
    ['2.36', 'maxTotalFloatingIps', false],
    ['2.36', 'totalSecurityGroupsUsed', false],
    ['2.38', 'maxImageMeta', true],
    ['2.39', 'maxImageMeta', false],
    ['2.56', 'maxPersonality', true],
    ['2.57', 'maxPersonality', false],
    ['2.57', 'maxPersonalitySize', false],
    ['2.104', 'maxServerMeta', true],
  ])('at %s have %s: %s', async (version, name, there) => {
    expect(name in (await absolute('alice', 'demo', version))).toBe(there);
  });

  it("are those of the caller's project, and of another for administrators only", async () => {
    await service.as('admin').put('/v2.1/os-quota-sets/blue', { quota_set: { key_pairs: 3, cores: 8 } });
    expect(await absolute('alice', 'blue', '2.1')).toMatchObject({ maxTotalKeypairs: 3, maxTotalCores: 8 });
    expect(await absolute('alice', 'demo', '2.1')).toMatchObject({ maxTotalKeypairs: 7, maxTotalCores: 20 });
    expect(await absolute('admin', 'admin', '2.1', '?tenant_id=blue')).toMatchObject({ maxTotalKeypairs: 3 });
    const refused = await service.as('alice', 'demo').get('/v2.1/limits?tenant_id=blue');
    expect(refused.status).toBe(403);
    expect(refused.body).toEqual({
      forbidden: {
        code: 403,
        message: "Policy doesn't allow os_compute_api:limits:other_project to be performed.",
      },
    });
  });

  it('ignore unknown parameters until 2.74 and refuse them from 2.75 on', async () => {
    const alice = service.as('alice', 'demo');
    expect((await alice.at('2.74').get('/v2.1/limits?reserved=1')).status).toBe(200);
    const refused = await alice.at('2.75').get('/v2.1/limits?reserved=1');
    expect(refused.status).toBe(400);
    expect(refused.text).toContain("Additional properties are not allowed ('reserved' was unexpected)");
  });
});
