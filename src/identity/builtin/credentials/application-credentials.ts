import { Injectable } from '@nestjs/common';
import type { Requester } from '../../../domain/caller.js';
import { badRequest, KeystoneFault, notAuthorized, notFound } from '../../../http/faults/keystone-fault.js';
import {
  ApplicationCredentialRepository,
  type StoredCredential,
} from '../../../persistence/repositories/application-credential.repository.js';
import type { CredentialRequest, NamedRole } from './credential-request.js';
import { chosenSecret, newSecret } from './credential-secret.js';
import { idOf } from '../directory/directory.js';
import { newId } from '../store/first-start.js';
import { IdentityStore } from '../store/identity-store.js';
import { type Grant, Tokens } from '../log-in/tokens.js';

/** How many application credentials a user may have. */
export const MAX_CREDENTIALS = 50;

/** The application credentials of the users. Keystone's messages, each of which names its cause. */
@Injectable()
export class ApplicationCredentials {
  constructor(
    private readonly store: IdentityStore,
    private readonly credentials: ApplicationCredentialRepository,
    private readonly tokens: Tokens,
  ) {}

  /**
   * Creates one for the holder of a token, in its project; with its secret, which is shown once. Throws a KeystoneFault: 400 for roles
   * that the token does not have, 403 for a restricted token, one without a project, and beyond {@link MAX_CREDENTIALS}, 404 for an
   * unknown role, 409 for a name in use.
   */
  async create(holder: Grant, request: CredentialRequest, by: Requester): Promise<[StoredCredential, secret: string]> {
    requireUnrestricted(holder);
    const { user, scope } = holder;
    if (scope.kind !== 'project') {
      throw notAuthorized(
        'an application credential belongs to a project, and the token has none. Log in with a project as scope.',
      );
    }
    const roles = this.rolesFor(holder, request.roles);
    const { secret, hash } = request.secret === undefined ? newSecret() : await chosenSecret(request.secret);
    const { name, description, expiresAt, unrestricted } = request;
    const credential = { id: newId(), userId: user.id, projectId: scope.project.id, name, description, expiresAt };
    const made = await this.credentials.add(
      { ...credential, unrestricted, roles, secretHash: hash },
      MAX_CREDENTIALS,
      by,
    );
    if (made === 'full') {
      throw new KeystoneFault(
        'forbidden',
        `Unable to create additional application credentials, maximum of ${MAX_CREDENTIALS} already exceeded for user.`,
      );
    }
    if (made === 'taken') {
      throw new KeystoneFault(
        'conflict',
        `Conflict occurred attempting to store application_credential - Duplicate entry found with name ${name}.`,
      );
    }
    return [made, secret];
  }

  /** The credentials of a user, by name. */
  list(userId: string): Promise<StoredCredential[]> {
    return this.credentials.list(userId);
  }

  /** One of a user. Throws a KeystoneFault, 404, also for one of another user. */
  async show(userId: string, id: string): Promise<StoredCredential> {
    const credential = await this.credentials.find(id);
    if (credential?.userId !== userId) throw notFound(`Application Credential: ${id}`);
    return credential;
  }

  /** Deletes a credential of a user, which invalidates its tokens on every replica. Throws a KeystoneFault, 403 or 404. */
  async remove(holder: Grant, userId: string, id: string, by: Requester): Promise<void> {
    requireUnrestricted(holder);
    if (!(await this.credentials.remove(id, userId, by))) throw notFound(`Application Credential: ${id}`);
    this.tokens.forget(id);
  }

  /** The names of the requested roles, which the token must have: a narrow token makes no wider credential. */
  private rolesFor({ roles }: Grant, requested: readonly NamedRole[]): readonly string[] {
    if (requested.length === 0) return roles;
    const named = requested.map((role) => {
      if ('id' in role) return roles.find((name) => idOf('role', name) === role.id);
      if (!this.store.current().roleNames().includes(role.name)) {
        throw new KeystoneFault('not-found', `Role ${role.name} is not defined`);
      }
      return roles.find((name) => name === role.name);
    });
    const held = named.filter((name) => name !== undefined);
    if (held.length === named.length) return [...new Set(held)];
    throw badRequest('Invalid application credential: Cannot create an application credential with unassigned role');
  }
}

/** A restricted application credential must not outlive its deletion by others that it makes. */
function requireUnrestricted({ credential }: Grant): void {
  if (!credential || credential.unrestricted) return;
  throw notAuthorized(
    "Using method 'application_credential' is not allowed for managing additional application credentials.",
  );
}
