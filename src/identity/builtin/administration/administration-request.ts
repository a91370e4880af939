import { excerpt } from '../../../domain/excerpt.js';
import { isStorable } from '../../../domain/storable.js';
import { badRequest, KeystoneFault } from '../../../http/faults/keystone-fault.js';
import { isLongerThan } from '../../../http/shapes/shape.js';
import type { Changes, Extra, StoredProject } from '../../../persistence/repositories/identity.repository.js';
import { MAX_PASSWORD_BYTES } from '../../passwords.js';
import { type Fields, readOptionalBody } from '../body.js';
import { type Account, DOMAIN, SYSTEM } from '../directory/directory.js';

/**
 * Reads the bodies that change users and projects. Messages begin as Keystone's and name the member; they quote no value, which may be a
 * password.
 */

/** A change of a user, with the new password itself. */
export type UserChanges = Omit<Changes<Account>, 'passwordHash' | 'codeSecret' | 'timesDisabled'> & {
  readonly password?: string | null;
};

/** Members that clients send back after reading a user or project; the service sets them. */
const IGNORED = ['id', 'domain_id', 'links', 'options', 'password_expires_at', 'federated', 'extra'];
const USER_MEMBERS = new Set([...IGNORED, 'name', 'password', 'enabled', 'default_project_id']);
const PROJECT_MEMBERS = new Set([...IGNORED, 'name', 'enabled', 'description', 'parent_id', 'is_domain', 'tags']);

const MAX_USER_NAME = 255;
/** Longer than that of a user in Keystone, and shorter here too. */
const MAX_PROJECT_NAME = 64;
const MAX_DESCRIPTION = 65_536;
/** The maximum size of the attributes that the service does not use, as JSON. */
const MAX_EXTRA_BYTES = 16_384;
const MAX_EXTRA_DEPTH = 16;
const MAX_TAGS = 80;
const ID = /^[a-zA-Z0-9-]{1,64}$/;

/** The body of `POST /v3/users`. Throws a KeystoneFault: 400, or 404 for another domain. */
export function readNewUser(body: unknown): UserChanges & { readonly name: string } {
  const fields = fieldsOf(body, 'user');
  const { name, ...changes } = readUser(fields);
  if (name === undefined) throw badRequest("'name' is a required property");
  requireOurDomain(fields.domain_id, 'not-found');
  return { name, ...changes };
}

/** The body of `PATCH /v3/users/{id}`. Throws a KeystoneFault, 400. */
export function readUserChanges(body: unknown, id: string): UserChanges {
  const fields = fieldsOf(body, 'user');
  requireMembers(fields);
  const changes = readUser(fields);
  requireSame(fields, id);
  return changes;
}

/** The body of `POST /v3/projects`. Throws a KeystoneFault, 400. */
export function readNewProject(body: unknown): Changes<StoredProject> & { readonly name: string } {
  const fields = fieldsOf(body, 'project');
  const { name, ...changes } = readProject(fields);
  if (name === undefined) throw badRequest("'name' is a required property");
  requireOurDomain(fields.domain_id ?? undefined, 'bad-request');
  if (fields.is_domain === true) throw invalid('is_domain', 'there is one domain, default');
  const { parent_id: parent = null } = fields;
  if (parent !== null && parent !== DOMAIN.id) {
    throw invalid('parent_id', 'projects have no parent but the domain; leave it out');
  }
  return { name, ...changes };
}

/** The body of `PATCH /v3/projects/{id}`. Throws a KeystoneFault, 400 or 403. */
export function readProjectChanges(body: unknown, id: string): Changes<StoredProject> {
  const fields = fieldsOf(body, 'project');
  requireMembers(fields);
  const changes = readProject(fields);
  requireSame(fields, id);
  const { parent_id: parent = DOMAIN.id, is_domain: isDomain = false } = fields;
  if (parent !== DOMAIN.id) throw new KeystoneFault('forbidden', 'Update of `parent_id` is not allowed.');
  if (isDomain) throw badRequest('Update of `is_domain` is not allowed.');
  return changes;
}

/** The body of `POST /v3/users/{id}/password`. Throws a KeystoneFault, 400. */
export function readPasswordChange(body: unknown): { readonly before: string; readonly after: string } {
  const fields = fieldsOf(body, 'user');
  for (const name of ['original_password', 'password']) {
    if (!Object.hasOwn(fields, name)) throw badRequest(`'${name}' is a required property`);
  }
  if (Object.keys(fields).length > 2) {
    throw badRequest('Additional properties are not allowed; send original_password and password.');
  }
  const { original_password: before, password } = fields;
  if (typeof before !== 'string') throw invalid('original_password', 'it must be a text');
  const after = passwordOf(password);
  if (after === null) throw invalid('password', 'it must be a text');
  return { before, after };
}

function readUser(fields: Fields): UserChanges {
  refuseUserOptions(fields.options);
  const { federated = [] } = fields;
  if (!Array.isArray(federated) || federated.length > 0) throw invalid('federated', 'it must be an empty list');
  const { default_project_id: project, description } = fields;
  if (description !== undefined) descriptionOf(description);
  return {
    ...readCommon(fields, MAX_USER_NAME),
    ...(project !== undefined && { defaultProjectId: defaultProjectOf(project) }),
    ...(fields.password !== undefined && { password: passwordOf(fields.password) }),
    extra: extraOf(fields, USER_MEMBERS),
  };
}

