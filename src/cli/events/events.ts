import { setTimeout as sleep } from 'node:timers/promises';
import { readDuration, readTime, utcTime } from '../../domain/utc-time.js';
import { CliError, EXIT, UsageError } from '../cli-error.js';
import type { LatchkeyApi, Query } from '../cloud/latchkey-api.js';
import { withLatchkeyApi } from '../cloud/open-compute.js';
import { Refused } from '../cloud/refusal.js';
import type { OptionsOf } from '../global-options.js';
import { print, printMessage } from '../output/print.js';
import { printableJson } from '../output/print.js';
import { type Row, showList } from '../output/show.js';

type EventsOptions = OptionsOf<{
  readonly type?: readonly string[];
  readonly since?: string;
  readonly project?: boolean;
  readonly allUsers?: boolean;
  readonly follow?: boolean;
}>;

interface Event {
  readonly id: number;
  readonly event_id: string;
  readonly type: string;
  /** UTC. */
  readonly timestamp: string;
  readonly data: {
    readonly user_id: string | null;
    readonly project_id: string | null;
    readonly actor: string;
    readonly request_id: string;
    readonly name?: string;
    readonly serial?: number;
    readonly limits?: object;
  };
}

const COLUMNS = ['Time', 'Type', 'Owner', 'Subject', 'By', 'Request ID'];

const POLL_INTERVAL_MS = 1000;
const RETRY_DELAY_MS = 5000;
/** An event may appear that long after its time: as long as the service lets a statement take, twice. */
const OVERLAP_MS = 10_000;

export async function showEvents(options: EventsOptions): Promise<void> {
  return options.follow ? followEvents(options) : listEvents(options);
}

async function listEvents(options: EventsOptions): Promise<void> {
  const filter = filterOf(options);
  const found = await withLatchkeyApi(options, 'events', (api) => readAll(api, filter));
  await showList(COLUMNS, found.map(rowOf), options);
}

/** Prints new events until the process is stopped; signs in again when the token ends, and waits for a service that is away. */
async function followEvents(options: EventsOptions): Promise<void> {
  const { format = 'value' } = options;
  if (format !== 'value' && format !== 'json')
    throw new UsageError('--follow prints in the formats value and json; leave out -f, or choose one of them.');
  const follower = new Follower(filterOf(options));
  const show =
    format === 'json'
      ? printLines
      : (rows: readonly Event[]) => showList(COLUMNS, rows.map(rowOf), { ...options, format });
  for (;;) {
    let hasAnswered = false;
    try {
      await withLatchkeyApi(options, 'events', async (api) => {
        for (;;) {
          const events = await follower.next(api);
          hasAnswered = true;
          await show(events);
          await sleep(POLL_INTERVAL_MS);
        }
      });
    } catch (error) {
      const isTokenOver = error instanceof Refused && error.status === 401 && hasAnswered;
      const isAway = error instanceof CliError && error.exitCode === EXIT.unreachable && follower.hasStarted;
      if (!isTokenOver && !isAway) throw error;
      if (isAway && !options.quiet) printMessage(`${error.message} Trying again.`);
      if (isAway) await sleep(RETRY_DELAY_MS);
    }
  }
}

/**
 * Reads what is new. An event may appear after one with a higher id, so the last ten seconds are read again, and events known by their
 * UUID.
 */
class Follower {
  private since: string | undefined;
  private marker: string | undefined;
  private recent: readonly Event[] = [];

  constructor(private readonly filter: Query) {
    this.since = filter.since as string | undefined;
  }

  /** Whether the service has answered. */
  get hasStarted(): boolean {
    return this.since !== undefined;
  }

  async next(api: LatchkeyApi): Promise<readonly Event[]> {
    this.since ??= await timeOf(api);
    const { marker } = this;
    const read = await readAll(api, { ...this.filter, since: marker === undefined ? this.since : undefined, marker });
    const known = new Set(this.recent.map((event) => event.event_id));
    const fresh = read.filter((event) => !known.has(event.event_id));
    const latest = read.map(({ timestamp }) => Date.parse(`${timestamp}Z`)).reduce((a, b) => Math.max(a, b), 0);
    const open = read.findIndex(({ timestamp }) => Date.parse(`${timestamp}Z`) >= latest - OVERLAP_MS);
    if (open > 0) this.marker = String(read[open - 1].id);
    this.recent = read.slice(Math.max(open, 0));
    return fresh;
  }
}

/** The time at the service, since clocks differ. */
async function timeOf(api: LatchkeyApi): Promise<string> {
  const { headers } = await api.send({ method: 'GET', query: { limit: '0' }, what: 'Following the events' });
  const time = Date.parse(headers.date ?? '');
  return `${utcTime(Number.isNaN(time) ? Date.now() : time)}Z`;
}

async function readAll(api: LatchkeyApi, query: Query): Promise<readonly Event[]> {
  return (await api.list<Event>('events', { query, what: 'Listing the events' })).items;
}

function filterOf({ type, since, project, allUsers }: EventsOptions): Query {
  if (project && allUsers) throw new UsageError('--project and --all-users are both given; keep one.');
  return {
    type,
    since: since === undefined ? undefined : readSince(since),
    scope: project ? 'project' : undefined,
    all_users: allUsers ? 'true' : undefined,
  };
}

function readSince(text: string): string {
  const duration = readDuration(text);
  const time = duration === undefined ? readTime(text) : utcTime(Date.now() - duration);
  if (time === undefined)
    throw new UsageError(`--since ${text} is no time; write it as 2026-01-31, 2026-01-31T12:30:00Z, 1h or 7d.`);
  return `${time}Z`;
}

function rowOf({ type, timestamp, data }: Event): Row {
  return {
    Time: timestamp,
    Type: type,
    Owner: data.user_id ?? `project ${data.project_id ?? ''}`,
    Subject: data.name ?? data.serial ?? data.limits,
    By: data.actor,
    'Request ID': data.request_id,
  };
}

async function printLines(events: readonly Event[]): Promise<void> {
  const lines = events.map((event) => `${JSON.stringify(event)}\n`).join('');
  await print(process.stdout.isTTY ? printableJson(lines) : lines);
}
