import { DomainError } from '../domain/domain-error.js';
import type { Caller, Target } from '../domain/caller.js';
import { projectOf } from '../domain/keypair-owner.js';
import { Rules } from './policy-rules.js';

/** Whose guests a member may use: their own, or those of the project, as where Neutron knows instances by project. */
export type GuestMode = 'own' | 'project';

/** Nova's name for administrators. */
const ADMIN = 'context_is_admin';

const ADMIN_ONLY = `rule:${ADMIN}`;
const ADMIN_OR_OWNER = `rule:${ADMIN} or user_id:%(user_id)s`;
const ADMIN_OR_IN_PROJECT = `rule:${ADMIN} or project_id:%(project_id)s`;
/** Another member's key would reach every new guest of the project. */
const CHANGE_PROJECT_KEYPAIR = `rule:${ADMIN} or (project_id:%(project_id)s and (role:manager or (role:member and user_id:%(created_by)s)))`;
const ADMIN_OR_MANAGER = `rule:${ADMIN} or (role:manager and project_id:%(project_id)s)`;
/** Of the project. */
const ADMIN_OR_MEMBER = `rule:${ADMIN} or (role:member and project_id:%(project_id)s)`;
const USE_GUEST: Readonly<Record<GuestMode, string>> = {
  own: ADMIN_OR_OWNER,
  project: `rule:${ADMIN} or user_id:%(user_id)s or (role:member and project_id:%(project_id)s)`,
};
const CHANGE_GUEST: Readonly<Record<GuestMode, string>> = {
  own: `rule:${ADMIN} or (role:member and user_id:%(user_id)s)`,
  project: `rule:${ADMIN} or (role:member and (user_id:%(user_id)s or project_id:%(project_id)s))`,
};

/** A rule in oslo.policy's form, and the action it guards. */
type Policy = readonly [rule: string | Readonly<Record<GuestMode, string>>, description: string];

/**
 * Who may do what on each guarded route: in Nova's names (nova.policies), in Keystone's for the built-in identity, and in names of
 * our own. A caller may use their own keypairs with any role. By default who may use a keypair at os-keypairs may do so under
 * latchkey:keypairs too, also with a POLICY_FILE for Nova.
 */
