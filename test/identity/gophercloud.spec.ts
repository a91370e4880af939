import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Client } from '../support/client.js';
import { passwordBody } from '../support/log-in.js';
import { type StartedApp, startApp } from '../support/start-app.js';
import { identityYaml, temporaryDirectory, testId } from './identity-yaml.js';

/**
 * What gophercloud decodes into structs of Go, where a value of another type fails the whole answer (results.go of tokens, users,
 * projects, roles and applicationcredentials below openstack/identity/v3). Without Go here, the types are written down.
 */

// Hashing passwords takes long on a busy machine.
jest.setTimeout(180_000);

const PASSWORD = 'correct horse';
const IDENTITY = '/identity/v3';
const ADMIN = testId('user admin');

/** Go leaves a string empty where it is null or missing. */
const isText = (value: unknown): boolean => value === undefined || value === null || typeof value === 'string';
/** Go leaves it false where it is null. */
const isFlag = (value: unknown): boolean => value === null || typeof value === 'boolean';
const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);
const isBoolean = (value: unknown): boolean => typeof value === 'boolean';
const isTexts = (value: unknown): boolean => Array.isArray(value) && value.every((each) => typeof each === 'string');
/** gophercloud.RFC3339MilliNoZ, or null. */
const isTime = (value: unknown): boolean =>
  value === null || (typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?$/.test(value));
const isListOf =
  (fields: Fields) =>
  (value: unknown): boolean =>
    Array.isArray(value) && value.length > 0 && value.every((each) => misfits(each, fields).length === 0);

type Fields = Readonly<Record<string, (value: unknown) => boolean>>;

/** The names of the members that Go could not decode. */
function misfits(value: unknown, fields: Fields): string[] {
  return Object.entries(fields)
    .filter(([name, fits]) => !fits((value as Record<string, unknown>)[name]))
    .map(([name]) => name);
}

const USER: Fields = {
  id: isText,
  name: isText,
  domain_id: isText,
  default_project_id: isText,
  description: isText,
  enabled: isBoolean,
  links: isObject,
  options: isObject,
  password_expires_at: isTime,
};
const PROJECT: Fields = {
  id: isText,
  name: isText,
  domain_id: isText,
  parent_id: isText,
  description: isText,
  enabled: isBoolean,
  is_domain: isBoolean,
  tags: isTexts,
  options: isObject,
};
const ROLE: Fields = { id: isText, name: isText, domain_id: isText };
const CREDENTIAL: Fields = {
  id: isText,
  name: isText,
  description: isText,
  secret: isText,
  project_id: isText,
  unrestricted: isFlag,
  roles: isListOf(ROLE),
  expires_at: isTime,
  links: isObject,
};
const ENDPOINT: Fields = { id: isText, region: isText, interface: isText, url: isText };
const SERVICE: Fields = { id: isText, name: isText, type: isText, endpoints: isListOf(ENDPOINT) };
/** gophercloud.RFC3339Milli. */
const isTimeWithZone = (value: unknown): boolean =>
  typeof value === 'string' && value.endsWith('Z') && isTime(value.slice(0, -1));

describe('gophercloud', () => {
  const directory = temporaryDirectory();
  let service: StartedApp;
  let admin: Client;
  let token: object;

  beforeAll(async () => {
    const users = [{ name: 'admin', roles: { demo: ['admin'] } }];
    service = await startApp({
      AUTH_MODE: 'builtin',
      IDENTITY_STORE: 'database',
      IDENTITY_FILE: directory.file('identity.yaml', await identityYaml(['demo'], users, PASSWORD)),
    });
    const login = passwordBody({ name: 'admin', password: PASSWORD }, { project: 'demo' });
    const { headers, body } = await service.client.post(`${IDENTITY}/auth/tokens`, login);
    const { token: issued } = body as { token: object };
    token = issued;
    admin = service.client.with({ 'X-Auth-Token': headers['x-subject-token'] });
  });

  afterAll(async () => {
    await service?.stop();
    directory.remove();
  });

  it('decodes a token and its catalogue', () => {
    const fields = { expires_at: isTimeWithZone, roles: isListOf(ROLE), catalog: isListOf(SERVICE), user: isObject };
    expect(misfits(token, fields)).toEqual([]);
  });

  it.each<[string, string, object, Fields]>([
    ['users', 'user', { name: 'made', email: 'made@example.org' }, USER],
    ['projects', 'project', { name: 'made', tags: ['team'] }, PROJECT],
    [`users/${ADMIN}/application_credentials`, 'application_credential', { name: 'for ever' }, CREDENTIAL],
    [
      `users/${ADMIN}/application_credentials`,
      'application_credential',
      { name: 'with an end', expires_at: '2099-01-31T12:34:56.789000' },
      CREDENTIAL,
    ],
  ])('decodes the answers to create, show and list: %s', async (path, member, fields, shape) => {
    const created = await admin.post(`${IDENTITY}/${path}`, { [member]: fields });
    expect(created.status).toBe(201);
    const { [member]: made } = created.body as Record<string, { id: string }>;
    expect(misfits(made, shape)).toEqual([]);
    const shown = await admin.get(`${IDENTITY}/${path}/${made.id}`);
    expect(misfits((shown.body as Record<string, unknown>)[member], shape)).toEqual([]);
    // Its pages read links.next as a string, and the list by its name.
    const { body } = await admin.get(`${IDENTITY}/${path}`);
    const { links, ...lists } = body as { links: { next: unknown } };
    expect(isText(links.next)).toBe(true);
    expect(isListOf(shape)((lists as Record<string, unknown>)[`${member}s`])).toBe(true);
  });

  it('decodes the roles and assignments', async () => {
    const { body: roles } = await admin.get(`${IDENTITY}/roles`);
    expect(isListOf(ROLE)((roles as { roles: unknown }).roles)).toBe(true);
    const { body } = await admin.get(`${IDENTITY}/role_assignments`);
    const fields = { role: isObject, user: isObject, scope: isObject };
    expect(isListOf(fields)((body as { role_assignments: unknown }).role_assignments)).toBe(true);
  });
});
