/** Answers in the order of what it is given. Where it fails, all who wait for it do. */
export type Ask<Wanted, Found> = (wanted: readonly Wanted[]) => Promise<readonly Found[]>;

export interface Waiting<Wanted, Found> {
  readonly wanted: Wanted;
  readonly resolve: (found: Found) => void;
  readonly reject: (reason: unknown) => void;
}

/** Asks one question for all who wait. */
export async function askFor<Wanted, Found>(
  asking: readonly Waiting<Wanted, Found>[],
  ask: Ask<Wanted, Found>,
): Promise<void> {
  try {
    const found = await ask(asking.map(({ wanted }) => wanted));
    asking.forEach(({ resolve }, place) => resolve(found[place]));
  } catch (error) {
    for (const { reject } of asking) reject(error);
  }
}

/**
 * Gathers what the requests of one turn of the event loop want to know into one question. Alone a request waits for nothing: the
 * turn ends at once. Under load a statement, and a wake-up of the database, serve many requests.
 */
export class Batcher<Wanted, Found> {
  private waiting: Waiting<Wanted, Found>[] = [];

  /** A question is about at most `most`. */
  constructor(
    private readonly most: number,
    private readonly ask: Ask<Wanted, Found>,
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
      void askFor(waiting.slice(start, start + this.most), this.ask);
  }
}
