import { hash } from 'node:crypto';
import type {
  StoredAssignment,
  StoredIdentity,
  StoredProject,
  StoredUser,
} from '../../../persistence/repositories/identity.repository.js';
import { hashOfEachCost } from '../../passwords.js';

/** The only domain of the built-in identity, named as the first one of a Keystone. */
export const DOMAIN = { id: 'default', name: 'Default' } as const;

export type Project = StoredProject;

/** A user without roles. */
export type Account = StoredUser;

/** Names of roles. */
export interface Roles {
  /** By the id of the project. */
  readonly projectRoles: ReadonlyMap<string, readonly string[]>;
  readonly domainRoles: readonly string[];
  readonly systemRoles: readonly string[];
}

/** An account with its roles and those that they imply. */
export interface User extends Account, Roles {
  /** The roles that were assigned. */
  readonly assigned: Roles;
}

/** The roles of a new Keystone, which nothing can change. */
export const BOOTSTRAP_ROLES: readonly string[] = ['admin', 'manager', 'member', 'reader'];

/** The role that each role implies, as in a new Keystone. */
export const IMPLIED_ROLES: ReadonlyMap<string, string> = new Map([
  ['admin', 'member'],
  ['manager', 'member'],
  ['member', 'reader'],
]);

/** The roles with those that they imply, each once. */
function addImpliedRoles(roles: readonly string[]): string[] {
  const all = new Set(roles);
  // A set goes on to what was added during the iteration.
  for (const role of all) {
    const implied = IMPLIED_ROLES.get(role);
    if (implied !== undefined) all.add(implied);
  }
  return [...all];
}

export function userWith(account: Account, assigned: Roles): User {
  return {
    ...account,
    assigned,
    projectRoles: new Map([...assigned.projectRoles].map(([id, roles]) => [id, addImpliedRoles(roles)])),
    domainRoles: addImpliedRoles(assigned.domainRoles),
    systemRoles: addImpliedRoles(assigned.systemRoles),
  };
}

/**
 * What tokens of a user hold, so that they end with a new password and when the user is disabled: a hash of the salted hash, which
 * reveals nothing.
 */
export function tokenMark({ passwordHash, timesDisabled = 0 }: Account): string {
  const suffix = timesDisabled === 0 ? '' : ` ${timesDisabled}`;
  return hash('sha256', (passwordHash ?? '') + suffix, 'base64url').slice(0, 16);
}

/** The id of something that has only a name: 32 hexadecimal digits, the same on every replica. */
export function idOf(kind: 'role' | 'service' | 'endpoint', name: string): string {
  return hash('sha256', `${kind} ${name}`, 'hex').slice(0, 32);
}

/** A user with nothing but a name and a password. */
export const plainUser = (id: string, name: string, passwordHash: string | null): Account => ({
  id,
  name,
  passwordHash,
  codeSecret: null,
  enabled: true,
  defaultProjectId: null,
  extra: {},
});

/** A project with nothing but a name. */
export const plainProject = (id: string, name: string): Project => ({
  id,
  name,
  enabled: true,
  description: '',
  tags: [],
  extra: {},
});

/** What assignments on the whole system have in place of an id. */
export const SYSTEM = 'system';

/** The users and projects of the identity file or the database, as they were when they were read. */
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
    this.hashOfEachCost = hashOfEachCost(users.flatMap(({ passwordHash }) => passwordHash ?? []));
    this.usersById = new Map(users.map((user) => [user.id, user]));
    this.usersByName = new Map(users.map((user) => [user.name, user]));
    this.projectsById = new Map(projects.map((project) => [project.id, project]));
    this.projectsByName = new Map(projects.map((project) => [project.name, project]));
  }

  /** The directory of what the database holds. */
  static of({ users, projects, assignments }: StoredIdentity): Directory {
    const byUser = new Map<string, Map<string, string[]>>();
    for (const { userId, target, role } of assignments) {
      const byTarget = byUser.get(userId) ?? new Map<string, string[]>();
      byUser.set(userId, byTarget.set(target, [...(byTarget.get(target) ?? []), role]));
    }
    const known = new Set(projects.map(({ id }) => id));
    return new Directory(
      users.map((user) => {
        const byTarget = byUser.get(user.id) ?? new Map<string, string[]>();
        const rolesAt = (target: string): string[] => byTarget.get(target) ?? [];
        // A project that is deleted while a role in it is assigned leaves the role behind.
        const projectIds = [...byTarget.keys()].filter((target) => known.has(target));
        return userWith(user, {
          projectRoles: new Map(projectIds.map((id) => [id, rolesAt(id)])),
          domainRoles: rolesAt(DOMAIN.id),
          systemRoles: rolesAt(SYSTEM),
        });
      }),
      projects,
    );
  }

  /** What the database is to hold. */
  toStored(): StoredIdentity {
    const users = this.users.map(({ id, name, passwordHash, codeSecret, enabled, defaultProjectId, extra }) => {
      return { id, name, passwordHash, codeSecret, enabled, defaultProjectId, extra };
    });
    const assignments = this.users.flatMap(({ id: userId, assigned }): StoredAssignment[] => {
      const at = (target: string, roles: readonly string[]) => roles.map((role) => ({ userId, target, role }));
      return [
        ...[...assigned.projectRoles].flatMap(([id, roles]) => at(id, roles)),
        ...at(DOMAIN.id, assigned.domainRoles),
        ...at(SYSTEM, assigned.systemRoles),
      ];
    });
    return { users, projects: this.projects, assignments };
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
    const held = this.users.flatMap(({ projectRoles, domainRoles, systemRoles }) => [
      ...[...projectRoles.values()].flat(),
      ...domainRoles,
      ...systemRoles,
    ]);
    return [...new Set([...BOOTSTRAP_ROLES, ...held])];
  }
}
