import { readFileSync } from 'node:fs';
import type { Client } from './client.js';

/** What a real Keystone answered, in `test/samples/keystone`. */
export interface Pair {
  readonly actor: 'admin' | 'demo' | 'none';
  /** What follows the path of the Identity API. */
  readonly request: string;
  readonly status: number;
  readonly body: unknown;
}

export function keystonePairs(topic: string): readonly Pair[] {
  return (JSON.parse(readFileSync(`test/samples/keystone/${topic}.json`, 'utf8')) as { pairs: Pair[] }).pairs;
}

/** The server that pairs are sent to. `known` has what stands for each placeholder, such as `user_id:admin`. */
export interface PairTarget {
  readonly path: string;
  readonly clients: Readonly<Record<Pair['actor'], Client>>;
  readonly known: Readonly<Record<string, string>>;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** Sends the request of a pair. Keystone's lists have no order: both answers are sorted. */
export async function replayPair(
  { path, clients, known }: PairTarget,
  pair: Pair,
): Promise<{ answer: Answer; recorded: Answer }> {
  const { actor, request, status, body } = fill(pair, known) as Pair;
  const reply = await clients[actor].get(path + request);
  return {
    answer: { status: reply.status, body: unordered(reply.body) },
    recorded: { status, body: unordered(body) },
  };
}

function fill(value: unknown, known: Readonly<Record<string, string>>): unknown {
  const text = JSON.stringify(value).replace(/<([a-z_]+(?::[a-z ]+)?)>/g, (placeholder, name: string) => {
    if (!Object.hasOwn(known, name)) throw new Error(`${placeholder} is not known`);
    return known[name];
  });
  return JSON.parse(text) as unknown;
}

function unordered(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(unordered).toSorted((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)));
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, each]) => [name, unordered(each)] as const);
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
