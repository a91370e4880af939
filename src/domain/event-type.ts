/** What an event is about. */
export type EventKind = 'keypair' | 'guest' | 'certificate' | 'quota' | 'credential';

interface EventDescriptor {
  readonly kind: EventKind;
  /** For OpenAPI: what has happened. */
  readonly description: string;
}

/** Every event, by its type. */
export const EVENT_TYPES = {
  'keypair.created': { kind: 'keypair', description: 'a key pair was generated and its public key stored' },
  'keypair.imported': { kind: 'keypair', description: 'a public key was stored' },
  'keypair.shared': { kind: 'keypair', description: 'a project got a copy of a keypair' },
  'keypair.updated': { kind: 'keypair', description: 'the expiry, tags, note or protection changed' },
  'keypair.rotated': { kind: 'keypair', description: 'the key was replaced by another one' },
  'keypair.expiring': { kind: 'keypair', description: 'a keypair will expire in one of the KEYPAIR_WARN_DAYS' },
  'keypair.expired': { kind: 'keypair', description: 'a keypair expired' },
  'keypair.deleted': { kind: 'keypair', description: 'a keypair was deleted' },
  'guest.created': { kind: 'guest', description: 'a guest was registered' },
  'guest.updated': { kind: 'guest', description: 'a guest was changed' },
  'guest.deleted': { kind: 'guest', description: 'a guest was deleted' },
  'certificate.issued': { kind: 'certificate', description: 'an SSH certificate was signed' },
  'certificate.revoked': { kind: 'certificate', description: 'an SSH certificate was revoked' },
  'quota.updated': { kind: 'quota', description: 'limits of a project or user were changed' },
  'quota.reset': { kind: 'quota', description: 'limits of a project or user were reset to the defaults' },
  'credential.created': { kind: 'credential', description: 'an application credential was created' },
  'credential.deleted': { kind: 'credential', description: 'an application credential was deleted' },
} as const satisfies Record<string, EventDescriptor>;

export type EventType = keyof typeof EVENT_TYPES;

/** What a client may ask for: a type, or all types of a kind as `keypair.*`. */
export const EVENT_FILTERS: readonly string[] = [
  ...Object.keys(EVENT_TYPES),
  ...new Set(Object.values(EVENT_TYPES).map(({ kind }) => `${kind}.*`)),
];

/** The types that one of {@link EVENT_FILTERS} stands for. */
export function typesOf(filter: string): EventType[] {
  const types = Object.keys(EVENT_TYPES) as EventType[];
  return filter.endsWith('.*')
    ? types.filter((type) => `${EVENT_TYPES[type].kind}.*` === filter)
    : types.filter((type) => type === filter);
}
