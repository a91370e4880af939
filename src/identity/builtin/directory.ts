import { createHash } from 'node:crypto';
import { hashOfEachCost } from '../passwords.js';

/** The only domain of the built-in identity, named as the first one of a Keystone. */
export const DOMAIN = { id: 'default', name: 'Default' } as const;

export interface Project {
  readonly id: string;
  readonly name: string;
}

export interface User {
  readonly id: string;
  readonly name: string;
  /** See `hashPassword`. */
  readonly passwordHash: string;
  readonly enabled: boolean;
  /** Names of the roles in each project, by the project's id; with those that they imply. */
  readonly projectRoles: ReadonlyMap<string, readonly string[]>;
  readonly domainRoles: readonly string[];
  readonly systemRoles: readonly string[];
}

/** The roles that each role implies, as in a new Keystone. */
const IMPLIED: Readonly<Record<string, readonly string[]>> = { admin: ['member', 'reader'], member: ['reader'] };

/** The roles with those that they imply, each once. */
export function withImplied(roles: readonly string[]): string[] {
  return [...new Set(roles.flatMap((role) => [role, ...(IMPLIED[role] ?? [])]))];
}

/** The id of something that has only a name: 32 hexadecimal digits, the same on every replica. */
export function idOf(kind: 'role' | 'service' | 'endpoint', name: string): string {
  return createHash('sha256').update(`${kind} ${name}`).digest('hex').slice(0, 32);
}

/** The users and projects of the identity file, as they were when it was read. */
export class Directory {
  /** The hashes that the password of an unknown user is checked against. */
  readonly hashOfEachCost: readonly string[];
  private readonly usersById: ReadonlyMap<string, User>;
  private readonly usersByName: ReadonlyMap<string, User>;
  private readonly projectsById: ReadonlyMap<string, Project>;
  private readonly projectsByName: ReadonlyMap<string, Project>;

  constructor(
    readonly users: readonly User[],
    readonly projects: readonly Project[],
  ) {
    this.hashOfEachCost = hashOfEachCost(users.map(({ passwordHash }) => passwordHash));
    this.usersById = new Map(users.map((user) => [user.id, user]));
    this.usersByName = new Map(users.map((user) => [user.name, user]));
    this.projectsById = new Map(projects.map((project) => [project.id, project]));
    this.projectsByName = new Map(projects.map((project) => [project.name, project]));
  }

  user(id: string): User | undefined {
    return this.usersById.get(id);
  }

  userNamed(name: string): User | undefined {
    return this.usersByName.get(name);
  }

  project(id: string): Project | undefined {
    return this.projectsById.get(id);
  }

  projectNamed(name: string): Project | undefined {
    return this.projectsByName.get(name);
  }

  /** The projects that a user has a role in. */
  projectsOf(user: User): Project[] {
    return this.projects.filter(({ id }) => (user.projectRoles.get(id) ?? []).length > 0);
  }

  /** The names of all assigned roles, and of those that clients look for. */
  roleNames(): string[] {
    const held = this.users.flatMap((user) => [
      ...[...user.projectRoles.values()].flat(),
      ...user.domainRoles,
      ...user.systemRoles,
    ]);
    return [...new Set(['admin', 'member', 'reader', ...held])];
  }
}
