import { excerpt } from '../../../domain/excerpt.js';
import { KeystoneFault, notAuthorized, notFound } from '../../../http/faults/keystone-fault.js';
import type {
  Changes,
  IdentityRepository,
  StoredProject,
} from '../../../persistence/repositories/identity.repository.js';
import type { LoginThrottle } from '../../login-throttle.js';
import { hashPassword, verifyInEqualTime } from '../../passwords.js';
import type { UserChanges } from './administration-request.js';
import type { DatabaseStore } from '../store/database-store.js';
import {
  type Account,
  DOMAIN,
  idOf,
  plainProject,
  plainUser,
  type Project,
  SYSTEM,
  type User,
} from '../directory/directory.js';
import { newId } from '../store/first-start.js';
import type { IdentityStore } from '../store/identity-store.js';

/** Where a role is assigned. */
export type Place =
  | { readonly kind: 'project'; readonly id: string }
  | { readonly kind: 'domain'; readonly id: string }
  | { readonly kind: 'system' };

/**
 * Changes users, projects and their roles in the database. A method resolves after this replica knows the change; the others hear of it.
 * Keystone's messages.
 */
export class Administration {
  constructor(
    private readonly store: IdentityStore,
    /** Undefined with IDENTITY_STORE=file, where nothing can be changed. */
    private readonly database: { readonly identities: IdentityRepository; readonly store: DatabaseStore } | undefined,
    private readonly throttle: LoginThrottle,
  ) {}

  /** Throws a KeystoneFault, 403, if the users are those of a file. */
  requireWritable(): void {
    this.writable();
  }

  /** Throws a KeystoneFault, 409, for a name in use. */
  async createUser(request: UserChanges & { readonly name: string }): Promise<Account> {
    const { password, ...fields } = request;
    const passwordHash = typeof password === 'string' ? await hashPassword(password) : null;
    const account = { ...plainUser(newId(), fields.name, passwordHash), ...fields };
    const made = await this.change((identities) => identities.addUser(account));
    if (made === 'taken') throw takenUser(`${account.name} at domain ID ${DOMAIN.id}`);
    return account;
  }

  /** Throws a KeystoneFault: 404, or 409 for a name in use. A new password, and `enabled: false`, end the tokens of the user. */
  async changeUser(id: string, { password, ...changes }: UserChanges): Promise<User> {
    const passwordHash = typeof password === 'string' ? await hashPassword(password) : password;
    const made = await this.change((identities) =>
      identities.changeUser(id, { ...changes, ...(passwordHash !== undefined && { passwordHash }) }),
    );
    if (made === 'taken') throw takenUser(changes.name!);
    return this.store.user(id);
  }

  /** Deletes a user with the roles and application credentials. Throws a KeystoneFault, 404. */
  async removeUser(id: string): Promise<void> {
    if (!(await this.change((identities) => identities.removeUser(id)))) throw notFound(`user: ${id}`);
  }

  /** Replaces the password. Returns false if the given one is wrong. Throws a KeystoneFault, 429, after many failures. */
  async changePassword(id: string, before: string, after: string, address: string): Promise<boolean> {
    const hash = this.passwordHash(id);
    if (!(await this.checkPassword(id, before, address)) || hash === undefined) return false;
    const newHash = await hashPassword(after);
    return this.change((identities) => identities.replacePassword(id, hash, newHash));
  }

  /** Whether it is the password of the user. Throws a KeystoneFault, 429, after many failures. */
  checkPassword(id: string, password: string, address: string): Promise<boolean> {
    const [hash, { hashOfEachCost }] = [this.passwordHash(id), this.store.current()];
    return this.throttle.attempt(id, address, () => verifyInEqualTime(password, hash, hashOfEachCost));
  }

  /** Sets the secret of the one-time codes of a user; null removes it. */
  async changeCodeSecret(id: string, codeSecret: string | null): Promise<void> {
    await this.change((identities) => identities.changeUser(id, { codeSecret }));
  }

  /** Throws a KeystoneFault, 409, for a name in use. */
  async createProject(request: Changes<StoredProject> & { readonly name: string }): Promise<Project> {
    const project = { ...plainProject(newId(), request.name), ...request };
    const made = await this.change((identities) => identities.addProject(project));
    if (made === 'taken') throw takenProject(project.name);
    return project;
  }

