import type { StoredCredential } from '../../persistence/application-credential.repository.js';
import type { User } from './directory.js';

/**
 * The roles that an application credential gives its user; undefined once it has expired, and while the user is disabled or lacks one
 * of them in its project.
 */
export function rolesOfCredential(user: User, credential: StoredCredential): readonly string[] | undefined {
  const held = user.projectRoles.get(credential.projectId) ?? [];
  const isLive = user.enabled && user.id === credential.userId && Date.now() < expiryOf(credential);
  return isLive && credential.roles.every((role) => held.includes(role)) ? credential.roles : undefined;
}

/** When a credential expires, in milliseconds since 1970. */
export function expiryOf({ expiresAt }: StoredCredential): number {
  return expiresAt === null ? Infinity : Date.parse(`${expiresAt}Z`);
}
