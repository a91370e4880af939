const TTL_MS = 3_600_000;

/** A figure for metrics that is computed at most once an hour; it stays while the database cannot be reached. */
export class Hourly<T> {
  private computedAt = -Infinity;

  constructor(
    private value: T,
    private readonly compute: (now: number) => Promise<T>,
  ) {}

  async get(): Promise<T> {
    const now = Date.now();
    if (now - this.computedAt > TTL_MS) {
      try {
        this.value = await this.compute(now);
        this.computedAt = now;
      } catch {
        // The other metrics are still returned.
      }
    }
    return this.value;
  }
}
