import type { Scenario } from '../support/recording.js';

/** Tags of recorded scenarios that AUTH_MODE=none cannot show, and the suite that replays them. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  // Once more with a real Keystone in test/clients/recordings-keystone.slow.ts.
  keystone: 'test/identity/recordings-builtin.spec.ts',
};

/** The suite that replays a scenario, where it is not the one of AUTH_MODE=none. */
export function replayedIn({ tags = [] }: Scenario): string | undefined {
  return tags.map((tag) => ELSEWHERE[tag]).find((each) => each !== undefined);
}
