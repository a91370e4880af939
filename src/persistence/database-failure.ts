import { DomainError } from '../domain/domain-error.js';
import { describeDatabaseError } from './describe-database-error.js';

/** The database cannot be reached, or cannot answer now. */
export class DatabaseUnavailable extends DomainError {
  constructor(
    /** Whether the statement may have been carried out all the same. */
    readonly mayHaveHappened: boolean,
    /** Whether another try soon may do better. */
    readonly passing: boolean,
    /** Whether the connection is of no more use. */
    readonly breaksConnection: boolean,
    options?: ErrorOptions,
  ) {
    super('database-unavailable', 'The database is not available at the moment. Try again later.', options);
  }

  /** What happened, for the log. */
  get reason(): string {
    return describeDatabaseError(this.cause);
  }
}

/** How far a statement had come when it failed: before it had a connection, when it was sent, or when its time was up. */
export type Stage = 'connecting' | 'running' | 'overdue';

/**
 * Failures that PostgreSQL tells by a SQLSTATE (its appendix A) of which it is sure that nothing has happened: serialization
 * and deadlock, a server that takes no writes, resources that ran out (connections, memory, disk), a statement that took too
 * long, a server that is starting. Not so a server that is being shut down: with synchronous replication it breaks off the
 * wait for a standby after the commit.
 */
const UNDONE = /^(40(?!003)|25006|53|57014|57P03)/;
/** Of those, the ones that soon may do better, on another connection or at another time. */
const PASSING = /^(40|25006)/;
/** Those that say nothing against the connection. */
const CONNECTION_STAYS = /^(40|53[12]|57014)/;
/** All failures that say nothing against the request: connections, resources, interventions, and those of the operating system. */
const NOT_OURS = /^(08|25006|40|53|57|58)/;
const SQLSTATE = /^[0-9A-Z]{5}$/;

/** What a thrown error means where it is the database's fault; undefined where it is that of the statement. */
export function failureOf(error: unknown, stage: Stage): DatabaseUnavailable | undefined {
  const options = { cause: error };
  const { code, severity } = error as { code?: unknown; severity?: unknown };
  // Only the database tells a severity; other codes are the socket's.
  const state = typeof severity === 'string' && typeof code === 'string' && SQLSTATE.test(code) ? code : undefined;
  if (stage === 'overdue') {
    const cause = new Error('There was no answer in time.', options);
    return new DatabaseUnavailable(true, false, true, { cause });
  }
  if (stage === 'connecting') {
    return error instanceof TypeError ? undefined : new DatabaseUnavailable(false, !isFull(state), true, options);
  }
  if (state === undefined) {
    return error instanceof TypeError ? undefined : new DatabaseUnavailable(true, true, true, options);
  }
  if (!NOT_OURS.test(state)) return undefined;
  const isUndone = UNDONE.test(state);
  return new DatabaseUnavailable(!isUndone, !isUndone || PASSING.test(state), !CONNECTION_STAYS.test(state), options);
}

/** Whether the server has no connection left; asking again at once would not help it. */
function isFull(state: string | undefined): boolean {
  return state === '53300';
}