const POLICIES = {
  [ADMIN]: ['role:admin', 'Who is an administrator'],
  'os_compute_api:os-keypairs:index': [ADMIN_OR_OWNER, 'List the keypairs of a user'],
  'os_compute_api:os-keypairs:create': [ADMIN_OR_OWNER, 'Create or import a keypair of a user'],
  'os_compute_api:os-keypairs:show': [ADMIN_OR_OWNER, 'Show a keypair of a user'],
  'os_compute_api:os-keypairs:delete': [ADMIN_OR_OWNER, 'Delete a keypair of a user'],
  'os_compute_api:os-quota-sets:show': [ADMIN_OR_IN_PROJECT, 'Show the quotas of a project'],
  'os_compute_api:os-quota-sets:detail': [ADMIN_OR_IN_PROJECT, 'Show the quotas of a project with their usage'],
  'os_compute_api:os-quota-sets:defaults': ['@', 'Show the default quotas'],
  'os_compute_api:os-quota-sets:update': [ADMIN_ONLY, 'Change the quotas of a project'],
  'os_compute_api:os-quota-sets:delete': [ADMIN_ONLY, 'Reset the quotas of a project'],
  'os_compute_api:limits': ['@', 'Show the limits of the own project'],
  'os_compute_api:limits:other_project': [ADMIN_ONLY, 'Show the limits of another project'],
  'os_compute_api:os-availability-zone:detail': [ADMIN_ONLY, 'List availability zones with hosts'],
  'os_compute_api:os-simple-tenant-usage:list': [ADMIN_ONLY, 'List the usage of all projects'],
  'os_compute_api:os-simple-tenant-usage:show': [ADMIN_OR_IN_PROJECT, 'Show the usage of a project'],
  'latchkey:keypairs:index': ['rule:os_compute_api:os-keypairs:index', 'Search the keypairs of a user'],
  'latchkey:keypairs:show': ['rule:os_compute_api:os-keypairs:show', 'Show a keypair with its life cycle'],
  'latchkey:keypairs:apply': [
    'rule:os_compute_api:os-keypairs:create',
    'Create a keypair of a user, or replace its key',
  ],
  'latchkey:keypairs:update': [
    'rule:os_compute_api:os-keypairs:create',
    'Change the expiry, tags, note and protection of a keypair',
  ],
  'latchkey:keypairs:delete': ['rule:os_compute_api:os-keypairs:delete', 'Delete a keypair of a user'],
  'latchkey:project-keypairs:index': [ADMIN_OR_IN_PROJECT, 'Search the keypairs of a project'],
  'latchkey:project-keypairs:show': [ADMIN_OR_IN_PROJECT, 'Show a keypair of a project'],
  'latchkey:project-keypairs:create': [ADMIN_OR_MEMBER, 'Create a keypair of a project, or share one with it'],
  'latchkey:project-keypairs:update': [CHANGE_PROJECT_KEYPAIR, 'Change a keypair of a project, or replace its key'],
  'latchkey:project-keypairs:delete': [CHANGE_PROJECT_KEYPAIR, 'Delete a keypair of a project'],
  'latchkey:guests:index': [ADMIN_OR_OWNER, 'List the guests of a user'],
  'latchkey:guests:show': [USE_GUEST, 'Show a guest'],
  'latchkey:guests:create': [
    `rule:${ADMIN} or (role:member and user_id:%(user_id)s and project_id:%(project_id)s)`,
    'Register a guest of a user in a project',
  ],
  'latchkey:guests:update': [CHANGE_GUEST, 'Change a guest'],
  'latchkey:guests:delete': [CHANGE_GUEST, 'Delete a guest'],
  'latchkey:guests:set_addresses': [ADMIN_ONLY, 'Set the addresses of a guest (unless GUEST_ADDRESSES=owner)'],
  'latchkey:guests:show_password': [USE_GUEST, 'Show the encrypted password of a guest'],
  'latchkey:guests:config_drive': [USE_GUEST, 'Download the config drive of a guest'],
  'latchkey:guests:nocloud_token': [CHANGE_GUEST, 'Create or revoke the NoCloud token of a guest'],
  'latchkey:ssh-certificates:index': [ADMIN_OR_OWNER, 'List the SSH certificates of a user'],
  'latchkey:ssh-certificates:revoke': [ADMIN_OR_OWNER, 'Revoke an SSH certificate of a user'],
  'latchkey:ssh-certificates:guest': [CHANGE_GUEST.own, 'Request an SSH certificate for a guest of a user'],
  'latchkey:ssh-certificates:project': [
    ADMIN_OR_MEMBER,
    'Request an SSH certificate for the guests of a project with ssh_access=project',
  ],
  'latchkey:ssh-certificates:principals': [ADMIN_ONLY, 'Request an SSH certificate with arbitrary principals'],
  'latchkey:events:index': [ADMIN_OR_OWNER, 'List the events of a user'],
  'latchkey:events:project': [ADMIN_OR_IN_PROJECT, 'List the events of the resources of a project'],
  'latchkey:webhooks:index': [ADMIN_OR_MANAGER, 'List the webhooks of a project'],
  'latchkey:webhooks:show': [ADMIN_OR_MANAGER, 'Show a webhook of a project and its deliveries'],
  'latchkey:webhooks:create': [ADMIN_OR_MANAGER, 'Create a webhook of a project'],
  'latchkey:webhooks:update': [ADMIN_OR_MANAGER, 'Change or test a webhook of a project, or rotate its secret'],
  'latchkey:webhooks:delete': [ADMIN_OR_MANAGER, 'Delete a webhook of a project'],
  'identity:list_users': [ADMIN_ONLY, 'List the users'],
  'identity:get_user': [ADMIN_OR_OWNER, 'Show a user'],
  'identity:list_user_projects': [ADMIN_OR_OWNER, 'List the projects of a user'],
  'identity:list_projects': [ADMIN_ONLY, 'List the projects'],
  'identity:get_project': [ADMIN_OR_OWNER, 'Show a project; its members own it'],
  'identity:list_application_credentials': [ADMIN_OR_OWNER, 'List the application credentials of a user'],
  'identity:get_application_credential': [ADMIN_OR_OWNER, 'Show an application credential'],
  'identity:create_application_credential': ['user_id:%(user_id)s', 'Create an application credential'],
  'identity:delete_application_credential': [ADMIN_OR_OWNER, 'Delete an application credential'],
  'identity:create_user': [ADMIN_ONLY, 'Create a user'],
  'identity:update_user': [ADMIN_ONLY, 'Change a user'],
  'identity:delete_user': [ADMIN_ONLY, 'Delete a user'],
  'identity:create_project': [ADMIN_ONLY, 'Create a project'],
  'identity:update_project': [ADMIN_ONLY, 'Change a project'],
  'identity:delete_project': [ADMIN_ONLY, 'Delete a project'],
  'identity:create_grant': [ADMIN_ONLY, 'Assign a role to a user in a project or the domain'],
  'identity:revoke_grant': [ADMIN_ONLY, 'Remove a role from a user in a project or the domain'],
  'identity:check_grant': [ADMIN_ONLY, 'Check whether a user has a role in a project or the domain'],
  'identity:list_grants': [ADMIN_ONLY, 'List the roles of a user in a project or the domain'],
  'identity:create_system_grant_for_user': [ADMIN_ONLY, 'Assign a role to a user on the system'],
  'identity:revoke_system_grant_for_user': [ADMIN_ONLY, 'Remove a role from a user on the system'],
  'identity:check_system_grant_for_user': [ADMIN_ONLY, 'Check whether a user has a role on the system'],
  'identity:list_system_grants_for_user': [ADMIN_ONLY, 'List the roles of a user on the system'],
  'identity:list_domains': [ADMIN_ONLY, 'List the domains'],
  'identity:get_domain': [ADMIN_OR_OWNER, 'Show a domain; every user owns their domain'],
  'identity:list_roles': [ADMIN_ONLY, 'List the roles'],
  'identity:get_role': [ADMIN_ONLY, 'Show a role'],
  'identity:list_role_inference_rules': [ADMIN_ONLY, 'List role inference rules'],
  'identity:list_role_assignments': [ADMIN_ONLY, 'List role assignments'],
  'identity:list_services': [ADMIN_ONLY, 'List the services of the catalog'],
  'identity:get_service': [ADMIN_ONLY, 'Show a service of the catalog'],
  'identity:list_endpoints': [ADMIN_ONLY, 'List the endpoints of the catalog'],
  'identity:get_endpoint': [ADMIN_ONLY, 'Show an endpoint of the catalog'],
  'identity:list_groups': [ADMIN_ONLY, 'List the groups'],
  'identity:list_groups_for_user': [ADMIN_OR_OWNER, 'List the groups of a user'],
  'identity:validate_token': [`${ADMIN_OR_OWNER} or role:service`, 'Show a token'],
  'identity:check_token': [`${ADMIN_OR_OWNER} or role:service`, 'Check a token'],
  'identity:revoke_token': [ADMIN_OR_OWNER, 'Revoke a token'],
} satisfies Record<string, Policy>;

