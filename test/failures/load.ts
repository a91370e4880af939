import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '../support/client.js';
import { until } from '../support/until.js';
import { KEY } from './service.js';

/** Writes, and reads of what was written: their outcomes, for comparison with what is stored at the end. */
export class Load {
  /** Acknowledged and not deleted since; and deleted with an acknowledgement. */
  readonly kept = new Set<string>();
  readonly deleted = new Set<string>();
  /** Answers that are neither success nor 503. */
  readonly wrong: string[] = [];
  acknowledged = 0;
  unavailable = 0;
  private isRunning = true;
  private next = 0;
  /** How many answers each worker has had. */
  private readonly answers: number[] = [];
  private readonly workers: Promise<void>[];

  /** `client` returns a client of the current service, which may be another process after a while. */
  constructor(
    private readonly prefix: string,
    private readonly client: () => Client,
    atOnce = 8,
  ) {
    this.workers = Array.from({ length: atOnce }, (_, worker) => this.work(worker));
  }

  /** Waits for so many more acknowledged writes. */
  async goesOn(writes: number): Promise<void> {
    const target = this.acknowledged + writes;
    const deadline = performance.now() + 90_000;
    while (this.acknowledged < target) {
      if (performance.now() > deadline) throw new Error(`No more writes are acknowledged: ${this.wrong.join('; ')}`);
      await sleep(5);
    }
  }

  /** Waits until every request that is under way now has its answer. */
  async answersAll(): Promise<void> {
    const before = [...this.answers];
    await until(() => this.answers.every((count, worker) => count > before[worker]), 'all requests are answered');
  }

  async stop(): Promise<void> {
    this.isRunning = false;
    await Promise.all(this.workers);
  }

  private async work(worker: number): Promise<void> {
    this.answers[worker] = 0;
    while (this.isRunning) {
      const name = `${this.prefix}-${(this.next += 1)}`;
      const created = await this.status(worker, `create ${name}`, () =>
        this.client().post('/v2.1/os-keypairs', { keypair: { name, public_key: KEY } }),
      );
      if (created !== 201) continue;
      this.kept.add(name);
      this.acknowledged += 1;
      await this.status(worker, `show ${name}`, () => this.client().get(`/v2.1/os-keypairs/${name}`));
      if (this.next % 3 !== 0) continue;
      // Once a delete was sent, only its acknowledgement proves what became of the keypair.
      this.kept.delete(name);
      const gone = await this.status(worker, `delete ${name}`, () => this.client().delete(`/v2.1/os-keypairs/${name}`));
      if (gone !== 204) continue;
      this.deleted.add(name);
      this.acknowledged += 1;
    }
  }

  /** The status; undefined if the service itself was unreachable. */
  private async status(
    worker: number,
    what: string,
    send: () => Promise<{ status: number }>,
  ): Promise<number | undefined> {
    try {
      const { status } = await send();
      this.answers[worker] += 1;
      if (status === 503) {
        this.unavailable += 1;
        await sleep(50);
      } else if (status > 204) {
        this.wrong.push(`${what}: ${status}`);
      }
      return status;
    } catch {
      await sleep(50);
      return undefined;
    }
  }
}
