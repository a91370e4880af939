import { getDataSourceToken } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import type { Client } from './client.js';
import { Replay, recording, type Scenario } from './recording.js';
import type { StartedApp } from './start-app.js';

/** The topics that were recorded with real tokens, completely or in part. */
const TOPICS = ['auth', 'discovery'];

/** The scenarios of the topic auth, and those of others that need real tokens. */
export const SCENARIOS_WITH_TOKENS: readonly Scenario[] = TOPICS.flatMap((topic) =>
  recording(topic).scenarios.filter(({ tags = [] }) => topic === 'auth' || tags.includes('keystone')),
);

/** Sends the steps of a scenario and fails if an answer is not the recorded one. */
export async function replayWithTokens(
  service: StartedApp,
  clients: Readonly<Record<string, Client>>,
  ids: Readonly<Record<string, string>>,
  { steps }: Scenario,
): Promise<void> {
  await service.app.get<DataSource>(getDataSourceToken()).query('TRUNCATE key_pairs, keypair_usage CASCADE');
  const replay = new Replay(clients, ids);
  for (const [index, step] of steps.entries()) {
    for (const { reply, expected } of await replay.send(step)) {
      try {
        replay.expectRecorded(step, reply, expected);
      } catch (error) {
        const where = `step ${index}: ${step.actor} ${step.request.method} ${step.request.path}`;
        throw new Error(`${where}\n${(error as Error).message}`, { cause: error });
      }
    }
  }
}
