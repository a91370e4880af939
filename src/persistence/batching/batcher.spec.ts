import { describe, expect, it } from '@jest/globals';
import { Batcher } from './batcher.js';

/** What is asked of it: each number's double, and of 13 that it fails. */
function doubles(most: number): { readonly of: Batcher<number, number>; readonly asked: (readonly number[])[] } {
  const asked: (readonly number[])[] = [];
  const of = new Batcher<number, number>(most, async (wanted) => {
    asked.push(wanted);
    if (wanted.includes(13)) throw new RangeError('13');
    return Promise.resolve(wanted.map((each) => 2 * each));
  });
  return { of, asked };
}

describe('what is asked in one turn', () => {
  it('is one question, and everybody gets their own answer', async () => {
    const { of, asked } = doubles(10);
    expect(await Promise.all([3, 1, 2].map((each) => of.get(each)))).toEqual([6, 2, 4]);
    expect(asked).toEqual([[3, 1, 2]]);
  });

  it('is several questions where it is too much for one', async () => {
    const { of, asked } = doubles(2);
    expect(await Promise.all([1, 2, 3, 4, 5].map((each) => of.get(each)))).toEqual([2, 4, 6, 8, 10]);
    expect(asked).toEqual([[1, 2], [3, 4], [5]]);
  });

  it('fails for all of one question, and for nobody else', async () => {
    const { of } = doubles(2);
    const outcomes = await Promise.allSettled([1, 13, 3].map((each) => of.get(each)));
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled']);
  });

  it('does not wait for what was asked in the turn before', async () => {
    const { of, asked } = doubles(10);
    await of.get(13).catch(() => {});
    expect(await of.get(4)).toBe(8);
    expect(asked).toEqual([[13], [4]]);
  });
});
