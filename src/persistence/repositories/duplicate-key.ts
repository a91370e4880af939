/** SQLSTATE unique_violation. */
const UNIQUE_VIOLATION = '23505';
/** As in `Key (user_id, name)=(alice, laptop) already exists.`; the words around it depend on `lc_messages`. */
const COLUMNS = /\((.+?)\)=\(/;

/**
 * The columns of a key that another row has already, such as `user_id, name`; undefined if the error is another one. The detail has them
 * wherever the row is: Citus appends the number of the shard to the names of table and constraint, and drops both from errors of its workers.
 */
export function duplicateKey(error: unknown): string | undefined {
  const { code, detail } = error as { readonly code?: unknown; readonly detail?: unknown };
  return code === UNIQUE_VIOLATION && typeof detail === 'string' ? COLUMNS.exec(detail)?.[1] : undefined;
}
