import { describe, expect, it } from '@jest/globals';
import { KeyedQueue } from './keyed-queue.js';

/** Doubles numbers in batches, which are recorded and end when they are released; a batch with 13 fails. */
function doubler(maxBatch: number) {
  const batches: (readonly number[])[] = [];
  const held: (() => void)[] = [];
  const doubles = new KeyedQueue<number, number>(maxBatch, async (numbers) => {
    batches.push(numbers);
    await new Promise<void>((release) => held.push(release));
    if (numbers.includes(13)) throw new RangeError('13');
    return numbers.map((each) => 2 * each);
  });
  /** Lets the batches that start at the end of a turn start. */
  const turn = (): Promise<void> => new Promise((next) => setImmediate(() => setImmediate(next)));
  /** Ends the oldest batch, and lets the next one start. */
  const release = async (): Promise<void> => {
    held.shift()!();
    await turn();
  };
  return { doubles, batches, turn, release };
}

describe('items of one queue', () => {
  it('that arrive in one turn are one batch', async () => {
    const { doubles, batches, turn, release } = doubler(10);
    const results = Promise.all([3, 1, 2].map((each) => doubles.add('a', each)));
    await turn();
    await release();
    expect(await results).toEqual([6, 2, 4]);
    expect(batches).toEqual([[3, 1, 2]]);
  });

  it('that arrive while a batch runs are the next one', async () => {
    const { doubles, batches, turn, release } = doubler(10);
    const results = [doubles.add('a', 1)];
    await turn();
    results.push(doubles.add('a', 2));
    await turn();
    results.push(doubles.add('a', 3));
    await turn();
    expect(batches).toEqual([[1]]);
    await release();
    await release();
    expect(await Promise.all(results)).toEqual([2, 4, 6]);
    expect(batches).toEqual([[1], [2, 3]]);
  });

  it('are several batches, one after the other, if they exceed the maximum', async () => {
    const { doubles, batches, turn, release } = doubler(2);
    const results = Promise.all([1, 2, 3].map((each) => doubles.add('a', each)));
    await turn();
    expect(batches).toEqual([[1, 2]]);
    await release();
    expect(batches).toEqual([[1, 2], [3]]);
    await release();
    expect(await results).toEqual([2, 4, 6]);
  });

  it('do not wait for another queue', async () => {
    const { doubles, batches, turn, release } = doubler(10);
    const results = Promise.all([doubles.add('a', 1), doubles.add('b', 2)]);
    await turn();
    expect(batches).toEqual([[1], [2]]);
    await release();
    await release();
    expect(await results).toEqual([2, 4]);
  });

  it('fail with their batch, and the next one runs all the same', async () => {
    const { doubles, batches, turn, release } = doubler(2);
    const outcomes = Promise.allSettled([1, 13, 3].map((each) => doubles.add('a', each)));
    await turn();
    await release();
    await release();
    expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled']);
    const later = doubles.add('a', 4);
    await turn();
    await release();
    expect(await later).toBe(8);
    expect(batches).toEqual([[1, 13], [3], [4]]);
  });

  it('are rejected while a batch runs, and that batch is not', async () => {
    const { doubles, batches, turn, release } = doubler(10);
    const running = doubles.add('a', 1);
    await turn();
    const queued = doubles.add('a', 2);
    doubles.rejectQueued(new RangeError('closed'));
    await expect(queued).rejects.toThrow('closed');
    await release();
    expect([await running, batches]).toEqual([2, [[1]]]);
  });
});
