import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { getDataSourceToken } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { DIFFERENCES } from '../samples/differences.js';
import { replayedIn } from '../samples/pending.js';
import type { Client, Reply } from '../support/client.js';
import { Replay, recording, type Scenario, type Step } from '../support/recording.js';
import { type StartedApp, startApp } from '../support/start-app.js';

const KEY_TOPICS = ['import-ssh', 'import-x509'];
const OTHER_TOPICS = [
  'auth',
  'bodies',
  'conflicts',
  'discovery',
  'generate',
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
const IDS = {
  ...Object.fromEntries(Object.entries(USERS).map(([name, id]) => [`user_id:${name}`, id])),
  ...Object.fromEntries(Object.entries(PROJECTS).map(([name, id]) => [`project_id:${name}`, id])),
};

describe.each([
  ['nova', [...KEY_TOPICS, ...OTHER_TOPICS]],
  // The strict policy changes only which keys are accepted.
  ['strict', KEY_TOPICS],
] as const)('under the key policy %s', (policy, topics) => {
  let service: StartedApp;
  let clients: Record<string, Client>;

  beforeAll(async () => {
    service = await startApp({ MAX_MICROVERSION: '2.93', KEY_POLICY: policy, EXTENDED_KEYPAIRS: 'false' });
    clients = {
      admin: service.as(USERS.admin, PROJECTS.admin),
      demo: service.as(USERS.demo, PROJECTS.demo),
      demo2: service.as(USERS.demo2, PROJECTS.demo),
      reader: service.as(USERS.reader, PROJECTS.demo),
      'demo-other': service.as(USERS.demo, PROJECTS.other),
      scratch: service.as(USERS.scratch, PROJECTS.demo),
      anonymous: service.client,
    };
  });

  afterAll(async () => service?.stop());

  async function replayed(topic: string, scenario: Scenario): Promise<void> {
    await service.app.get<DataSource>(getDataSourceToken()).query('TRUNCATE key_pairs, keypair_usage, quotas CASCADE');
    const replay = new Replay(clients, IDS);
    const differing = DIFFERENCES.filter(
      (each) =>
        each.topic === topic && each.scenario === scenario.name && (each.policy === policy || each.policy === 'both'),
    ).flatMap(({ steps }) => steps);
    // Keypairs that we accept and Nova did not, or the reverse: later lists differ in them and in nothing else.
    const astray = new Set(differing.flatMap((index) => nameIn(scenario.steps[index]) ?? []));

    for (const [index, step] of scenario.steps.entries()) {
      for (const { reply, expected } of await replay.send(step)) {
        if (isOf(astray, step)) continue;
        const compare = (): void => replay.expectRecorded(step, without(astray, reply), without(astray, expected));
        try {
          if (differing.includes(index)) expectDifference(compare, reply);
          else compare();
        } catch (error) {
          const where = `step ${index}: ${step.actor} ${step.request.method} ${step.request.path}`;
          throw new Error(`${where}\n${(error as Error).message}`, { cause: error });
        }
      }
    }
  }

  describe.each(topics)('a real Nova, recorded: %s', (topic) => {
    const { scenarios } = recording(topic);

    it.each(scenarios.filter((each) => replayedIn(each) === undefined).map((each) => [each.name, each] as const))(
      '%s is answered the same',
      async (_, scenario) => {
        await replayed(topic, scenario);
        expect(scenario.steps.length).toBeGreaterThan(0);
      },
    );
  });
});

it('the scenarios that need real tokens are replayed in suites of their own', () => {
  const suites = [...KEY_TOPICS, ...OTHER_TOPICS].flatMap((topic) => recording(topic).scenarios.map(replayedIn));
  const elsewhere = new Set(suites.filter((suite) => suite !== undefined));
  expect([...elsewhere].filter((suite) => !existsSync(suite))).toEqual([]);
  expect(elsewhere.size).toBeGreaterThan(0);
});

/** A listed difference must be one, with a plain status. */
function expectDifference(compare: () => void, reply: Reply): void {
  expect(compare).toThrow();
  expect(reply.status).toBeLessThan(500);
}

/** The name of the keypair that a step makes. */
function nameIn({ request }: Step): string | undefined {
  return (request.body as { keypair?: { name?: string } } | undefined)?.keypair?.name;
}

/** Whether a step names one of these keypairs. */
function isOf(names: ReadonlySet<string>, { request }: Step): boolean {
  return request.method !== 'POST' && names.has(decodeURIComponent(request.path.split('/').at(-1)!));
}

/** An answer without the listed keypairs of some names. */
function without<Answer extends { body?: unknown }>(names: ReadonlySet<string>, answer: Answer): Answer {
  const { keypairs, ...others } = (answer.body ?? {}) as { keypairs?: { keypair: { name: string } }[] };
  if (keypairs === undefined) return answer;
  return { ...answer, body: { ...others, keypairs: keypairs.filter(({ keypair }) => !names.has(keypair.name)) } };
}
