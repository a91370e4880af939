import { LRUCache } from 'lru-cache';
import { addressGroup } from '../domain/ip-address.js';
import { DomainError } from '../domain/domain-error.js';
import { KeystoneFault } from '../http/faults/keystone-fault.js';

/** Failures without a pause: people mistype. A /48 of IPv6 may be a whole company. */
const FREE_FAILURES = 3;
const FREE_FAILURES_OF_SITE = 48;
/** The first pause; each further failure doubles it, up to the longest. */
const FIRST_PAUSE_MS = 250;
const MAX_PAUSE_MS = 8_000;
/** A log-in that would have to wait longer is refused at once. */
const MAX_WAIT_MS = 20_000;
/** How long failures are remembered after the last one, and that a user logged in from an address. */
const FAILURES_TTL_MS = 15 * 60_000;
const ACQUAINTED_TTL_MS = 24 * 3_600_000;
/** Memory for each of both. */
const CACHE_BYTES = 4 * 1024 * 1024;

/** Passwords are checked on the threads that files and keys need as well: few at a time, and few waiting. */
const MAX_RUNNING = 2;
const MAX_WAITING = 64;

/** The failures of a user, an address, or a user at an address. */
interface Failures {
  readonly free: number;
  failures: number;
  /** Tries that have begun and have no outcome yet. */
  pending: number;
  /** When the next try may run, in milliseconds since 1970. */
  next: number;
}

interface Try {
  readonly records: readonly Failures[];
  readonly rank: number;
  readonly run: () => void;
  readonly refuse: (reason: Error) => void;
}

class TooManyFailures extends KeystoneFault {
  constructor(seconds: number) {
    super('too-many-failures', `Too many failed log-ins. Try again in ${seconds} seconds.`, {
      'Retry-After': String(seconds),
    });
  }
}

class TooManyLogins extends DomainError {
  constructor() {
    super('log-ins-busy', 'Too many passwords are being checked at the moment. Try again later.');
  }
}

/**
 * Decides which password is checked next. Failures cause pauses, for the user and for the address (IPv6: its /64, and its /48
 * more loosely): the fourth in a row a quarter of a second, the ninth and later ones 8 seconds. A try counts from its beginning.
 * The attempt with the fewest failures comes first, and replaces the one with the most if the queue is full. A user who logged in
 * from an address before comes first there and is counted separately, so that strangers cannot lock the user out.
 */
export class LoginThrottle {
  private readonly records = newCache<Failures>(FAILURES_TTL_MS);
  private readonly acquainted = newCache<true>(ACQUAINTED_TTL_MS);
  private readonly waiting: Try[] = [];
  private running = 0;
  private timer: NodeJS.Timeout | undefined;

  /** Whether a password is right, checked when it is its turn. Throws a KeystoneFault, 429, or a DomainError if too many wait. */
  async attempt(user: string, address: string, isRight: () => Promise<boolean>): Promise<boolean> {
    const name = user.slice(0, 255);
    const [network, site] = [addressGroup(address), addressGroup(address, 48)];
    const pair = `pair ${network} ${name}`;
    const isAcquainted = this.acquainted.has(pair);
    const strangers = [`user ${name}`, `network ${network}`, ...(site === network ? [] : [`site ${site}`])];
    const keys = isAcquainted ? [pair] : strangers;
    const records = keys.map((key) => this.failuresOf(key));
    await this.turn(records, isAcquainted);
    let outcome: boolean | undefined;
    try {
      outcome = await isRight();
      return outcome;
    } finally {
      this.running -= 1;
      for (const each of records) settle(each, outcome);
      if (outcome === true) {
        // The failures of the address stay: one correct password does not prove that the others were typing errors.
        records[0].failures = 0;
        records[0].next = 0;
        this.acquainted.set(pair, true);
      }
      // An entry may have been evicted meanwhile; failures renew its time to live.
      for (const [at, key] of keys.entries()) if (records[at].failures > 0) this.records.set(key, records[at]);
      this.advance();
    }
  }

  private failuresOf(key: string): Failures {
    let found = this.records.get(key);
    if (!found) {
      const free = key.startsWith('site ') ? FREE_FAILURES_OF_SITE : FREE_FAILURES;
      found = { free, failures: 0, pending: 0, next: 0 };
      this.records.set(key, found);
    }
    return found;
  }

  /** Resolves when the try may run. */
  private turn(records: readonly Failures[], isAcquainted: boolean): Promise<void> {
    const waitMs = Math.max(...records.map((each) => each.next - Date.now() + pausesOfPending(each)));
    if (waitMs > MAX_WAIT_MS) throw new TooManyFailures(Math.ceil(waitMs / 1000));
    const failures = Math.max(...records.map((each) => (each.failures + each.pending) / each.free));
    return new Promise((run, refuse) => {
      for (const each of records) each.pending += 1;
      // Any number of failures of an acquainted user weighs less than none of a stranger.
      const rank = isAcquainted ? failures / (failures + 1) : 1 + failures;
      const after = this.waiting.findIndex((each) => each.rank > rank);
      this.waiting.splice(after < 0 ? this.waiting.length : after, 0, { records, rank, run, refuse });
      if (this.waiting.length > MAX_WAITING) {
        const last = this.waiting.pop()!;
        for (const each of last.records) each.pending -= 1;
        last.refuse(new TooManyLogins());
      }
      this.advance();
    });
  }

  /** Runs the tries whose turn has come. */
  private advance(): void {
    clearTimeout(this.timer);
    const now = Date.now();
    while (this.running < MAX_RUNNING) {
      const at = this.waiting.findIndex(({ records }) => records.every(({ next }) => next <= now));
      if (at < 0) break;
      const [{ records, run }] = this.waiting.splice(at, 1);
      this.running += 1;
      // The pause counts from the beginning, so that tries that run at once do not share one.
      for (const each of records) each.next = now + pauseAfter(each);
      run();
    }
    if (this.running >= MAX_RUNNING || this.waiting.length === 0) return;
    const next = Math.min(...this.waiting.map(({ records }) => Math.max(...records.map((each) => each.next))));
    this.timer = setTimeout(() => this.advance(), next - now).unref();
  }
}

function settle(record: Failures, outcome: boolean | undefined): void {
  record.pending -= 1;
  if (outcome !== false) return;
  record.failures += 1;
  record.next = Math.max(record.next, Date.now() + pauseAfter(record));
}

/** The pauses that come before another try if every pending one fails. */
function pausesOfPending({ failures, pending, free }: Failures): number {
  let pausesMs = 0;
  for (let ahead = 0; ahead < pending; ahead++) pausesMs += pauseAfter({ failures: failures + ahead, free });
  return pausesMs;
}

function pauseAfter({ failures, free }: Pick<Failures, 'failures' | 'free'>): number {
  return failures <= free ? 0 : Math.min(FIRST_PAUSE_MS * 2 ** (failures - free - 1), MAX_PAUSE_MS);
}

function newCache<Value extends object | true>(ttl: number): LRUCache<string, Value> {
  return new LRUCache({ ttl, maxSize: CACHE_BYTES, sizeCalculation: (_, key) => 200 + 2 * key.length, perf: Date });
}
