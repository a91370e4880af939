import { DomainError } from './domain-error.js';
import { excerpt } from './excerpt.js';

/** `*`, or entity tags with their `W/` and quotes. */
type EntityTags = '*' | readonly string[];

/** What a request requires of the state that it acts on (RFC 9110, section 13.1). */
export interface Preconditions {
  readonly ifMatch?: EntityTags;
  readonly ifNoneMatch?: EntityTags;
}

/** A precondition header cannot be read. Ignored, it would let a change through that the client excluded. */
class InvalidPrecondition extends DomainError {
  constructor(name: string, value: string) {
    super('invalid-precondition', `${name} must be * or entity tags in quotes, such as "3"; it is ${excerpt(value)}.`);
  }
}

/** RFC 9110, section 8.8.3: entity-tag, in a list. */
const ENTITY_TAGS = /^(?:(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"(?:[ \t]*,[ \t]*|$))+$/;
const ENTITY_TAG = /(?:W\/)?"[^"]*"/g;

/** Throws DomainError `invalid-precondition`. */
export function readPreconditions(headers: Readonly<Record<string, string | string[] | undefined>>): Preconditions {
  const ifMatch = readTags('If-Match', headers['if-match']);
  const ifNoneMatch = readTags('If-None-Match', headers['if-none-match']);
  return { ...(ifMatch && { ifMatch }), ...(ifNoneMatch && { ifNoneMatch }) };
}

function readTags(name: string, header: string | string[] | undefined): EntityTags | undefined {
  if (header === undefined) return undefined;
  const text = String(header).trim();
  if (text === '*') return '*';
  if (!ENTITY_TAGS.test(text)) throw new InvalidPrecondition(name, text);
  return text.match(ENTITY_TAG) ?? [];
}

/**
 * Which precondition does not hold, in the order of RFC 9110, section 13.2.2: If-Match in strong comparison, then If-None-Match in
 * weak comparison. `current` is the entity tag of what exists; undefined if nothing does.
 */
export function failedPrecondition(
  { ifMatch, ifNoneMatch }: Preconditions,
  current: string | undefined,
): 'If-Match' | 'If-None-Match' | undefined {
  if (ifMatch !== undefined) {
    const matches = ifMatch === '*' ? current !== undefined : current !== undefined && ifMatch.includes(current);
    if (!matches) return 'If-Match';
  }
  if (ifNoneMatch !== undefined && current !== undefined) {
    const matches = ifNoneMatch === '*' || ifNoneMatch.some((tag) => tag.replace(/^W\//, '') === current);
    if (matches) return 'If-None-Match';
  }
  return undefined;
}

/** The entity tag of a keypair: it changes with what clients set, and not with what the service observes. */
export const entityTag = ({ version }: { readonly version: number }): string => `"${version}"`;
