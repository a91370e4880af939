import { describe, expect, it } from '@jest/globals';
import { KeyedQueue } from './keyed-queue.js';

/** What is asked of it: each number's double, and of 13 that it fails. Questions are answered when they are let go. */
function doubles(most: number) {
  const asked: (readonly number[])[] = [];
  const held: (() => void)[] = [];
  const of = new KeyedQueue<number, number>(most, async (wanted) => {
    asked.push(wanted);
    await new Promise<void>((go) => held.push(go));
    if (wanted.includes(13)) throw new RangeError('13');
    return wanted.map((each) => 2 * each);
  });
  /** Lets all that is asked at the end of a turn be asked. */
  const turn = (): Promise<void> => new Promise((next) => setImmediate(() => setImmediate(next)));
  /** Answers the oldest question, and gives the next one time to be asked. */
  const answer = async (): Promise<void> => {
    held.shift()!();
    await turn();
  };
  return { of, asked, turn, answer };
}

describe('what is asked for one key', () => {
  it('in one turn is one question', async () => {
    const { of, asked, turn, answer } = doubles(10);
    const answers = Promise.all([3, 1, 2].map((each) => of.get('a', each)));
    await turn();
    await answer();
    expect(await answers).toEqual([6, 2, 4]);
    expect(asked).toEqual([[3, 1, 2]]);
  });

  it('while a question runs is the next one', async () => {
    const { of, asked, turn, answer } = doubles(10);
    const answers = [of.get('a', 1)];
    await turn();
    answers.push(of.get('a', 2));
    await turn();
    answers.push(of.get('a', 3));
    await turn();
    expect(asked).toEqual([[1]]);
    await answer();
    await answer();
    expect(await Promise.all(answers)).toEqual([2, 4, 6]);
    expect(asked).toEqual([[1], [2, 3]]);
  });

  it('is several questions, one after the other, where it is too much for one', async () => {
    const { of, asked, turn, answer } = doubles(2);
    const answers = Promise.all([1, 2, 3].map((each) => of.get('a', each)));
    await turn();
    expect(asked).toEqual([[1, 2]]);
    await answer();
    expect(asked).toEqual([[1, 2], [3]]);
    await answer();
    expect(await answers).toEqual([2, 4, 6]);
  });

  it('does not wait for what is asked for another', async () => {
    const { of, asked, turn, answer } = doubles(10);
    const answers = Promise.all([of.get('a', 1), of.get('b', 2)]);
    await turn();
    expect(asked).toEqual([[1], [2]]);
    await answer();
    await answer();
    expect(await answers).toEqual([2, 4]);
  });

  it('fails for all of one question, and the next one is asked all the same', async () => {
    const { of, asked, turn, answer } = doubles(2);
    const outcomes = Promise.allSettled([1, 13, 3].map((each) => of.get('a', each)));
    await turn();
    await answer();
    await answer();
    expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled']);
    const later = of.get('a', 4);
    await turn();
    await answer();
    expect(await later).toBe(8);
    expect(asked).toEqual([[1, 13], [3], [4]]);
  });
});