type Action = keyof typeof POLICIES;
export type IdentityAction = Extract<Action, `identity:${string}`>;
export type GuestAction = Extract<Action, `latchkey:guests:${string}`>;
type NovaKeypairAction = Extract<Action, `os_compute_api:os-keypairs:${string}`>;
export type KeypairAction = Extract<Action, `latchkey:keypairs:${string}`>;
export type WebhookAction = Extract<Action, `latchkey:webhooks:${string}`>;

/** The rules as they are without a POLICY_FILE, with their descriptions. */
export function listPolicies(mode: GuestMode): { name: string; rule: string; description: string }[] {
  return Object.entries<Policy>(POLICIES).map(([name, [rule, description]]) => ({
    name,
    rule: typeof rule === 'string' ? rule : rule[mode],
    description,
  }));
}

/** The rules with some of them replaced, or with more that those refer to. Throws InvalidRules. */
export function rulesWith(overrides: Readonly<Record<string, string>>, mode: GuestMode = 'own'): Rules {
  const texts = Object.fromEntries(listPolicies(mode).map(({ name, rule }) => [name, rule]));
  return new Rules({ ...texts, ...overrides }, Object.keys(POLICIES));
}

/** The rules without a POLICY_FILE. */
export const DEFAULT_RULES = rulesWith({});

/** The policy allows this to others, as a rule to administrators and owners. */
export class PolicyForbids extends DomainError {
  constructor(action: Action) {
    super('policy-forbids', `Policy doesn't allow ${action} to be performed.`);
  }
}

/**
 * The user whose keypairs the caller works on: the one that was named, or the caller where none was (an empty name is none).
 * Throws {@link PolicyForbids}, whether or not the keypair exists.
 */
export function ownerFor(
  caller: Caller,
  action: KeypairAction | NovaKeypairAction,
  userId: string | undefined,
): string {
  const ownerId = userId || caller.userId;
  // What belongs to a project has routes of its own.
  if (projectOf(ownerId) !== undefined || !caller.rules.allows(action, caller, { userId: ownerId }))
    throw new PolicyForbids(action);
  return ownerId;
}

/** Throws {@link PolicyForbids}. Without a target the rule must allow the action on every one. */
export function requirePolicy(caller: Caller, action: Action, target: Target = {}): void {
  if (!caller.rules.allows(action, caller, target)) throw new PolicyForbids(action);
}
