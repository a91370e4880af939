/** Recorded scenarios that wait for a part that is not built yet, each by name. This list shrinks to nothing. */
export const PENDING: readonly { readonly topic: string; readonly scenario: string; readonly waitsFor: string }[] = [];

/** Tags of scenarios that wait. */
export const PENDING_TAGS: Readonly<Record<string, string>> = {
  keystone: 'real tokens',
  'quota-sets': 'os-quota-sets',
  limits: 'the limits API',
};
