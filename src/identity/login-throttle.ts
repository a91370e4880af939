import { setTimeout as sleep } from 'node:timers/promises';
import { KeystoneFault } from '../http/faults/keystone-fault.js';
import { BoundedCache } from './bounded-cache.js';

/** Failures that cost nothing: people mistype. */
const FREE = 3;
/** Milliseconds of the first pause; each further failure doubles it, up to the longest. */
const FIRST_PAUSE = 250;
const LONGEST_PAUSE = 8_000;
/** A log-in that would have to wait longer is refused at once, so that none pile up. */
const LONGEST_WAIT = 20_000;
/** Milliseconds after the last failure until it is forgotten. */
const MEMORY = 15 * 60_000;
/** Milliseconds that a user is known at an address after a log-in. */
const ACQUAINTANCE = 24 * 3_600_000;
/** Users and addresses that are remembered; about a hundred bytes each. */
const CAPACITY = 20_000;

interface Tries {
  failures: number;
  /** When the next try may be made. */
  next: number;
}

class TooManyFailures extends KeystoneFault {
  constructor(seconds: number) {
    super(429, 'Too Many Requests', `Too many failed log-ins. Try again in ${seconds} seconds.`, {
      'Retry-After': String(seconds),
    });
  }
}

/**
 * Slows failing log-ins down, for the user that is named and for the address that they come from: the fourth failure in a
 * row costs a quarter of a second, and the ninth and later ones 8 seconds. Tries at the same time queue up behind each other.
 * A user who got in from an address before is counted there alone, so that nobody else's failures lock them out.
 */
export class LoginThrottle {
  private readonly tries = new BoundedCache<Tries>(CAPACITY);
  private readonly acquainted = new BoundedCache<true>(CAPACITY);

  /** Waits until a try may be made. Throws a KeystoneFault of status 429. */
  async wait(user: string, address: string): Promise<void> {
    const now = Date.now();
    const known = this.keys(user, address).flatMap((key) => this.tries.get(key) ?? []);
    const start = Math.max(now, ...known.map(({ next }) => next));
    if (start - now > LONGEST_WAIT) throw new TooManyFailures(Math.ceil((start - now) / 1000));
    for (const each of known) each.next = start + pauseAfter(each.failures);
    if (start > now) await sleep(start - now, undefined, { ref: false });
  }

  failed(user: string, address: string): void {
    for (const key of this.keys(user, address)) {
      const tries = this.tries.get(key) ?? { failures: 0, next: 0 };
      tries.failures += 1;
      tries.next = Math.max(tries.next, Date.now() + pauseAfter(tries.failures));
      this.tries.set(key, tries, Date.now() + MEMORY);
    }
  }

  /** Forgets the failures of a user who got in. Those of the address stay: one good password says nothing of the others. */
  succeeded(user: string, address: string): void {
    const [counted] = this.keys(user, address);
    this.tries.delete(counted);
    const both = pair(user, address);
    this.acquainted.set(both, true, Date.now() + ACQUAINTANCE);
  }

  private keys(user: string, address: string): readonly [string, ...string[]] {
    const both = pair(user, address);
    return this.acquainted.get(both) ? [both] : [`user ${shortened(user)}`, `address ${address}`];
  }
}

function pair(user: string, address: string): string {
  return `pair ${address} ${shortened(user)}`;
}

/** Names are what anybody sends; the cache holds no longer ones. */
function shortened(user: string): string {
  return user.slice(0, 255);
}

function pauseAfter(failures: number): number {
  return failures <= FREE ? 0 : Math.min(FIRST_PAUSE * 2 ** (failures - FREE - 1), LONGEST_PAUSE);
}
