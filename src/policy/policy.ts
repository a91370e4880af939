import { DomainError } from '../domain/domain-error.js';
import type { Caller } from '../domain/caller.js';
import { Rules } from './policy-rules.js';

/** What is guarded by user, in Nova's names (nova.policies.keypairs). */
export type PolicyAction = `os_compute_api:os-keypairs:${'index' | 'create' | 'show' | 'delete'}`;

/** What is guarded by project and not by user (nova.policies.quota_sets and .limits). */
export type ProjectPolicyAction =
  | `os_compute_api:os-quota-sets:${'show' | 'detail' | 'defaults' | 'update' | 'delete'}`
  | `os_compute_api:limits${'' | ':other_project'}`;

type Action = PolicyAction | ProjectPolicyAction;

/** The name that Nova has for administrators. */
const ADMIN = 'context_is_admin';

const ADMIN_OR_OWNER = `rule:${ADMIN} or user_id:%(user_id)s`;
const ADMIN_OR_IN_PROJECT = `rule:${ADMIN} or project_id:%(project_id)s`;

/** Who may do what with whose keypairs, and with which project. The roles of a caller say nothing about their own keypairs. */
const NOVA_RULES: Readonly<Record<Action | typeof ADMIN, string>> = {
  [ADMIN]: 'role:admin',
  'os_compute_api:os-keypairs:index': ADMIN_OR_OWNER,
  'os_compute_api:os-keypairs:create': ADMIN_OR_OWNER,
  'os_compute_api:os-keypairs:show': ADMIN_OR_OWNER,
  'os_compute_api:os-keypairs:delete': ADMIN_OR_OWNER,
  'os_compute_api:os-quota-sets:show': ADMIN_OR_IN_PROJECT,
  'os_compute_api:os-quota-sets:detail': ADMIN_OR_IN_PROJECT,
  'os_compute_api:os-quota-sets:defaults': '@',
  'os_compute_api:os-quota-sets:update': `rule:${ADMIN}`,
  'os_compute_api:os-quota-sets:delete': `rule:${ADMIN}`,
  'os_compute_api:limits': '@',
  'os_compute_api:limits:other_project': `rule:${ADMIN}`,
};

/** Nova's rules with some of them replaced, or with more that those refer to. Throws InvalidRules. */
export function rulesWith(overrides: Readonly<Record<string, string>>): Rules {
  return new Rules({ ...NOVA_RULES, ...overrides }, Object.keys(NOVA_RULES));
}

/** Nova's rules as they are. */
export const DEFAULT_RULES = rulesWith({});

/** The policy allows this to others, as a rule to administrators and owners. */
export class PolicyForbids extends DomainError {
  constructor(action: Action) {
    super('forbidden', `Policy doesn't allow ${action} to be performed.`);
  }
}

/**
 * The user whose keypairs the caller works on: the one that was named, or the caller where none was (an empty name is none).
 * Throws {@link PolicyForbids}, whether or not what was asked for exists.
 */
export function ownerFor(caller: Caller, action: PolicyAction, userId: string | undefined): string {
  const ownerId = userId || caller.userId;
  if (!caller.rules.allows(action, caller, { userId: ownerId })) throw new PolicyForbids(action);
  return ownerId;
}

/** Throws {@link PolicyForbids} where the caller may not do this with that project, whether or not there is such a project. */
export function requireForProject(caller: Caller, action: ProjectPolicyAction, projectId: string): void {
  if (!caller.rules.allows(action, caller, { projectId })) throw new PolicyForbids(action);
}
