import { excerpt } from '../../../domain/excerpt.js';
import { readYaml } from '../../../files/yaml.js';
import { checkHash } from '../../passwords.js';
import { isCodeSecret } from '../log-in/one-time-code.js';
import { Directory, plainProject, plainUser, type Project, type User, userWith } from '../directory/directory.js';

/** The identity file has errors, a line each. */
export class InvalidIdentityFile extends Error {
  constructor(readonly problems: readonly string[]) {
    super(problems.join('\n'));
    this.name = 'InvalidIdentityFile';
  }
}

/** Ids as in Keystone: hexadecimal, as Nova's paths require. */
const ID = /^[0-9a-f]{32}$/;

/**
 * Reads the text of an identity file:
 *
 * ```yaml
 * projects:
 *   - { id: 32 hexadecimal digits, name: demo }
 * users:
 *   - id: 32 hexadecimal digits
 *     name: alice
 *     password: $scrypt$... or a bcrypt hash
 *     totp: 32 digits of Base32 # secret of one-time codes, may be left out
 *     enabled: true             # may be left out
 *     roles: { demo: [member] } # by project
 *     domain_roles: []          # may be left out
 *     system_roles: [admin]     # may be left out
 * ```
 *
 * Throws {@link InvalidIdentityFile} with every problem at once, and never with a hash.
 */
export function readIdentity(text: string): Directory {
  let value: unknown;
  try {
    value = readYaml(text) ?? {};
  } catch (error) {
    throw new InvalidIdentityFile((error as Error).message.split('\n'));
  }
  const reading = new Reading();
  const whole = reading.fields('the file', value, new Set(['projects', 'users']));
  const projects = reading.items(whole.projects, 'projects').map((each) => projectOf(reading, ...each));
  const byName = new Map(projects.map((project) => [project.name, project]));
  const users = reading.items(whole.users, 'users').map((each) => userOf(reading, byName, ...each));
  reading.unique('projects', projects);
  reading.unique('users', users);
  if (reading.problems.length > 0) throw new InvalidIdentityFile(reading.problems);
  return new Directory(users, projects);
}

function projectOf(reading: Reading, where: string, value: unknown): Project {
  const fields = reading.fields(where, value, new Set(['id', 'name']));
  return plainProject(reading.id(where, fields.id), reading.name(where, fields.name));
}

const USER_FIELDS = new Set(['id', 'name', 'password', 'totp', 'enabled', 'roles', 'domain_roles', 'system_roles']);

function userOf(reading: Reading, projects: ReadonlyMap<string, Project>, where: string, value: unknown): User {
  const fields = reading.fields(where, value, USER_FIELDS);
  const roles = reading.fields(`${where}.roles`, fields.roles ?? {}, projects);
  if (fields.enabled !== undefined && typeof fields.enabled !== 'boolean') {
    reading.problems.push(`${where}.enabled must be true or false`);
  }
  const account = {
    ...plainUser(reading.id(where, fields.id), reading.name(where, fields.name), reading.hash(where, fields.password)),
    codeSecret: fields.totp === undefined ? null : reading.codeSecret(where, fields.totp),
    enabled: fields.enabled !== false,
  };
  return userWith(account, {
    projectRoles: new Map(
      Object.entries(roles).map(([name, held]) => [
        projects.get(name)?.id ?? '',
        reading.roles(`${where}.roles.${name}`, held),
      ]),
    ),
    domainRoles: reading.roles(`${where}.domain_roles`, fields.domain_roles ?? []),
    systemRoles: reading.roles(`${where}.system_roles`, fields.system_roles ?? []),
  });
}

/** Names of fields, or of projects. */
type Names = Pick<ReadonlyMap<string, unknown>, 'has' | 'keys' | 'size'>;

const choicesOf = (known: Names): string =>
  known.size > 0 ? `known are ${excerpt([...known.keys()].join(', '))}` : 'there are none';

/** Reads values and collects the problems with them. */
class Reading {
  readonly problems: string[] = [];

  fields(where: string, value: unknown, known: Names): Record<string, unknown> {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      this.problems.push(`${where} must be a mapping`);
      return {};
    }
    const unknown = Object.keys(value).filter((name) => !known.has(name));
    const fields = value as Record<string, unknown>;
    const choices = unknown.length > 0 ? choicesOf(known) : '';
    for (const name of unknown) {
      // If the colon after a name is missing, the name includes the password.
      const shown = fields[name] === null ? 'a name without a value' : name;
      this.problems.push(`${where} has ${shown}, which is not known; ${choices}`);
    }
    return fields;
  }

  items(value: unknown, where: string): [string, unknown][] {
    if (value === undefined || value === null) return [];
    if (!Array.isArray(value)) {
      this.problems.push(`${where} must be a list`);
      return [];
    }
    return value.map((each: unknown, at) => [`${where}[${at}]`, each]);
  }

  id(where: string, value: unknown): string {
    if (typeof value === 'string' && ID.test(value)) return value;
    this.problems.push(`${where}.id must be 32 hexadecimal digits in quotes, as "openssl rand -hex 16" makes them`);
    return '';
  }

  name(where: string, value: unknown): string {
    if (typeof value === 'string' && value !== '' && value.length <= 255) return value;
    this.problems.push(`${where}.name must be a text of 1 to 255 characters`);
    return '';
  }

  hash(where: string, value: unknown): string {
    try {
      checkHash(String(value));
    } catch (error) {
      this.problems.push(`${where}.password ${(error as Error).message}`);
    }
    return String(value);
  }

  codeSecret(where: string, value: unknown): string {
    if (isCodeSecret(value)) return value;
    this.problems.push(`${where}.totp must be a secret in Base32, as "latchkey user totp" makes it`);
    return '';
  }

  roles(where: string, value: unknown): string[] {
    if (Array.isArray(value) && value.every((each): each is string => typeof each === 'string')) {
      return [...new Set(value)];
    }
    this.problems.push(`${where} must be a list of role names`);
    return [];
  }

  unique(where: string, things: readonly { readonly id: string; readonly name: string }[]): void {
    for (const key of ['id', 'name'] as const) {
      const seen = new Set<string>();
      for (const each of things) {
        if (each[key] !== '' && seen.has(each[key])) {
          this.problems.push(`${where} has the ${key} ${each[key]} more than once`);
        }
        seen.add(each[key]);
      }
    }
  }
}
