import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until a condition holds, and returns what it returned. Fails after `timeoutMs`, naming the condition. */
export async function until<T>(
  condition: () => T | Promise<T>,
  description: string,
  { timeoutMs = 60_000, everyMs = 20 } = {},
): Promise<NonNullable<T>> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const found = await condition();
    if (found) return found;
    if (performance.now() > deadline) throw new Error(`Not within ${timeoutMs} ms: ${description}`);
    await sleep(everyMs);
  }
}
