import { EVENT_FILTERS } from '../domain/event-type.js';
import { PageQuery } from '../http/pages.js';
import { isDigits, isEach, isLong, isOneOf, isText, Optional } from '../http/shapes/shape.js';
import { isTime } from '../keypairs/records/record-rules.js';

/** Which events are listed. If a parameter other than `type` is repeated, its last value counts. */
export class EventsQuery extends PageQuery {
  /** The id of the last event of the previous page. */
  @Optional(isEach(isLong(1, 18), isDigits)) marker?: string[];

  /** An event type, or a category such as `keypair.*`; may be repeated. */
  @Optional(isEach(isOneOf(...EVENT_FILTERS))) type?: string[];

  /** Only events at or after this time. */
  @Optional(isEach(isTime)) since?: string[];

  /** `own`: events that the caller caused, or that concern what the caller owns. `project`: events that concern the keypairs and limits of the token's project. */
  @Optional(isEach(isOneOf('own', 'project'))) scope?: string[];
  @Optional(isEach(isText)) user_id?: string[];

  /** Administrators only: the events of all users and projects. */
  @Optional(isEach(isOneOf('true', 'false'))) all_users?: string[];
}
