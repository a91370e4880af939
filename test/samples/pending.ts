import type { Scenario } from '../support/recording.js';

/** Tags of recorded scenarios that wait for a part that is not built yet. This list shrinks to nothing. */
const PENDING_TAGS: Readonly<Record<string, string>> = {
  keystone: 'real tokens',
};

/** Recorded scenarios that wait, each by name. */
const PENDING: readonly { readonly topic: string; readonly scenario: string; readonly waitsFor: string }[] = [];

/** The part that a scenario waits for; undefined where it is replayed. */
export function waitsFor(topic: string, { name, tags = [] }: Scenario): string | undefined {
  const pending = PENDING.find((each) => each.topic === topic && each.scenario === name);
  return pending?.waitsFor ?? tags.map((tag) => PENDING_TAGS[tag]).find((each) => each !== undefined);
}
