import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { WriteGate } from './write-gate.js';

beforeEach(() => {
  Logger.overrideLogger(false);
  jest.useFakeTimers({ doNotFake: ['setImmediate'] });
});

afterEach(() => {
  jest.useRealTimers();
});

/** A gate for two writes at once before a server whose commits wait, or not, as `server` has it. */
function gateBefore(server: { holds: boolean }): WriteGate {
  return new WriteGate({ maxWrites: 2, slowMs: 1000, areCommitsHeld: async () => Promise.resolve(server.holds) });
}

/** A write that ends when it is released. */
function write(
  gate: WriteGate,
  deadline = 5000,
): { readonly ended: Promise<string>; readonly release: () => void; readonly ran: boolean } {
  let release = (): void => {};
  let ran = false;
  const ended = gate.pass(performance.now() + deadline, async () => {
    ran = true;
    await new Promise<void>((done) => (release = done));
    return 'written';
  });
  ended.catch(() => {});
  return {
    ended,
    release: () => release(),
    get ran() {
      return ran;
    },
  };
}

const NOT_WRITTEN = { name: 'DatabaseUnavailable', mayHaveHappened: false };

describe('while commits are confirmed', () => {
  it('further writes wait for their turn, in their order', async () => {
    const gate = gateBefore({ holds: false });
    const [first, second, third, fourth] = [write(gate), write(gate), write(gate), write(gate)];
    expect([first, second, third, fourth].map(({ ran }) => ran)).toEqual([true, true, false, false]);
    second.release();
    expect(await second.ended).toBe('written');
    await jest.advanceTimersByTimeAsync(0);
    expect([third.ran, fourth.ran]).toEqual([true, false]);
  });

  it('a write whose turn does not come is refused at its deadline', async () => {
    const gate = gateBefore({ holds: false });
    write(gate);
    write(gate);
    const late = write(gate, 300);
    await jest.advanceTimersByTimeAsync(300);
    await expect(late.ended).rejects.toMatchObject({
      ...NOT_WRITTEN,
      reason: 'no connection of the pool became free in time',
    });
    expect(late.ran).toBe(false);
  });

  it('a slow write closes nothing', async () => {
    const gate = gateBefore({ holds: false });
    write(gate);
    await jest.advanceTimersByTimeAsync(3000);
    expect(write(gate).ran).toBe(true);
  });
});

describe('once a commit waits for a standby that is gone', () => {
  it('writes are refused, those that wait for their turn too, and the running ones go on', async () => {
    const server = { holds: true };
    const gate = gateBefore(server);
    const refused: string[] = [];
    gate.onClose(({ reason }) => refused.push(reason));
    const [first, , third] = [write(gate), write(gate), write(gate)];
    await jest.advanceTimersByTimeAsync(1000);
    await expect(third.ended).rejects.toMatchObject(NOT_WRITTEN);
    await expect(write(gate).ended).rejects.toMatchObject({
      ...NOT_WRITTEN,
      reason: 'no synchronous standby confirms commits',
    });
    expect(refused).toEqual(['no synchronous standby confirms commits']);
    first.release();
    expect(await first.ended).toBe('written');
  });

  it('writes are accepted again when none waits any more', async () => {
    const server = { holds: true };
    const gate = gateBefore(server);
    write(gate);
    await jest.advanceTimersByTimeAsync(2000);
    expect(() => gate.assertOpen()).toThrow('not available');
    server.holds = false;
    await jest.advanceTimersByTimeAsync(250);
    expect(write(gate).ran).toBe(true);
  });
});
