import { type Ask, askFor, type Waiting } from './batcher.js';

/**
 * Asks one question for each key at a time; all that is wanted meanwhile is the next question. For requests that would only wait for
 * each other in the database, each with a connection that others could use.
 */
export class KeyedQueue<Wanted, Found> {
  private readonly queues = new Map<string, Waiting<Wanted, Found>[]>();

  /** A question is about at most `most`. */
  constructor(
    private readonly most: number,
    private readonly ask: Ask<Wanted, Found>,
  ) {}

  get(key: string, wanted: Wanted): Promise<Found> {
    return new Promise((resolve, reject) => {
      const waiting = { wanted, resolve, reject };
      const queue = this.queues.get(key);
      if (queue) {
        queue.push(waiting);
        return;
      }
      const begun = [waiting];
      this.queues.set(key, begun);
      // At the end of the turn, when all that has arrived with this one is in the queue.
      setImmediate(() => void this.askAll(key, begun));
    });
  }

  private async askAll(key: string, queue: Waiting<Wanted, Found>[]): Promise<void> {
    while (queue.length > 0) await askFor(queue.splice(0, this.most), this.ask);
    this.queues.delete(key);
  }
}
