import { DomainError } from '../domain/domain-error.js';
import type { Caller, Target } from '../domain/caller.js';
import { projectOf } from '../domain/keypair-owner.js';
import { Rules } from './policy-rules.js';

/** What is guarded by user, in Nova's names (nova.policies.keypairs). */
export type PolicyAction = `os_compute_api:os-keypairs:${'index' | 'create' | 'show' | 'delete'}`;

/** What is guarded by project and not by user (nova.policies.quota_sets, .limits and .simple_tenant_usage). */
export type ProjectPolicyAction =
  | `os_compute_api:os-quota-sets:${'show' | 'detail' | 'defaults' | 'update' | 'delete'}`
  | 'os_compute_api:os-simple-tenant-usage:show'
  | `os_compute_api:limits${'' | ':other_project'}`;

/** What is guarded whatever it is about (nova.policies.availability_zone and .simple_tenant_usage). */
export type SystemPolicyAction =
  'os_compute_api:os-availability-zone:detail' | 'os_compute_api:os-simple-tenant-usage:list';

/** What is guarded in the built-in identity, in Keystone's names. */
export type IdentityAction = `identity:${
  | `list_${'users' | 'projects' | 'domains' | 'roles' | 'role_assignments' | 'role_inference_rules' | 'user_projects'}`
  | `list_${'services' | 'endpoints' | 'groups' | 'groups_for_user'}`
  | `get_${'user' | 'project' | 'domain' | 'role' | 'service' | 'endpoint'}`
  | 'list_application_credentials'
  | `${'get' | 'create' | 'delete'}_application_credential`
  | `${'create' | 'update' | 'delete'}_${'user' | 'project'}`
  | `${'create' | 'revoke' | 'check'}_grant`
  | 'list_grants'
  | `${'create' | 'revoke' | 'check'}_system_grant_for_user`
  | 'list_system_grants_for_user'
  | `${'validate' | 'check' | 'revoke'}_token`}`;

export type GuestAction = `latchkey:guests:${
  | 'index'
  | 'show'
  | 'create'
  | 'update'
  | 'delete'
  | 'set_addresses'
  | 'show_password'
  | 'config_drive'
  | 'nocloud_token'}`;

/** The life of keypairs. By default who may use a keypair at os-keypairs may do so here, also under a POLICY_FILE for Nova. */
export type KeypairAction = `latchkey:keypairs:${'index' | 'show' | 'apply' | 'update' | 'delete'}`;

/** The keypairs of a project. */
export type ProjectKeypairAction = `latchkey:project-keypairs:${'index' | 'show' | 'create' | 'update' | 'delete'}`;

/** SSH certificates. `guest` and `project` are about whom they let in, and never about whose keypair is certified. */
export type CertificateAction = `latchkey:ssh-certificates:${'index' | 'guest' | 'project' | 'principals' | 'revoke'}`;

/** Events of changes. `project` is about what a project owns: its keypairs and limits. */
export type EventAction = `latchkey:events:${'index' | 'project'}`;

/** Webhooks of a project, and those of all projects. */
export type WebhookAction = `latchkey:webhooks:${'index' | 'show' | 'create' | 'update' | 'delete'}`;

type Action =
  | EventAction
  | WebhookAction
  | CertificateAction
  | KeypairAction
  | ProjectKeypairAction
  | PolicyAction
  | ProjectPolicyAction
  | SystemPolicyAction
  | IdentityAction
  | GuestAction;

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
const USE_GUEST: Readonly<Record<GuestMode, string>> = {
  own: ADMIN_OR_OWNER,
  project: `rule:${ADMIN} or user_id:%(user_id)s or (role:member and project_id:%(project_id)s)`,
};
const CHANGE_GUEST: Readonly<Record<GuestMode, string>> = {
  own: `rule:${ADMIN} or (role:member and user_id:%(user_id)s)`,
  project: `rule:${ADMIN} or (role:member and (user_id:%(user_id)s or project_id:%(project_id)s))`,
};

