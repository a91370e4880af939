import { EVENT_FILTERS } from '../domain/event-type.js';
import { PageQuery } from '../http/pages.js';
import { isDigits, isEach, isLong, isOneOf, isText, Optional } from '../http/shapes/shape.js';
import { isTime } from '../keypairs/records/record-rules.js';

/** Which events are listed; of several values the last counts, but for types. */
export class EventsQuery extends PageQuery {
  /** The id after which the page begins. */
  @Optional(isEach(isLong(1, 18), isDigits)) marker?: string[];

  /** A type, or all of a kind, as `keypair.*`; several may be given. */
  @Optional(isEach(isOneOf(...EVENT_FILTERS))) type?: string[];

  /** The earliest time. */
  @Optional(isEach(isTime)) since?: string[];

  /** own: what the caller did, and what was done to what is the caller's. project: what was done to what the project of the token owns, which is its keypairs and limits. */
  @Optional(isEach(isOneOf('own', 'project'))) scope?: string[];
  @Optional(isEach(isText)) user_id?: string[];

  /** For administrators: the events of all users and projects. */
  @Optional(isEach(isOneOf('true', 'false'))) all_users?: string[];
}
