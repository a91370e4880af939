import { readFileSync, readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Client } from '../support/client.js';
import { type StartedApp, startApp } from '../support/start-app.js';

const SAMPLES = 'test/samples';
const VERSIONS = readdirSync(SAMPLES).filter((name) => /^\d+\.\d+$/.test(name));

const sample = (version: string, name: string): unknown =>
  JSON.parse(readFileSync(`${SAMPLES}/${version}/${name}.json`, 'utf8'));

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
  const isLegacy = version === '1.1' || version === '2.0';
  const isPaged = !isLegacy && Number(version.split('.')[1]) >= 35;

  it('are what the service answers', async () => {
    const alice: Client = (version === '1.1' ? plain : extended).as('alice', 'wonderland').at(version);
    const keypairs = `/${isLegacy ? 'v2' : 'v2.1'}/os-keypairs`;
    const { name } = (sample(version, 'createKeypair') as { keypair: { name: string } }).keypair;

    const created = await alice.post(keypairs, sample(version, 'createKeypair.request'));
    expect(created.body).toEqual(sample(version, 'createKeypair'));
    const shown = await alice.get(`${keypairs}/${name}`);
    const { keypair } = sample(version, 'showKeypair') as { keypair: object };
    expect(shown.body).toEqual({ keypair: { ...keypair, id: expect.any(Number), created_at: expect.any(String) } });
    expect((await alice.get(`${keypairs}${isPaged ? '?limit=1' : ''}`)).body).toEqual(sample(version, 'listKeypairs'));
    await alice.delete(`${keypairs}/${name}`);
  });
});
