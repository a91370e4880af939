import { EventsQuery } from './events.dto.js';
import { ListedEvent, NextEvents } from './events.response.js';

/** The shapes and responses of the API of events, which has no microversions. */
export const eventsApi = {
  listQuery: EventsQuery,
  listReply: { events: [ListedEvent] as const, 'events_links?': [NextEvents] as const },
};
