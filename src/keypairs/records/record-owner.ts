import type { Config } from '../../config/config.js';
import type { Caller, Requester } from '../../domain/caller.js';
import { DomainError } from '../../domain/domain-error.js';
import { ownerOfProject } from '../../domain/keypair-owner.js';
import { requireId } from '../../domain/storable.js';
import type { KeypairRecord } from '../../persistence/repositories/keypair-record.repository.js';
import type { Creator } from '../../persistence/repositories/keypair.repository.js';
import { ownerFor, requirePolicy } from '../../policy/policy.js';

type Change = 'update' | 'delete';
export type RecordAction = 'index' | 'show' | 'apply' | Change;

/** A user or project whose keypairs a caller may use. */
export interface RecordOwner {
  /** As in KeypairKey. */
  readonly id: string;
  /** Who creates its keypairs, if it is a project. */
  readonly createdBy: string | null;
  /** Who changes its keypairs, and in which project. */
  readonly by: Requester;
  /** Whose quota a new keypair uses. Throws DomainError `no-project`. */
  creator(): Creator;
  /** Whether the caller may change or delete this keypair. */
  allows(action: Change, record: KeypairRecord): boolean;
  /** Throws PolicyForbids if the caller may not. */
  requireFor(action: Change, record: KeypairRecord): void;
}

/** Projects have ids of at most 64 characters in Keystone; with `project:` in front they fit the column. */
const MAX_PROJECT_ID_LENGTH = 240;

/** Quotas of keypairs apply to a user in a project, so a token without a project may not create. */
export function creatorFor({ userId, projectId }: Caller, { keypairQuota }: Config): Creator {
  if (projectId === undefined) throw new DomainError('no-project', 'Forbidden');
  return { userId, projectId, defaultLimit: keypairQuota };
}

/** Finds the owner with an id. Throws PolicyForbids if the caller may not do this, whether or not there is such an owner. */
export type FindOwner = (caller: Caller, action: RecordAction, id: string | undefined, config: Config) => RecordOwner;

/** The user that is named, or the caller. */
export const userAsOwner: FindOwner = (caller, action, userId, config) => ({
  id: requireId(ownerFor(caller, `latchkey:keypairs:${action}`, userId)),
  createdBy: null,
  by: caller,
  creator: () => creatorFor(caller, config),
  // `ownerFor` has decided on all keypairs of the user.
  allows: () => true,
  requireFor: () => undefined,
});

/** Whether the caller may change or delete a keypair of a project depends on its creator, and is decided once that is known. */
const PROJECT_ACTIONS = { index: 'index', show: 'show', apply: 'create', update: 'show', delete: 'show' } as const;

/** A project. Throws DomainError `project-keypairs-off`, too. */
export const projectAsOwner: FindOwner = (caller, action, projectId = '', config) => {
  const policy = <Name extends string>(name: Name) => `latchkey:project-keypairs:${name}` as const;
  requirePolicy(caller, policy(PROJECT_ACTIONS[action]), { projectId });
  if (config.sharedKeypairs === 'off')
    throw new DomainError('project-keypairs-off', 'Projects have no keypairs here (SHARED_KEYPAIRS=off).');
  const id = ownerOfProject(requireId(projectId, MAX_PROJECT_ID_LENGTH));
  const target = ({ createdBy }: KeypairRecord) => ({ projectId, ...(createdBy !== null && { createdBy }) });
  return {
    id,
    createdBy: caller.userId,
    by: { userId: caller.userId, projectId, requestId: caller.requestId },
    creator: () => ({ projectId: id, userId: '', defaultLimit: config.sharedKeypairQuota }),
    allows: (change, record) => caller.rules.allows(policy(change), caller, target(record)),
    requireFor: (change, record) => requirePolicy(caller, policy(change), target(record)),
  };
};
