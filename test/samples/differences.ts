import { KEY_DIFFERENCES } from './key-differences.js';

/** Recorded steps that we answer otherwise, on purpose. Each reason is a row in `docs/compatibility.md`. */
export interface Difference {
  readonly topic: string;
  readonly scenario: string;
  /** The key policy that it shows under. */
  readonly policy: 'nova' | 'strict' | 'both';
  /** Places in the scenario's list of steps, counted from 0. */
  readonly steps: readonly number[];
  readonly reason: string;
}

const LATIN_1 =
  'A path is read as UTF-8, so that a name outside ASCII can be shown and deleted; Nova reads it as Latin-1.';

export const DIFFERENCES: readonly Difference[] = [
  ...KEY_DIFFERENCES,
  {
    topic: 'import-ssh',
    scenario: 'long-keys',
    policy: 'both',
    steps: [0, 1, 2],
    reason: 'A text of more than 16 KiB: no key is that long, and comments are capped.',
  },
  {
    topic: 'import-x509',
    scenario: 'wrong-type',
    policy: 'both',
    steps: [5],
    reason: 'A message shows 256 characters of a value.',
  },
  {
    topic: 'names',
    scenario: 'lengths',
    policy: 'both',
    steps: [7, 8],
    reason: 'A message shows 256 characters of a value.',
  },
  { topic: 'names', scenario: 'non-ascii-path', policy: 'both', steps: [0, 1, 2], reason: LATIN_1 },
  { topic: 'names', scenario: 'non-ascii-path-more', policy: 'both', steps: [0, 1, 2], reason: LATIN_1 },
  { topic: 'legacy-v2', scenario: 'names-non-ascii', policy: 'both', steps: [3, 4, 5, 6], reason: LATIN_1 },
];
