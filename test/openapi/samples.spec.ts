import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { compareMicroversions, readMicroversion } from '../../src/domain/microversion.js';
import type { Client } from '../support/client.js';
import { type StartedApp, startApp } from '../support/start-app.js';

const SAMPLES = 'test/samples';
const VERSIONS = readdirSync(SAMPLES)
  .filter((name) => /^\d+\.\d+$/.test(name))
  .toSorted((a, b) => compareMicroversions(readMicroversion(a), readMicroversion(b)));
const LEGACY = ['1.1', '2.0'];

/** The sample of a version; if nothing changed there is none, and that of the version before it counts. */
function sample(version: string, name: string): unknown {
  const older = LEGACY.includes(version)
    ? [version]
    : VERSIONS.slice(0, VERSIONS.indexOf(version) + 1).filter((each) => !LEGACY.includes(each));
  const newest = older.findLast((each) => existsSync(`${SAMPLES}/${each}/${name}.json`));
  return JSON.parse(readFileSync(`${SAMPLES}/${newest}/${name}.json`, 'utf8'));
}

let extended: StartedApp;
let plain: StartedApp;

beforeAll(async () => {
  extended = await startApp({ PUBLIC_URL: 'http://localhost:8774' });
  plain = await startApp({ EXTENDED_KEYPAIRS: 'false' });
});

afterAll(async () => {
  await extended?.stop();
  await plain?.stop();
});

describe.each(VERSIONS)('the samples of %s', (version) => {
  const api = LEGACY.includes(version) ? '/v2' : '/v2.1';
  const isPaged = api === '/v2.1' && Number(version.split('.')[1]) >= 35;
  const as = (userId: string, projectId: string): Client =>
    (version === '1.1' ? plain : extended).as(userId, projectId).at(version);

  it('have what the service answers about keypairs', async () => {
    const alice = as('alice', 'wonderland');
    const { name } = (sample(version, 'createKeypair') as { keypair: { name: string } }).keypair;

    const created = await alice.post(`${api}/os-keypairs`, sample(version, 'createKeypair.request'));
    expect(created.body).toEqual(sample(version, 'createKeypair'));
    const shown = await alice.get(`${api}/os-keypairs/${name}`);
    const { keypair } = sample(version, 'showKeypair') as { keypair: object };
    expect(shown.body).toEqual({ keypair: { ...keypair, id: expect.any(Number), created_at: expect.any(String) } });
    const listed = await alice.get(`${api}/os-keypairs${isPaged ? '?limit=1' : ''}`);
    expect(listed.body).toEqual(sample(version, 'listKeypairs'));
    await alice.delete(`${api}/os-keypairs/${name}`);
  });

  it.each([
    ['showLimits', '/limits'],
    ['showQuotaSet', '/os-quota-sets/wonderland'],
    ['detailQuotaSet', '/os-quota-sets/wonderland/detail'],
    ['defaultQuotaSet', '/os-quota-sets/wonderland/defaults'],
  ])('have what %s answers', async (operation, path) => {
    const reply = await as('alice', 'wonderland').get(api + path);
    expect(reply.body).toEqual(sample(version, operation));
  });

  it('have what changeQuotaSet answers', async () => {
    const admin = as('admin', 'admin');
    const reply = await admin.put(`${api}/os-quota-sets/wonderland`, sample(version, 'changeQuotaSet.request'));
    expect(reply.body).toEqual(sample(version, 'changeQuotaSet'));
    await admin.delete(`${api}/os-quota-sets/wonderland`);
  });
});
