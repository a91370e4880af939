import { readTime, utcTime } from '../../../domain/utc-time.js';
import { excerpt } from '../../../domain/excerpt.js';
import { isStorable } from '../../../domain/storable.js';
import { isLongerThan } from '../../../http/shapes/shape.js';
import { badRequest, type KeystoneFault } from '../../../http/faults/keystone-fault.js';
import { malformedRequest, readBody, readFields } from '../body.js';
import { MAX_SECRET_BYTES } from './credential-secret.js';

/** A role in a request, by its id or by its name. */
export type NamedRole = { readonly id: string } | { readonly name: string };

/** The body that creates an application credential, read. */
export interface CredentialRequest {
  readonly name: string;
  readonly description: string | null;
  /** Undefined: one is made. */
  readonly secret: string | undefined;
  /** UTC, `2026-01-31T12:34:56.123456`. */
  readonly expiresAt: string | null;
  readonly unrestricted: boolean | null;
  /** Empty: those of the token. */
  readonly roles: readonly NamedRole[];
}

/** Further members that clients send back after reading a credential; the service sets them. */
const IGNORED = ['id', 'user_id', 'project_id', 'system', 'links'];
const KNOWN = new Set([
  'name',
  'description',
  'secret',
  'expires_at',
  'unrestricted',
  'roles',
  'access_rules',
  ...IGNORED,
]);

const MAX_NAME = 255;
const MAX_ROLES = 64;

/** Keystone's form of times; anything after the seconds is in UTC. */
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?Z?$/;

/** Reads the body of `POST .../application_credentials`. Throws a KeystoneFault, 400. */
export function readCredentialRequest(body: unknown): CredentialRequest {
  const { application_credential: wrapped = {} } = readBody(body);
  const fields = readFields(wrapped, 'application_credential');
  for (const name of Object.keys(fields)) {
    if (!KNOWN.has(name)) throw invalid(`${excerpt(name)} is not a property of an application credential.`);
  }
  refuseAccessRules(fields.access_rules);
  return {
    name: nameOf(fields.name),
    description: descriptionOf(fields.description),
    secret: secretOf(fields.secret),
    expiresAt: expiryOf(fields.expires_at),
    unrestricted: unrestrictedOf(fields.unrestricted),
    roles: rolesOf(fields.roles),
  };
}

function nameOf(value: unknown): string {
  if (typeof value === 'string' && /\S/.test(value) && isStorable(value) && !isLongerThan(MAX_NAME, value))
    return value;
  throw invalid(`name must be a text of 1 to ${MAX_NAME} characters.`);
}

function descriptionOf(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value === 'string' && isStorable(value)) return value;
  throw invalid('description must be a text or null.');
}

/** An empty one is none, as in Keystone. */
function secretOf(value: unknown): string | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value === 'string' && Buffer.byteLength(value) <= MAX_SECRET_BYTES) return value;
  throw invalid(`secret must be a text of at most ${MAX_SECRET_BYTES} bytes; leave it out to get a random one.`);
}

function expiryOf(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  const time = typeof value === 'string' && TIME.test(value) ? readTime(value) : undefined;
  if (time === undefined) throw malformedRequest('Timestamp not in expected format.');
  if (time <= utcTime(Date.now())) throw malformedRequest("The 'expires_at' must not be before now.");
  return time;
}

function unrestrictedOf(value: unknown): boolean | null {
  if (value === undefined) return null;
  if (typeof value === 'boolean') return value;
  throw invalid('unrestricted must be true or false.');
}

function rolesOf(value: unknown): NamedRole[] {
  if (value === undefined) return [];
  if (!Array.isArray(value) || value.length > MAX_ROLES) throw invalid(`roles must be a list of at most ${MAX_ROLES}.`);
  return value.map((each: unknown) => {
    const [[key, text] = [], ...others] = Object.entries(readFields(each, 'a role'));
    if ((key !== 'id' && key !== 'name') || typeof text !== 'string' || others.length > 0) {
      throw invalid('each of roles must have either a name or an id.');
    }
    return { [key]: text } as unknown as NamedRole;
  });
}

/** A stored rule that is not enforced would be a broken promise. */
function refuseAccessRules(value: unknown): void {
  if (value === undefined || (Array.isArray(value) && value.length === 0)) return;
  throw invalid('access_rules are not supported. Leave them out; narrow the credential with roles.');
}

function invalid(detail: string): KeystoneFault {
  return badRequest(`Invalid application credential: ${detail}`);
}
