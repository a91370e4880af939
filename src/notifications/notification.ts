import { createHash } from 'node:crypto';
import type { Config } from '../config/config.js';
import { projectOf } from '../domain/keypair-owner.js';
import type { StoredEvent } from '../persistence/repositories/event.repository.js';

type NotificationFormat = Config['notificationFormat'];

/** A message for oslo.messaging. */
export interface Notification {
  readonly topic: 'notifications.info' | 'versioned_notifications.info';
  /** What follows `oslo.message`, before it is a text. */
  readonly message: object;
}

type Phase = 'start' | 'end';

/** What Nova calls the events that it has, and what of the key its first message does not know yet. */
const ACTIONS: Readonly<Partial<Record<StoredEvent['type'], { action: string; unknown: readonly string[] }>>> = {
  'keypair.created': { action: 'create', unknown: ['fingerprint', 'public_key'] },
  'keypair.imported': { action: 'import', unknown: ['fingerprint'] },
  'keypair.deleted': { action: 'delete', unknown: [] },
};

/**
 * What Nova sends of an event, in its order (nova/compute/api.py, KeypairAPI). Nothing of what Nova does not have: keypairs of
 * projects, rotations, guests.
 */
export function notificationsOf(event: StoredEvent, format: NotificationFormat, host: string): Notification[] {
  const described = ACTIONS[event.type];
  if (!described || projectOf(event.owner) !== undefined) return [];
  const { action, unknown } = described;
  const legacy = (phase: Phase): Notification => ({
    topic: 'notifications.info',
    message: message(event, `keypair.${action}.${phase}`, `api.${host}`, {
      tenant_id: event.projectId,
      user_id: event.actor,
      key_name: event.data.name,
    }),
  });
  const versioned = (phase: Phase): Notification => ({
    topic: 'versioned_notifications.info',
    message: message(event, `keypair.${action}.${phase}`, `nova-api:${host}`, {
      'nova_object.name': 'KeypairPayload',
      'nova_object.namespace': 'nova',
      'nova_object.version': '1.0',
      'nova_object.data': payload(event, phase === 'start' ? unknown : []),
    }),
  });
  // Each wraps the other, as Nova's code has them.
  const all = [legacy('start'), versioned('start'), versioned('end'), legacy('end')];
  const topics = { unversioned: ['notifications.info'], versioned: ['versioned_notifications.info'], both: undefined };
  return all.filter(({ topic }) => topics[format]?.includes(topic) ?? true);
}

function payload({ owner, data }: StoredEvent, unknown: readonly string[]): object {
  const { name, fingerprint, public_key: publicKey, type } = data;
  const whole = { user_id: owner, name, fingerprint, public_key: publicKey, type };
  return { ...whole, ...Object.fromEntries(unknown.map((field) => [field, null])) };
}

/** The envelope of oslo.messaging. Its ids follow from those of the event, so that listeners know a message that comes twice. */
function message(event: StoredEvent, type: string, publisher: string, content: object): object {
  const digest = createHash('sha256').update(`${event.eventId} ${type} ${publisher}`).digest();
  return {
    message_id: uuidOf(digest.subarray(0, 16)),
    publisher_id: publisher,
    event_type: type,
    priority: 'INFO',
    payload: content,
    timestamp: event.at.replace('T', ' '),
    _unique_id: digest.subarray(16).toString('hex'),
    ...contextOf(event),
  };
}

/** A UUID of RFC 9562, version 8, of 16 bytes. */
function uuidOf(bytes: Buffer): string {
  const hex = Buffer.from(bytes);
  hex[6] = (hex[6] & 0x0f) | 0x80;
  hex[8] = (hex[8] & 0x3f) | 0x80;
  return hex.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** The request context of Nova; null and empty for what is not kept with an event, such as names and roles. */
function contextOf({ actor, projectId, requestId, at }: StoredEvent): object {
  const context = {
    user: actor,
    project_id: projectId,
    system_scope: null,
    project: projectId,
    domain: null,
    user_domain: null,
    project_domain: null,
    is_admin: false,
    read_only: false,
    show_deleted: false,
    auth_token: null,
    request_id: requestId,
    global_request_id: null,
    resource_uuid: null,
    roles: [],
    user_identity: `${actor} ${projectId ?? '-'} - - -`,
    is_admin_project: true,
    user_id: actor,
    read_deleted: 'no',
    remote_address: null,
    timestamp: at,
    quota_class: null,
    user_name: null,
    service_catalog: [],
    project_name: null,
  };
  return Object.fromEntries(Object.entries(context).map(([name, value]) => [`_context_${name}`, value]));
}