  /** Throws a KeystoneFault: 404, or 409 for a name in use. `enabled: false` ends the tokens for the project. */
  async changeProject(id: string, changes: Changes<StoredProject>): Promise<Project> {
    this.store.project(id);
    const made = await this.change((identities) => identities.changeProject(id, changes));
    if (made === 'taken') throw takenProject(changes.name!);
    return this.store.project(id);
  }

  /** Deletes a project with all roles in it; keypairs belong to users, and stay. Throws a KeystoneFault, 404. */
  async removeProject(id: string): Promise<void> {
    if (!(await this.change((identities) => identities.removeProject(id)))) throw notFound(`project: ${id}`);
  }

  /** Throws a KeystoneFault, 404. */
  async assign(place: Place, userId: string, roleId: string): Promise<void> {
    const role = this.role(roleId);
    this.store.user(userId);
    const target = this.target(place);
    await this.change((identities) => identities.assign({ userId, target, role }));
  }

  /** Throws a KeystoneFault, 404, also for a role that the user does not have there. */
  async unassign(place: Place, userId: string, roleId: string): Promise<void> {
    this.requireAssigned(place, userId, roleId);
    const role = this.role(roleId);
    const target = this.target(place);
    const gone = await this.change((identities) => identities.unassign({ userId, target, role }));
    if (!gone) throw notAssigned(place, userId, roleId);
  }

  /** Throws a KeystoneFault, 404, if the role itself is not assigned to the user there. */
  requireAssigned(place: Place, userId: string, roleId: string): void {
    const role = this.role(roleId);
    const user = this.store.current().user(userId);
    this.target(place);
    if (!user || !assignedAt(place, user).includes(role)) throw notAssigned(place, userId, roleId);
  }

  /** The names of the roles that were assigned to a user there. Throws a KeystoneFault, 404. */
  assigned(place: Place, userId: string): readonly string[] {
    this.target(place);
    return assignedAt(place, this.store.user(userId));
  }

  private passwordHash(id: string): string | undefined {
    const user = this.store.current().user(id);
    return (user?.enabled && user.passwordHash) || undefined;
  }

  private role(id: string): string {
    const name = this.store
      .current()
      .roleNames()
      .find((each) => idOf('role', each) === id);
    if (name === undefined) throw notFound(`role: ${id}`);
    return name;
  }

  /** How the database names a place. Throws a KeystoneFault, 404. */
  private target(place: Place): string {
    if (place.kind === 'system') return SYSTEM;
    if (place.kind === 'project') return this.store.project(place.id).id;
    if (place.id !== DOMAIN.id) throw notFound(`domain: ${place.id}`);
    return DOMAIN.id;
  }

  /** Changes the database, and then what this replica knows. */
  private async change<T>(write: (identities: IdentityRepository) => Promise<T>): Promise<T> {
    const { identities, store } = this.writable();
    const outcome = await write(identities);
    await store.reload();
    return outcome;
  }

  private writable(): NonNullable<Administration['database']> {
    if (this.database) return this.database;
    throw notAuthorized('the users are in a file, which this API does not change (IDENTITY_STORE=file)');
  }
}

function assignedAt(place: Place, { assigned }: User): readonly string[] {
  if (place.kind === 'project') return assigned.projectRoles.get(place.id) ?? [];
  return place.kind === 'domain' ? assigned.domainRoles : assigned.systemRoles;
}

function takenUser(what: string): KeystoneFault {
  return new KeystoneFault(
    'conflict',
    `Conflict occurred attempting to store user - Duplicate entry found with name ${excerpt(what)}.`,
  );
}

function takenProject(name: string): KeystoneFault {
  return new KeystoneFault(
    'conflict',
    `Conflict occurred attempting to store project - it is not permitted to have two projects with the same name in the same domain: name is ${excerpt(name)}.`,
  );
}

function notAssigned(place: Place, userId: string, roleId: string): KeystoneFault {
  const where = place.kind === 'system' ? SYSTEM : excerpt(place.id);
  return new KeystoneFault(
    'not-found',
    `Could not find role assignment with role: ${excerpt(roleId)}, user or group: ${excerpt(userId)}, project, domain, or system: ${where}.`,
  );
}
