import { DomainError } from './domain-error.js';

/** Characters that an id or a name can have. */
const MAX_KEY_LENGTH = 255;

/** Whether PostgreSQL stores a text as it is. It has no NUL, and halves of surrogate pairs are no characters in UTF-8. */
export const isStorable = (text: string): boolean => !text.includes('\0') && !/\p{Cs}/u.test(text);

/**
 * Whether a row can have these ids and names. A query for one that no row has is saved; Citus refuses those that are longer than
 * the column.
 */
export const areKeys = (...texts: string[]): boolean =>
  texts.every(
    (text) => isStorable(text) && (text.length <= MAX_KEY_LENGTH || Array.from(text).length <= MAX_KEY_LENGTH),
  );

/** The id of a user or a project that a client named. Throws DomainError `invalid-id`. */
export function requireId(id: string, max = MAX_KEY_LENGTH): string {
  if (id !== '' && areKeys(id) && Array.from(id).length <= max) return id;
  throw new DomainError('invalid-id', `The ids of projects and users have 1 to ${max} characters, none of them NUL.`);
}
