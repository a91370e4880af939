import { DomainError } from '../errors/domain-error.js';
import type { Caller } from './caller.js';

/** What a policy rule guards, in Nova's names (nova.policies.keypairs). */
export type PolicyAction = `os_compute_api:os-keypairs:${'index' | 'create' | 'show' | 'delete'}`;

/** What is guarded by project and not by user (nova.policies.quota_sets and .limits). */
export type ProjectPolicyAction =
  | `os_compute_api:os-quota-sets:${'show' | 'detail' | 'defaults' | 'update' | 'delete'}`
  | `os_compute_api:limits${'' | ':other_project'}`;

export class PolicyForbids extends DomainError {
  constructor(action: PolicyAction | ProjectPolicyAction) {
    super('forbidden', `Policy doesn't allow ${action} to be performed.`);
  }
}

const isAdmin = (caller: Caller): boolean => caller.roles.includes('admin');
const isOwner = (caller: Caller, ownerId: string): boolean => caller.userId === ownerId;
const adminOrOwner = (caller: Caller, ownerId: string): boolean => isAdmin(caller) || isOwner(caller, ownerId);

/** Who may do what with whose keypairs. The roles of a caller say nothing about their own. */
const RULES: Record<PolicyAction, (caller: Caller, ownerId: string) => boolean> = {
  'os_compute_api:os-keypairs:index': adminOrOwner,
  'os_compute_api:os-keypairs:create': adminOrOwner,
  'os_compute_api:os-keypairs:show': adminOrOwner,
  'os_compute_api:os-keypairs:delete': adminOrOwner,
};

/**
 * The user whose keypairs the caller works on: the one that was named, or the caller where none was (an empty name is none).
 * Throws {@link PolicyForbids}, whether or not what was asked for exists.
 */
export function ownerFor(caller: Caller, action: PolicyAction, userId: string | undefined): string {
  const ownerId = userId || caller.userId;
  if (!RULES[action](caller, ownerId)) throw new PolicyForbids(action);
  return ownerId;
}

const anybody = (): boolean => true;
const adminOrInProject = (caller: Caller, projectId: string): boolean =>
  isAdmin(caller) || caller.projectId === projectId;

/** Who may see and change what of which project. */
const PROJECT_RULES: Record<ProjectPolicyAction, (caller: Caller, projectId: string) => boolean> = {
  'os_compute_api:os-quota-sets:show': adminOrInProject,
  'os_compute_api:os-quota-sets:detail': adminOrInProject,
  'os_compute_api:os-quota-sets:defaults': anybody,
  'os_compute_api:os-quota-sets:update': isAdmin,
  'os_compute_api:os-quota-sets:delete': isAdmin,
  'os_compute_api:limits': anybody,
  'os_compute_api:limits:other_project': isAdmin,
};

/** Throws {@link PolicyForbids} where the caller may not do this with that project, whether or not there is such a project. */
export function requireForProject(caller: Caller, action: ProjectPolicyAction, projectId: string): void {
  if (!PROJECT_RULES[action](caller, projectId)) throw new PolicyForbids(action);
}