function readProject(fields: Fields): Changes<StoredProject> {
  refuseOptions(fields.options);
  const { description, tags, parent_id: parent = null, is_domain: isDomain = false } = fields;
  if (parent !== null && !isId(parent)) throw invalid('parent_id', 'it must be an id or null');
  if (typeof isDomain !== 'boolean') throw invalid('is_domain', 'it must be true or false');
  return {
    ...readCommon(fields, MAX_PROJECT_NAME),
    ...(description !== undefined && { description: descriptionOf(description) }),
    ...(tags !== undefined && { tags: tagsOf(tags) }),
    extra: extraOf(fields, PROJECT_MEMBERS),
  };
}

function readCommon(
  { name, enabled }: Fields,
  maxName: number,
): { readonly name?: string; readonly enabled?: boolean } {
  if (enabled !== undefined && typeof enabled !== 'boolean') throw invalid('enabled', 'it must be true or false');
  return { ...(name !== undefined && { name: nameOf(name, maxName) }), ...(enabled !== undefined && { enabled }) };
}

function fieldsOf(body: unknown, wrapper: 'user' | 'project'): Fields {
  const { [wrapper]: fields = {} } = readOptionalBody(body);
  if (typeof fields === 'object' && fields !== null && !Array.isArray(fields)) return fields as Fields;
  throw badRequest(`Invalid input for field '${wrapper}': it must be an object.`);
}

function requireMembers(fields: Fields): void {
  if (Object.keys(fields).length === 0) throw badRequest('{} does not have enough properties');
}

function requireSame({ id, domain_id: domainId }: Fields, own: string): void {
  if (id !== undefined && id !== own) throw badRequest('Cannot change ID');
  if (domainId !== undefined && domainId !== DOMAIN.id) {
    throw badRequest('Cannot change Domain ID');
  }
}

function requireOurDomain(value: unknown, code: 'bad-request' | 'not-found'): void {
  if (value === undefined || value === DOMAIN.id) return;
  if (typeof value !== 'string' || value === '') throw invalid('domain_id', 'it must be an id');
  throw new KeystoneFault(code, `Could not find domain: ${excerpt(value)}.`);
}

/** Names are without spaces around them, as in Keystone. */
function nameOf(value: unknown, max: number): string {
  if (typeof value === 'string' && /\S/.test(value) && isStorable(value) && !isLongerThan(max, value))
    return value.trim();
  throw invalid('name', `it must be a text of 1 to ${max} characters, and not only spaces`);
}

/** A user without one cannot log in; with an empty one, everyone could log in as the user. */
function passwordOf(value: unknown): string | null {
  if (value === null) return null;
  if (typeof value === 'string' && value !== '' && Buffer.byteLength(value) <= MAX_PASSWORD_BYTES) return value;
  throw invalid('password', `it must be a text of 1 to ${MAX_PASSWORD_BYTES} bytes, or null`);
}

function defaultProjectOf(value: unknown): string | null {
  if (value === null) return null;
  if (value === DOMAIN.id || value === SYSTEM) {
    throw badRequest(`User's default project ID cannot be a domain ID: ${value}`);
  }
  if (isId(value)) return value;
  throw invalid('default_project_id', 'it must be an id or null');
}

function descriptionOf(value: unknown): string | null {
  if (value === null) return null;
  if (typeof value === 'string' && isStorable(value) && !isLongerThan(MAX_DESCRIPTION, value)) return value;
  throw invalid('description', `it must be a text of at most ${MAX_DESCRIPTION} characters, or null`);
}

function tagsOf(value: unknown): string[] {
  const isTag = (tag: unknown): tag is string =>
    typeof tag === 'string' && /^[^,/]+$/.test(tag) && isStorable(tag) && !isLongerThan(255, tag);
  if (Array.isArray(value) && value.length <= MAX_TAGS && value.every(isTag) && new Set(value).size === value.length) {
    return value.toSorted();
  }
  throw invalid('tags', `it must be a list of at most ${MAX_TAGS} different texts without commas and slashes`);
}

/** A stored option without effect would be a broken promise. */
function refuseOptions(value: unknown): void {
  if (value === undefined) return;
  const isEmpty = typeof value === 'object' && value !== null && Object.keys(value).length === 0;
  if (!isEmpty || Array.isArray(value)) throw invalid('options', 'there are none; leave it out');
}

/** Horizon sends with each user that the password is not locked, as none is. */
function refuseUserOptions(value: unknown): void {
  const { lock_password: isLocked, ...others } = (value ?? {}) as Fields;
  refuseOptions(isLocked === false ? others : value);
}

/** The attributes that clients store and the service does not use. */
function extraOf(fields: Fields, known: ReadonlySet<string>): Extra {
  const extra = Object.fromEntries(Object.entries(fields).filter(([name]) => !known.has(name)));
  if (!isPlain(extra, MAX_EXTRA_DEPTH) || Buffer.byteLength(JSON.stringify(extra)) > MAX_EXTRA_BYTES) {
    throw badRequest(
      `Additional properties must have at most ${MAX_EXTRA_BYTES} bytes and ${MAX_EXTRA_DEPTH} levels, and no NUL.`,
    );
  }
  return extra;
}

/** Whether PostgreSQL stores a value of JSON, and it nests no deeper. */
function isPlain(value: unknown, depth: number): boolean {
  if (typeof value === 'string') return isStorable(value);
  if (typeof value !== 'object' || value === null) return true;
  return (
    depth > 0 &&
    Object.entries(value).every(([name, each]: [string, unknown]) => isStorable(name) && isPlain(each, depth - 1))
  );
}

const isId = (value: unknown): value is string => typeof value === 'string' && ID.test(value);

function invalid(field: string, reason: string): KeystoneFault {
  return badRequest(`Invalid input for field '${field}': ${reason}.`);
}
