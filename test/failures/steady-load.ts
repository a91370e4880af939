import type { Client, Reply } from '../support/client.js';
import { KEY } from './service.js';

/** A request and its answer; times in milliseconds of `performance.now()`. */
export interface Exchange {
  readonly kind: 'create' | 'read';
  readonly sentAt: number;
  readonly answeredAt: number;
  /** 0 if the connection failed. */
  readonly status: number;
  readonly retryAfter: string | undefined;
}

/** Runs a statement on the database that is compared at the end. */
type Query = <Row extends object>(statement: string) => Promise<Row[]>;

const OWNERS = Array.from({ length: 20 }, (_, index) => `owner-${index}`);

/**
 * Sends creates and reads at a steady rate, however long answers take, for twenty owners and to each service in turn. A read shows
 * the keypair that its owner created last, so that a missing one is a 404.
 */
export class SteadyLoad {
  readonly exchanges: Exchange[] = [];
  /** The acknowledged keypairs, as `OWNER/NAME`. */
  private readonly acknowledged = new Set<string>();
  private readonly lastOf = new Map<string, string>();
  private readonly open = new Set<Promise<void>>();
  private readonly timers: NodeJS.Timeout[];
  private sent = 0;

  constructor(
    private readonly services: readonly Client[],
    { createsPerSecond = 15, readsPerSecond = 8 } = {},
  ) {
    this.timers = [
      setInterval(() => this.track(this.create()), 1000 / createsPerSecond),
      setInterval(() => this.track(this.read()), 1000 / readsPerSecond),
    ];
  }

  /** Stops sending, and waits for the outstanding answers. */
  async stop(): Promise<void> {
    for (const timer of this.timers) clearInterval(timer);
    await Promise.all(this.open);
  }

  /** The exchanges of a kind that were sent in a time. */
  of(kind: Exchange['kind'], from = 0, to = Infinity): Exchange[] {
    return this.exchanges.filter((each) => each.kind === kind && each.sentAt >= from && each.sentAt < to);
  }

  /** When the first create after a time was acknowledged; undefined if none was. */
  firstCreateAfter(time: number): number | undefined {
    return this.exchanges.find(
      ({ kind, status, answeredAt }) => kind === 'create' && status === 201 && answeredAt > time,
    )?.answeredAt;
  }

  /** The acknowledged keypairs that are not stored, and the owners whose counter is not their number of keypairs. */
  async compare(
    query: Query,
  ): Promise<{ readonly acknowledged: number; readonly lost: string[]; readonly miscounted: object[] }> {
    const rows = await query<{ key: string }>(`SELECT user_id || '/' || name AS key FROM key_pairs`);
    const stored = new Set(rows.map(({ key }) => key));
    const miscounted = await query<object>(
      `SELECT user_id, used, count(name)::int AS stored FROM keypair_usage LEFT JOIN key_pairs USING (user_id)
       GROUP BY user_id, used HAVING used <> count(name)`,
    );
    const lost = [...this.acknowledged].filter((key) => !stored.has(key));
    return { acknowledged: this.acknowledged.size, lost, miscounted };
  }

  private track(work: Promise<void>): void {
    this.open.add(work);
    void work.finally(() => this.open.delete(work));
  }

  private next(): { readonly owner: string; readonly client: Client; readonly name: string } {
    const index = (this.sent += 1);
    const owner = OWNERS[Math.floor(index / this.services.length) % OWNERS.length];
    const client = this.services[index % this.services.length];
    return { owner, client: client.with({ 'X-Auth-Token': `${owner}:project` }).at('2.92'), name: `key-${index}` };
  }

  private async create(): Promise<void> {
    const { owner, client, name } = this.next();
    const keypair = { name, public_key: KEY };
    const status = await this.exchange('create', () => client.post('/v2.1/os-keypairs', { keypair }));
    if (status !== 201) return;
    this.acknowledged.add(`${owner}/${name}`);
    this.lastOf.set(owner, name);
  }

  private async read(): Promise<void> {
    const { owner, client } = this.next();
    const name = this.lastOf.get(owner);
    await this.exchange('read', () => client.get(`/v2.1/os-keypairs${name === undefined ? '' : `/${name}`}`));
  }

  private async exchange(kind: Exchange['kind'], send: () => Promise<Reply>): Promise<number> {
    const sentAt = performance.now();
    const reply = await send().catch(() => undefined);
    const status = reply?.status ?? 0;
    const retryAfter = reply?.headers['retry-after'];
    this.exchanges.push({ kind, sentAt, answeredAt: performance.now(), status, retryAfter });
    return status;
  }
}

/** How many exchanges have each status, and the longest time to an answer in milliseconds. */
export function summary(exchanges: readonly Exchange[]): string {
  const counts = new Map<number, number>();
  for (const { status } of exchanges) counts.set(status, (counts.get(status) ?? 0) + 1);
  const slowest = Math.max(0, ...exchanges.map(({ sentAt, answeredAt }) => answeredAt - sentAt));
  return `${[...counts].map(([status, count]) => `${count} × ${status}`).join(', ')}, slowest ${Math.round(slowest)} ms`;
}
