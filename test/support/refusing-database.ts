import type { Database } from '../../src/persistence/database.js';

/** A database that refuses every statement with this error. */
export function refusingDatabase(error: Error): Database {
  const refuse = (): Promise<never> => Promise.reject(error);
  const statements = { read: refuse, readPrimary: refuse, write: refuse };
  return {
    ...statements,
    deadline: () => Infinity,
    onWritesRefused: () => {},
    assertWritable: () => {},
    event: () => [],
  } as unknown as Database;
}
