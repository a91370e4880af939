import { describe, expect, it } from '@jest/globals';
import { Batcher } from './batcher.js';

/** Doubles numbers in batches, which are recorded; a batch with 13 fails. */
function doubler(maxBatch: number): {
  readonly doubles: Batcher<number, number>;
  readonly batches: (readonly number[])[];
} {
  const batches: (readonly number[])[] = [];
  const doubles = new Batcher<number, number>(maxBatch, async (numbers) => {
    batches.push(numbers);
    if (numbers.includes(13)) throw new RangeError('13');
    return Promise.resolve(numbers.map((each) => 2 * each));
  });
  return { doubles, batches };
}

describe('keys that are requested in one turn', () => {
  it('are one batch, and each request gets its own value', async () => {
    const { doubles, batches } = doubler(10);
    expect(await Promise.all([3, 1, 2].map((each) => doubles.load(each)))).toEqual([6, 2, 4]);
    expect(batches).toEqual([[3, 1, 2]]);
  });

  it('are several batches if they exceed the maximum', async () => {
    const { doubles, batches } = doubler(2);
    expect(await Promise.all([1, 2, 3, 4, 5].map((each) => doubles.load(each)))).toEqual([2, 4, 6, 8, 10]);
    expect(batches).toEqual([[1, 2], [3, 4], [5]]);
  });

  it('fail with their batch, and no other', async () => {
    const { doubles } = doubler(2);
    const outcomes = await Promise.allSettled([1, 13, 3].map((each) => doubles.load(each)));
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled']);
  });

  it('do not wait for the batch of the turn before', async () => {
    const { doubles, batches } = doubler(10);
    await doubles.load(13).catch(() => {});
    expect(await doubles.load(4)).toBe(8);
    expect(batches).toEqual([[13], [4]]);
  });
});
