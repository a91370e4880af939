import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { getDataSourceToken } from '@nestjs/typeorm';
import { PENDING, PENDING_TAGS } from '../samples/pending.js';
import { DIFFERENCES } from '../samples/differences.js';
import type { Client } from '../support/client.js';
import { Replay, recording, type Scenario } from '../support/recording.js';
import { type StartedApp, startApp } from '../support/start-app.js';

const TOPICS = [
  'auth',
  'bodies',
  'conflicts',
  'discovery',
  'generate',
  'import-ssh',
  'import-x509',
  'legacy-v2',
  'lists',
  'microversions',
  'names',
  'quotas',
  'routes',
  'user-id',
];

const USERS = { admin: 'admin', demo: 'd3a0', demo2: 'd3a02', reader: '4eade4', scratch: '5c4a7c8' };
const PROJECTS = { admin: 'ad314', demo: 'de30', other: '07e4' };

let service: StartedApp;
let clients: Record<string, Client>;

const ids = {
  ...Object.fromEntries(Object.entries(USERS).map(([name, id]) => [`user_id:${name}`, id])),
  ...Object.fromEntries(Object.entries(PROJECTS).map(([name, id]) => [`project_id:${name}`, id])),
};

beforeAll(async () => {
  service = await startApp({ MAX_MICROVERSION: '2.93', KEY_POLICY: 'nova', EXTENDED_KEYPAIRS: 'false' });
  clients = {
    admin: service.as(USERS.admin, PROJECTS.admin),
    demo: service.as(USERS.demo, PROJECTS.demo),
    demo2: service.as(USERS.demo2, PROJECTS.demo),
    reader: service.as(USERS.reader, PROJECTS.demo),
    'demo-other': service.as(USERS.demo, PROJECTS.other),
    scratch: service.as(USERS.scratch, PROJECTS.demo),
    anonymous: service.client,
  };
}, 60_000);

afterAll(async () => service?.stop());

async function forgetEverything(): Promise<void> {
  await service.app.get<DataSource>(getDataSourceToken()).query('TRUNCATE key_pairs, keypair_usage');
}

function waitsFor(topic: string, { name, tags = [] }: Scenario): string | undefined {
  const pending = PENDING.find((each) => each.topic === topic && each.scenario === name);
  return pending?.waitsFor ?? tags.map((tag) => PENDING_TAGS[tag]).find((each) => each !== undefined);
}

describe.each(TOPICS)('a real Nova, recorded: %s', (topic) => {
  const scenarios = recording(topic).scenarios;
  const ready = scenarios.filter((scenario) => waitsFor(topic, scenario) === undefined);
  const waiting = scenarios.filter((scenario) => waitsFor(topic, scenario) !== undefined);

  for (const scenario of waiting) it.todo(`${scenario.name} waits for ${waitsFor(topic, scenario)!}`);

  it.each(ready.map((scenario) => [scenario.name, scenario] as const))('%s is answered the same', async (_, scenario) => {
    await forgetEverything();
    const replay = new Replay(clients, ids);
    for (const [index, step] of scenario.steps.entries()) {
      const difference = DIFFERENCES.find(
        (each) => each.topic === topic && each.scenario === scenario.name && each.steps.includes(index),
      );
      for (const { reply, expected } of await replay.send(step)) {
        const told = { ...expected, ...(difference && difference.instead(expected, reply)) };
        try {
          replay.expectRecorded(step, reply, told, false);
        } catch (error) {
          const where = `step ${index}: ${step.actor} ${step.request.method} ${step.request.path}`;
          throw new Error(`${where}\n${(error as Error).message}`, { cause: error });
        }
      }
    }
    expect(scenario.steps.length).toBeGreaterThan(0);
  });
});
