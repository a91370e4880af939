/** Returns a value for each key, in the order of the keys. If it fails, it fails for all of them. */
export type Load<Key, Value> = (keys: readonly Key[]) => Promise<readonly Value[]>;

export interface Pending<Key, Value> {
  readonly key: Key;
  readonly resolve: (value: Value) => void;
  readonly reject: (reason: unknown) => void;
}

/** Settles pending requests with one call of `load`. */
export async function settle<Key, Value>(
  pending: readonly Pending<Key, Value>[],
  load: Load<Key, Value>,
): Promise<void> {
  try {
    const values = await load(pending.map(({ key }) => key));
    pending.forEach(({ resolve }, index) => resolve(values[index]));
  } catch (error) {
    for (const { reject } of pending) reject(error);
  }
}

/**
 * Loads the keys that are requested in one turn of the event loop together. A single request is not delayed, since its turn ends
 * at once; under load one statement, and one wake-up of the database, serve many requests. Measured on 2026-11-22: show at 1.21 of
 * the rate with a statement for each request (docs/performance.md), with 79 µs of CPU instead of 180 (decision 4).
 */
export class Batcher<Key, Value> {
  private pending: Pending<Key, Value>[] = [];

  constructor(
    private readonly maxBatch: number,
    private readonly loadBatch: Load<Key, Value>,
  ) {}

  load(key: Key): Promise<Value> {
    return new Promise((resolve, reject) => {
      if (this.pending.length === 0) setImmediate(() => this.loadPending());
      this.pending.push({ key, resolve, reject });
    });
  }

  private loadPending(): void {
    const { pending } = this;
    this.pending = [];
    for (let start = 0; start < pending.length; start += this.maxBatch)
      void settle(pending.slice(start, start + this.maxBatch), this.loadBatch);
  }
}
