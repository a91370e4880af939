import { linksOf } from '../http/pages.js';
import { KEY_TYPES } from '../crypto/key-types.js';
import { EVENT_TYPES, type EventKind } from '../domain/event-type.js';
import { projectOf } from '../domain/keypair-owner.js';
import type { KeypairType } from '../domain/keypair-type.js';
import type { StoredEvent } from '../persistence/repositories/event.repository.js';

type Data = StoredEvent['data'];

/** The data of an event that is shown, by the kind of the event. */
const SHOWN: Readonly<Record<EventKind, (data: Data) => object>> = {
  keypair: showKeypair,
  guest: (data) => data,
  certificate: (data) => data,
  quota: (data) => data,
  credential: (data) => data,
};

/** `{"events": [...], "events_links": [...]}`; the link leads to the next page, if there may be one. */
export function listEvents(rows: readonly StoredEvent[], next: string | undefined): object {
  return {
    events: rows.map(showEvent),
    ...linksOf('events', next),
  };
}

function showEvent(event: StoredEvent): object {
  const { id, eventId, type, at } = event;
  return { id: Number(id), event_id: eventId, type, timestamp: at, data: showEventData(event) };
}

/** What has happened, and to what; of a keypair without its public key. */
export function showEventData({ type, projectId, owner, actor, requestId, data }: StoredEvent): object {
  const isOfProject = projectOf(owner) !== undefined;
  return {
    user_id: isOfProject ? null : owner,
    project_id: projectId,
    scope: isOfProject ? 'project' : 'own',
    actor,
    request_id: requestId,
    ...SHOWN[EVENT_TYPES[type].kind](data),
  };
}

/** Keypairs copied from a Nova may have no SHA-256. */
function showKeypair({ name, type, fingerprint, sha256, version, expires_at }: Data): object {
  const { fingerprintKind, showSha256 } = KEY_TYPES[type as KeypairType];
  const digest = sha256 === null ? undefined : showSha256(Buffer.from(sha256 as string, 'base64'));
  return {
    name,
    type,
    fingerprint,
    fingerprints: { sha256: digest, [fingerprintKind]: fingerprint },
    version,
    expires_at,
  };
}
