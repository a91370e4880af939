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

export const isAdmin = (caller: Caller): boolean => caller.rules.allows('context_is_admin', caller, {});

/** Whether a caller may see and change a guest. */
export function mayUse(caller: Caller, guest: Ownership): boolean {
  return isAdmin(caller) || caller.userId === guest.userId;
}

/** Which guests a list is of; texts as sent. */
export interface GuestFilter {
  readonly user_id?: string;
  readonly all_users?: boolean;
  readonly address?: string;
  readonly marker?: string;
}

/**
 * The user whose guests are listed; undefined for those of all users, which administrators list with `all_users`, or when they
 * look for an address. Throws {@link GuestForbids}.
 */
export function listScope(caller: Caller, filter: GuestFilter): string | undefined {
  if (filter.user_id) return userFor(caller, filter.user_id);
  if (filter.all_users && !isAdmin(caller))
    throw new GuestForbids('Only administrators may list the guests of all users.');
  const ofAll = filter.all_users ?? (filter.address !== undefined && isAdmin(caller));
  return ofAll ? undefined : caller.userId;
}

/** The user whose guests are meant: the caller, or whom an administrator names. Throws {@link GuestForbids}. */
function userFor(caller: Caller, userId: string | undefined): string {
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
