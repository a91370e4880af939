/**
 * What can go wrong, in the words of the domain. How a client sees each kind stands in one table, in `fault.filter.ts`.
 *
 * - `malformed`: the request is understood, and what it asks cannot be done as asked;
 * - `unauthenticated`: no caller could be made out;
 * - `forbidden`: the caller may not do this;
 * - `not-found`, `conflict`: the thing asked for is not there, or is there already;
 * - `over-quota`: the caller may not have more of it;
 * - `unacceptable`: a version that is not served;
 * - `unsupported-media`: a body in a format that is not read;
 * - `unavailable`: the service cannot answer now, and may soon;
 * - `too-many`: the caller asks too often;
 * - `not-implemented`: the service lacks something that an operator may install.
 */
export type ErrorKind =
  | 'malformed'
  | 'unauthenticated'
  | 'forbidden'
  | 'not-found'
  | 'conflict'
  | 'over-quota'
  | 'unacceptable'
  | 'unsupported-media'
  | 'unavailable'
  | 'too-many'
  | 'not-implemented';

/** An expected failure. Its message is written for the client: what was wrong and what is wanted, and never a secret. */
export class DomainError extends Error {
  constructor(
    readonly kind: ErrorKind,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = new.target.name;
  }
}
