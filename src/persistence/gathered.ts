interface Waiting<Wanted, Found> {
  readonly wanted: Wanted;
  readonly resolve: (found: Found) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * Gathers what the requests of one turn of the event loop want to know into one question. Alone a request waits for nothing: the
 * turn ends at once. Under load a statement, and a wake-up of the database, serve many requests.
 */
export class Gathered<Wanted, Found> {
  private waiting: Waiting<Wanted, Found>[] = [];

  /** `ask` answers in the order of what it is given, which is at most `most` long. Where it fails, all who wait for it do. */
  constructor(
    private readonly most: number,
    private readonly ask: (wanted: readonly Wanted[]) => Promise<readonly Found[]>,
  ) {}

  get(wanted: Wanted): Promise<Found> {
    return new Promise((resolve, reject) => {
      if (this.waiting.length === 0) setImmediate(() => this.askAll());
      this.waiting.push({ wanted, resolve, reject });
    });
  }

  private askAll(): void {
    const { waiting } = this;
    this.waiting = [];
    for (let start = 0; start < waiting.length; start += this.most)
      void this.settle(waiting.slice(start, start + this.most));
  }

  private async settle(asking: readonly Waiting<Wanted, Found>[]): Promise<void> {
    try {
      const found = await this.ask(asking.map(({ wanted }) => wanted));
      asking.forEach(({ resolve }, place) => resolve(found[place]));
    } catch (error) {
      for (const { reject } of asking) reject(error);
    }
  }
}
