import { expect } from '@jest/globals';
import { codeOfStep, stepAt } from '../../src/identity/builtin/log-in/one-time-code.js';
import type { Client, Reply } from './client.js';
import { logIn } from './log-in.js';
import { recording, Replay, type Scenario, type Step } from './recording.js';

/** The answers of a real Keystone, as `test/samples/keystone/README.md` describes them. */

/** The password of every user of the recordings. */
export const RECORDED_PASSWORD = 'bootstrap-password';

/** The users who are members of the project demo; each scenario has its own. */
export const RECORDED_MEMBERS = ['demo', 'a1', 'a2', 'a3', 'a4', 'a5', 'a6', 'a7'] as const;

/** Members of the project demo who also need one-time codes; each code counts once here, so each scenario has its own. */
export const RECORDED_CODE_USERS = ['t1', 't2', 't3', 't4', 't5', 't6', 't7', 't8'] as const;

/** Their secret: that of RFC 6238, appendix B. */
export const RECORDED_CODE_SECRET = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';

/** A service that the scenarios are sent to. */
export interface RecordedService {
  readonly client: Client;
  /** The path of the Identity API: empty, or `/identity`. */
  readonly root: string;
  /** Ids by `user_id:NAME`, `project_id:NAME` and `role_id:NAME`. */
  readonly ids: Readonly<Record<string, string>>;
}

/** An answer that differs from the recorded one on purpose. */
export interface Difference {
  readonly scenario: string;
  /** Counted from 0. */
  readonly step: number;
  readonly status: number;
  readonly message?: string;
  readonly why: string;
}

/** The clients of the recordings, by actor. */
export async function actorsOf({ client, root }: RecordedService): Promise<Record<string, Client>> {
  const as = async (name: string, scope?: Parameters<typeof logIn>[3]): Promise<Client> =>
    client.with({
      'X-Auth-Token': await logIn(client, `${root}/v3`, { name, password: RECORDED_PASSWORD }, scope),
    });
  const members: Record<string, Client> = {};
  for (const name of RECORDED_MEMBERS) members[name] = await as(name, { project: 'demo' });
  return {
    ...members,
    admin: await as('admin', { project: 'admin' }),
    unscoped: await as('demo'),
    'admin-system': await as('admin', 'system'),
    anonymous: client,
    'bad-token': client.with({ 'X-Auth-Token': 'gAAAAABkZm9vYmFyYmF6' }),
    'empty-token': client.with({ 'X-Auth-Token': '' }),
  };
}

export function scenariosOf(topic: string): readonly Scenario[] {
  return recording(topic, 'keystone').scenarios;
}

/** Sends the steps of a scenario. Throws if an answer is neither the recorded one nor a named difference. */
export async function expectRecordedScenario(
  service: RecordedService,
  actors: Readonly<Record<string, Client>>,
  { name, steps }: Scenario,
  differences: readonly Difference[] = [],
): Promise<void> {
  const { client, root, ids } = service;
  const passcode = codeOfStep(RECORDED_CODE_SECRET, stepAt(Date.now()));
  const wrong = String((Number(passcode) + 1) % 1e6).padStart(6, '0');
  const known = { ...ids, root, identity: `http://${client.host}${root}`, passcode, 'wrong-passcode': wrong };
  const replay = new Replay(actors, known);
  for (const [index, step] of steps.entries()) {
    const difference = differences.find((each) => each.scenario === name && each.step === index);
    for (const { reply, expected } of await replay.send(step)) {
      try {
        if (difference) expectDifference(reply, expected, difference);
        else expectSame(replay, step, reply, expected);
      } catch (error) {
        const where = `step ${index}: ${step.actor} ${step.request.method} ${step.request.path}`;
        throw new Error(`${where}\n${(error as Error).message}`, { cause: error });
      }
    }
  }
}

/** A difference must exist: an answer that now equals the recorded one must be compared with it. */
function expectDifference(reply: Reply, recorded: Step['response'], { status, message }: Difference): void {
  const { error } = (reply.body ?? {}) as { error?: { message: string } };
  expect({ status: reply.status, message: error?.message }).toEqual({ status, message: message ?? error?.message });
  const { error: before } = (recorded.body ?? {}) as { error?: { message: string } };
  expect([reply.status, error?.message]).not.toEqual([recorded.status, before?.message]);
}

function expectSame(replay: Replay, step: Step, reply: Reply, expected: Step['response']): void {
  const words = messageOf(expected.body);
  // The reason for an invalid member of a body is in each service's own words; Keystone's messages quote the value.
  const isSchema = words !== undefined && SCHEMA.test(words);
  const comparable = (body: unknown): unknown => sorted(withoutMethods(isSchema ? withoutMessage(body) : body));
  replay.expectRecorded(
    step,
    { ...reply, body: comparable(reply.body) as never },
    expected.body === undefined ? expected : { ...expected, body: comparable(expected.body) },
  );
}

const SCHEMA =
  /^Invalid input for field |^\{\} does not have enough properties|^'[a-z_]+' is a required property|^Additional properties |^.{0,20} is not of type |^string indices |^Expecting to find user in None|^'other' is an invalid/s;

const messageOf = (body: unknown): string | undefined => (body as { error?: { message?: string } })?.error?.message;

function withoutMessage(body: unknown): unknown {
  const { error } = body as { error: object };
  return { error: { ...error, message: undefined } };
}

/** Each service has methods of its own. */
function withoutMethods(body: unknown): unknown {
  const { error } = (body ?? {}) as { error?: { identity?: { methods?: unknown } } };
  return error?.identity?.methods === undefined ? body : { error: { ...error, identity: { methods: [] } } };
}

/** Keystone's roles and methods have no order, nor have the methods of a receipt's lists. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [
      name,
      name === 'roles' || name === 'methods'
        ? (each as unknown[]).toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))
        : name === 'required_auth_methods'
          ? (each as string[][]).map((methods) => methods.toSorted())
          : sorted(each),
    ]),
  );
}

const nameOf = (value: unknown): string => (typeof value === 'string' ? value : (value as { name: string }).name);
