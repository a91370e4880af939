import { DomainError } from '../domain/domain-error.js';
import { describeDatabaseError } from './describe-database-error.js';

/** The database cannot be reached, or cannot execute statements now. */
export class DatabaseUnavailable extends DomainError {
  constructor(
    /** Whether the statement may have been executed. */
    readonly mayHaveHappened: boolean,
    /** Whether a retry soon may succeed. */
    readonly isTransient: boolean,
    /** Whether the connection must be closed. */
    readonly breaksConnection: boolean,
    options?: ErrorOptions,
  ) {
    super('database-unavailable', 'The database is not available at the moment. Try again later.', options);
  }

  /** The cause, for the log. */
  get reason(): string {
    return describeDatabaseError(this.cause);
  }
}

/** Whether a statement may have been executed although its answer was lost, with time left to find out. */
export function hasUnknownOutcome(error: unknown): boolean {
  return error instanceof DatabaseUnavailable && error.mayHaveHappened && error.isTransient;
}

/** When a statement failed: before it had a connection, after it was sent, or at its deadline. */
export type Stage = 'connecting' | 'running' | 'overdue';

/**
 * SQLSTATEs (PostgreSQL, appendix A) after which the statement has certainly changed nothing: serialization and deadlock, a
 * server that takes no writes, exhausted resources (connections, memory, disk), a statement timeout, a server that is starting.
 * A server that shuts down is not among them: with synchronous replication it aborts the wait for a standby after the commit.
 */
const NOT_APPLIED = /^(40(?!003)|25006|53|57014|57P03)/;
/** Those of them that a retry, on another connection or a moment later, may avoid. */
const TRANSIENT = /^(40|25006)/;
/** Those that leave the connection usable. */
const CONNECTION_STAYS = /^(40|53[12]|57014)/;
/** All failures that the statement did not cause: connections, resources, interventions, and those of the operating system. */
const NOT_THE_STATEMENT = /^(08|25006|40|53|57|58)/;
const SQLSTATE = /^[0-9A-Z]{5}$/;

/** The failure of the database that a thrown error reports; undefined if the statement itself caused the error. */
export function databaseFailure(error: unknown, stage: Stage): DatabaseUnavailable | undefined {
  const options = { cause: error };
  const { code, severity } = error as { code?: unknown; severity?: unknown };
  // Only errors of the database have a severity; other codes come from the socket.
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
  if (!NOT_THE_STATEMENT.test(state)) return undefined;
  const isNotApplied = NOT_APPLIED.test(state);
  return new DatabaseUnavailable(
    !isNotApplied,
    !isNotApplied || TRANSIENT.test(state),
    !CONNECTION_STAYS.test(state),
    options,
  );
}

/** Whether the server has no connection left, which a retry would not change. */
function isFull(state: string | undefined): boolean {
  return state === '53300';
}
