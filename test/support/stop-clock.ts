import { jest } from '@jest/globals';

/** Stops `Date` at a time, so that no period ends in the middle of a test. Timers go on; `jest.useRealTimers()` ends it. */
export function stopClock(now: Date): void {
  jest.useFakeTimers({
    now,
    doNotFake: [
      'clearImmediate',
      'clearInterval',
      'clearTimeout',
      'hrtime',
      'nextTick',
      'performance',
      'queueMicrotask',
      'setImmediate',
      'setInterval',
      'setTimeout',
    ],
  });
}
