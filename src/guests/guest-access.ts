import type { Config } from '../config/config.js';
import { DomainError } from '../domain/domain-error.js';
import type { Caller } from '../domain/caller.js';

/** What a caller who is no administrator may not do with guests. */
export class GuestForbids extends DomainError {
  constructor(says: string) {
    super('forbidden', says);
  }
}

/** Whose a guest is. */
export interface Ownership {
  readonly userId: string;
  readonly projectId: string;
}

const isAdmin = (caller: Caller): boolean => caller.rules.allows('context_is_admin', caller, {});

/** Whether a caller may see and change a guest. */
export function mayUse(caller: Caller, guest: Ownership): boolean {
  return isAdmin(caller) || caller.userId === guest.userId;
}

/** The user whose guests are meant: the caller, or whom an administrator names. Throws {@link GuestForbids}. */
export function userFor(caller: Caller, userId: string | undefined): string {
  if (!userId || userId === caller.userId) return caller.userId;
  if (!isAdmin(caller)) throw new GuestForbids("Only administrators may work on another user's guests.");
  return userId;
}

/**
 * Whose a new guest is: the caller's in the project of the token, or whose an administrator says. Throws {@link GuestForbids}.
 */
export function ownershipFor(caller: Caller, wanted: { user_id?: string; project_id?: string }): Ownership {
  const projectId = wanted.project_id ?? caller.projectId;
  if (projectId === undefined) throw new GuestForbids('A guest is of a project, and the token is for none.');
  if (projectId !== caller.projectId && !isAdmin(caller)) {
    throw new GuestForbids('Only administrators may register guests of another project.');
  }
  return { userId: userFor(caller, wanted.user_id), projectId };
}

/**
 * Throws {@link GuestForbids} where a caller may not say which addresses a guest has. Who may gets root on whatever is behind
 * an address, at its next boot; so among users who do not trust each other only administrators may.
 */
export function requireAddresses(caller: Caller, { authMode, guestAddresses }: Config): void {
  if (authMode === 'none' || guestAddresses === 'owner' || isAdmin(caller)) return;
  throw new GuestForbids('Only administrators may say which addresses a guest has (GUEST_ADDRESSES).');
}
