import { setFlagsFromString } from 'node:v8';

/** By how much the heap may grow over what lives in it before all of it is searched for garbage, in percent. */
const GROWTH = 70;

/**
 * Has V8 collect garbage before the heap is twice what lives in it; by itself it lets that become four times as much. A flag that
 * a later V8 does not have is told on standard error and does nothing. See docs/decisions/0098-memory.md.
 */
export function keepHeapSmall(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH}`);
}