/** One rule, and the action it guards. */
export interface Policy {
  readonly rule: string | Readonly<Record<GuestMode, string>>;
  readonly description: string;
}

/** Who may do what on each guarded route. A caller may use their own keypairs with any role. */
const POLICIES: Readonly<Record<Action | typeof ADMIN, Policy>> = {
  [ADMIN]: { rule: 'role:admin', description: 'Who is an administrator' },
  'os_compute_api:os-keypairs:index': { rule: ADMIN_OR_OWNER, description: 'List the keypairs of a user' },
  'os_compute_api:os-keypairs:create': { rule: ADMIN_OR_OWNER, description: 'Create or import a keypair of a user' },
  'os_compute_api:os-keypairs:show': { rule: ADMIN_OR_OWNER, description: 'Show a keypair of a user' },
  'os_compute_api:os-keypairs:delete': { rule: ADMIN_OR_OWNER, description: 'Delete a keypair of a user' },
  'os_compute_api:os-quota-sets:show': { rule: ADMIN_OR_IN_PROJECT, description: 'Show the quotas of a project' },
  'os_compute_api:os-quota-sets:detail': {
    rule: ADMIN_OR_IN_PROJECT,
    description: 'Show the quotas of a project with their use',
  },
  'os_compute_api:os-quota-sets:defaults': { rule: '@', description: 'Show the default quotas' },
  'os_compute_api:os-quota-sets:update': { rule: ADMIN_ONLY, description: 'Change the quotas of a project' },
  'os_compute_api:os-quota-sets:delete': { rule: ADMIN_ONLY, description: 'Reset the quotas of a project' },
  'os_compute_api:limits': { rule: '@', description: 'Show the limits of the own project' },
  'os_compute_api:limits:other_project': { rule: ADMIN_ONLY, description: 'Show the limits of another project' },
  'os_compute_api:os-availability-zone:detail': { rule: ADMIN_ONLY, description: 'List availability zones with hosts' },
  'os_compute_api:os-simple-tenant-usage:list': {
    rule: ADMIN_ONLY,
    description: 'List what the servers of all projects used',
  },
  'os_compute_api:os-simple-tenant-usage:show': {
    rule: ADMIN_OR_IN_PROJECT,
    description: 'Show what the servers of a project used',
  },
  'latchkey:keypairs:index': {
    rule: 'rule:os_compute_api:os-keypairs:index',
    description: 'Search the keypairs of a user',
  },
  'latchkey:keypairs:show': { rule: 'rule:os_compute_api:os-keypairs:show', description: 'Show the life of a keypair' },
  'latchkey:keypairs:apply': {
    rule: 'rule:os_compute_api:os-keypairs:create',
    description: 'Create a keypair of a user, or give it another key',
  },
  'latchkey:keypairs:update': {
    rule: 'rule:os_compute_api:os-keypairs:create',
    description: 'Change the expiry, tags, note and protection of a keypair',
  },
  'latchkey:keypairs:delete': {
    rule: 'rule:os_compute_api:os-keypairs:delete',
    description: 'Delete a keypair of a user',
  },
  'latchkey:project-keypairs:index': { rule: ADMIN_OR_IN_PROJECT, description: 'Search the keypairs of a project' },
  'latchkey:project-keypairs:show': { rule: ADMIN_OR_IN_PROJECT, description: 'Show a keypair of a project' },
  'latchkey:project-keypairs:create': {
    rule: `rule:${ADMIN} or (role:member and project_id:%(project_id)s)`,
    description: 'Create a keypair of a project, or share one with it',
  },
  'latchkey:project-keypairs:update': {
    rule: CHANGE_PROJECT_KEYPAIR,
    description: 'Change a keypair of a project, or give it another key',
  },
  'latchkey:project-keypairs:delete': { rule: CHANGE_PROJECT_KEYPAIR, description: 'Delete a keypair of a project' },
  'latchkey:guests:index': { rule: ADMIN_OR_OWNER, description: 'List the guests of a user' },
  'latchkey:guests:show': { rule: USE_GUEST, description: 'Show a guest' },
  'latchkey:guests:create': {
    rule: `rule:${ADMIN} or (role:member and user_id:%(user_id)s and project_id:%(project_id)s)`,
    description: 'Register a guest of a user in a project',
  },
  'latchkey:guests:update': { rule: CHANGE_GUEST, description: 'Change a guest' },
  'latchkey:guests:delete': { rule: CHANGE_GUEST, description: 'Delete a guest' },
  'latchkey:guests:set_addresses': {
    rule: ADMIN_ONLY,
    description: 'Set the addresses of a guest (unless GUEST_ADDRESSES=owner)',
  },
  'latchkey:guests:show_password': { rule: USE_GUEST, description: 'Show the encrypted password of a guest' },
  'latchkey:guests:config_drive': { rule: USE_GUEST, description: 'Download the config drive of a guest' },
  'latchkey:guests:nocloud_token': {
    rule: CHANGE_GUEST,
    description: 'Give a guest a token for NoCloud, or end it',
  },
  'latchkey:ssh-certificates:index': { rule: ADMIN_OR_OWNER, description: 'List the SSH certificates of a user' },
  'latchkey:ssh-certificates:revoke': { rule: ADMIN_OR_OWNER, description: 'Revoke an SSH certificate of a user' },
  'latchkey:ssh-certificates:guest': {
    rule: `rule:${ADMIN} or (role:member and user_id:%(user_id)s)`,
    description: 'Get an SSH certificate for a guest of a user',
  },
  'latchkey:ssh-certificates:project': {
    rule: `rule:${ADMIN} or (role:member and project_id:%(project_id)s)`,
    description: 'Get an SSH certificate for the guests of a project that accept those of its members',
  },
  'latchkey:ssh-certificates:principals': {
    rule: ADMIN_ONLY,
    description: 'Get an SSH certificate with principals of any name',
  },
  'latchkey:events:index': { rule: ADMIN_OR_OWNER, description: 'List the events of a user' },
  'latchkey:events:project': {
    rule: ADMIN_OR_IN_PROJECT,
    description: 'List the events of what belongs to a project',
  },
  'latchkey:webhooks:index': { rule: ADMIN_OR_MANAGER, description: 'List the webhooks of a project' },
  'latchkey:webhooks:show': {
    rule: ADMIN_OR_MANAGER,
    description: 'Show a webhook of a project, and what it was sent',
  },
  'latchkey:webhooks:create': { rule: ADMIN_OR_MANAGER, description: 'Create a webhook of a project' },
  'latchkey:webhooks:update': {
    rule: ADMIN_OR_MANAGER,
    description: 'Change or test a webhook of a project, or give it another secret',
  },
  'latchkey:webhooks:delete': { rule: ADMIN_OR_MANAGER, description: 'Delete a webhook of a project' },
  'identity:list_users': { rule: ADMIN_ONLY, description: 'List the users' },
  'identity:get_user': { rule: ADMIN_OR_OWNER, description: 'Show a user' },
  'identity:list_user_projects': { rule: ADMIN_OR_OWNER, description: 'List the projects of a user' },
  'identity:list_projects': { rule: ADMIN_ONLY, description: 'List the projects' },
  'identity:get_project': { rule: ADMIN_OR_OWNER, description: 'Show a project; its members own it' },
  'identity:list_application_credentials': {
    rule: ADMIN_OR_OWNER,
    description: 'List the application credentials of a user',
  },
  'identity:get_application_credential': { rule: ADMIN_OR_OWNER, description: 'Show an application credential' },
  'identity:create_application_credential': {
    rule: 'user_id:%(user_id)s',
    description: 'Create an application credential',
  },
  'identity:delete_application_credential': { rule: ADMIN_OR_OWNER, description: 'Delete an application credential' },
  'identity:create_user': { rule: ADMIN_ONLY, description: 'Create a user' },
  'identity:update_user': { rule: ADMIN_ONLY, description: 'Change a user' },
  'identity:delete_user': { rule: ADMIN_ONLY, description: 'Delete a user' },
  'identity:create_project': { rule: ADMIN_ONLY, description: 'Create a project' },
  'identity:update_project': { rule: ADMIN_ONLY, description: 'Change a project' },
  'identity:delete_project': { rule: ADMIN_ONLY, description: 'Delete a project' },
  'identity:create_grant': { rule: ADMIN_ONLY, description: 'Give a user a role in a project or the domain' },
  'identity:revoke_grant': { rule: ADMIN_ONLY, description: 'Take a role in a project or the domain from a user' },
  'identity:check_grant': { rule: ADMIN_ONLY, description: 'Check for a role of a user in a project or the domain' },
  'identity:list_grants': { rule: ADMIN_ONLY, description: 'List the roles of a user in a project or the domain' },
  'identity:create_system_grant_for_user': { rule: ADMIN_ONLY, description: 'Give a user a role on the system' },
  'identity:revoke_system_grant_for_user': { rule: ADMIN_ONLY, description: 'Take a role on the system from a user' },
  'identity:check_system_grant_for_user': {
    rule: ADMIN_ONLY,
    description: 'Check for a role of a user on the system',
  },
  'identity:list_system_grants_for_user': { rule: ADMIN_ONLY, description: 'List the roles of a user on the system' },
  'identity:list_domains': { rule: ADMIN_ONLY, description: 'List the domains' },
  'identity:get_domain': { rule: ADMIN_OR_OWNER, description: 'Show a domain; every user owns their domain' },
  'identity:list_roles': { rule: ADMIN_ONLY, description: 'List the roles' },
  'identity:get_role': { rule: ADMIN_ONLY, description: 'Show a role' },
  'identity:list_role_inference_rules': { rule: ADMIN_ONLY, description: 'List which roles imply which others' },
  'identity:list_role_assignments': { rule: ADMIN_ONLY, description: 'List who has which role' },
  'identity:list_services': { rule: ADMIN_ONLY, description: 'List the services of the catalog' },
  'identity:get_service': { rule: ADMIN_ONLY, description: 'Show a service of the catalog' },
  'identity:list_endpoints': { rule: ADMIN_ONLY, description: 'List the endpoints of the catalog' },
  'identity:get_endpoint': { rule: ADMIN_ONLY, description: 'Show an endpoint of the catalog' },
  'identity:list_groups': { rule: ADMIN_ONLY, description: 'List the groups' },
  'identity:list_groups_for_user': { rule: ADMIN_OR_OWNER, description: 'List the groups of a user' },
  'identity:validate_token': { rule: `${ADMIN_OR_OWNER} or role:service`, description: 'Show a token' },
  'identity:check_token': { rule: `${ADMIN_OR_OWNER} or role:service`, description: 'Check a token' },
  'identity:revoke_token': { rule: ADMIN_OR_OWNER, description: 'Revoke a token' },
};

/** The rules as they are without a POLICY_FILE, with their descriptions. */
export function listPolicies(mode: GuestMode): { name: string; rule: string; description: string }[] {
  return Object.entries(POLICIES).map(([name, { rule, description }]) => ({
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
export function ownerFor(caller: Caller, action: PolicyAction | KeypairAction, userId: string | undefined): string {
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

/** Throws {@link PolicyForbids} where the caller may not do this with that project, whether or not there is such a project. */
export function requireForProject(caller: Caller, action: ProjectPolicyAction, projectId: string): void {
  requirePolicy(caller, action, { projectId });
}
