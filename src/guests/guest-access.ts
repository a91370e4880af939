import type { Config } from '../config/config.js';
import { DomainError } from '../domain/domain-error.js';
import type { Caller } from '../domain/caller.js';
import { requirePolicy } from '../policy/policy.js';

/** The owner and the project of a guest. */
export interface Ownership {
  readonly userId: string;
  readonly projectId: string;
}

export const isAdmin = (caller: Caller): boolean => caller.rules.allows('context_is_admin', caller, {});

/** The filter of a list; texts as sent. */
export interface GuestFilter {
  readonly user_id?: string;
  readonly all_users?: boolean;
  readonly address?: string;
  readonly key_name?: string;
  readonly marker?: string;
}

/**
 * The user whose guests are listed; undefined for those of all users, which administrators list with `all_users`, or when they
 * look for an address. Throws PolicyForbids.
 */
export function listScope(caller: Caller, filter: GuestFilter): string | undefined {
  const ofAll = filter.all_users ?? (filter.address !== undefined && isAdmin(caller));
  const userId = filter.user_id || (ofAll ? undefined : caller.userId);
  requirePolicy(caller, 'latchkey:guests:index', { userId });
  return userId;
}

/**
 * The owner and project of a new guest: the caller and the project of the token, or those that an administrator names. Throws
 * DomainError `no-project` or PolicyForbids.
 */
export function ownershipFor(caller: Caller, requested: { user_id?: string; project_id?: string }): Ownership {
  const projectId = requested.project_id ?? caller.projectId;
  if (projectId === undefined)
    throw new DomainError('no-project', 'A guest needs a project. Log in with a project as scope.');
  const ownership = { userId: requested.user_id || caller.userId, projectId };
  requirePolicy(caller, 'latchkey:guests:create', ownership);
  return ownership;
}

/**
 * Throws PolicyForbids if a caller may not set the addresses of a guest. A caller who may can get root on any machine at its next
 * boot, so among users who do not trust each other only administrators may.
 */
export function requireAddresses(caller: Caller, guest: Ownership, { authMode, guestAddresses }: Config): void {
  if (authMode === 'none' || guestAddresses === 'owner') return;
  requirePolicy(caller, 'latchkey:guests:set_addresses', guest);
}
