import { createParamDecorator, Param } from '@nestjs/common';
import type { Config } from '../../config/config.js';
import type { Caller } from '../../domain/caller.js';
import { DomainError } from '../../domain/domain-error.js';
import { requirePolicy } from '../../policy/policy.js';
import { type FindOwner, projectAsOwner, type RecordOwner, userAsOwner } from './record-owner.js';
import type { RecordsQuery, ShareOrder } from './records.dto.js';

/** What differs between the routes for the keypairs of a user and of a project. */
export interface RecordsOf {
  readonly path: string;
  /** The project in the path; an empty text if there is none. */
  readonly ProjectId: ParameterDecorator;
  readonly listQuery: 'listQuery' | 'projectListQuery';
  readonly itemQuery: 'itemQuery' | 'projectItemQuery';
  readonly applyQuery: 'applyQuery' | 'projectApplyQuery';
  readonly copyVerb: 'share' | 'take';
  /** Id and summary of each. */
  readonly operations: Readonly<
    Record<'list' | 'show' | 'apply' | 'change' | 'delete' | 'versions' | 'copy', readonly [string, string]>
  >;
  readonly owner: FindOwner;
  /** Whose keypairs are listed; undefined: those of all users and projects. Throws PolicyForbids. */
  readonly listed: (
    caller: Caller,
    projectId: string,
    query: RecordsQuery,
    config: Config,
  ) => readonly string[] | undefined;
  /** Who has a keypair that is copied, and who gets the copy. Throws PolicyForbids. */
  readonly copied: (
    caller: Caller,
    id: string | undefined,
    order: Partial<ShareOrder>,
    config: Config,
  ) => { readonly from: RecordOwner; readonly to: RecordOwner };
}

const REPLACED = '201 if it is new, 409 if it has another key and If-Match does not permit replacing it';

export const OF_USER: RecordsOf = {
  path: 'v1/keypairs',
  ProjectId: createParamDecorator(() => '')(),
  listQuery: 'listQuery',
  itemQuery: 'itemQuery',
  applyQuery: 'applyQuery',
  copyVerb: 'share',
  operations: {
    list: ['listKeypairRecords', 'Search keypairs'],
    show: ['showKeypairRecord', 'Show a keypair; 304 if If-None-Match matches'],
    apply: ['applyKeypair', `Create or update a keypair: ${REPLACED}`],
    change: ['changeKeypair', 'Change expiry, tags, note and protection; null removes a value'],
    delete: ['deleteKeypairRecord', 'Delete a keypair, unless it is protected'],
    versions: ['listKeypairVersions', 'List the current and previous keys of a keypair, at most 10'],
    copy: ['shareKeypair', 'Copy or move a keypair to a project: 201, or 200 if the project already has it'],
  },
  owner: userAsOwner,
  listed(caller, _projectId, query, config) {
    const scope = query.scope?.at(-1) ?? 'own';
    const isOfAll = query.all_users?.at(-1) === 'true';
    if (scope !== 'own' && (isOfAll || query.user_id !== undefined))
      throw new DomainError('invalid-shape', `scope=${scope} is for the caller; leave out user_id and all_users.`);
    if (isOfAll) {
      requirePolicy(caller, 'latchkey:keypairs:index');
      return undefined;
    }
    const own = userAsOwner(caller, 'index', query.user_id?.at(-1), config).id;
    if (scope === 'own') return [own];
    if (caller.projectId === undefined) throw new DomainError('no-project', 'The token has no project.');
    const { id } = projectAsOwner(caller, 'index', caller.projectId, config);
    return scope === 'project' ? [id] : [own, id];
  },
  copied: (caller, id, { move, project_id: projectId }, config) => ({
    from: userAsOwner(caller, move ? 'delete' : 'show', id, config),
    to: projectAsOwner(caller, 'apply', projectId, config),
  }),
};

/** The members of a project use its keypairs without copies of their own. */
export const OF_PROJECT: RecordsOf = {
  path: 'v1/projects/:project_id/keypairs',
  ProjectId: Param('project_id'),
  listQuery: 'projectListQuery',
  itemQuery: 'projectItemQuery',
  applyQuery: 'projectApplyQuery',
  copyVerb: 'take',
  operations: {
    list: ['listProjectKeypairs', 'Search the keypairs of a project'],
    show: ['showProjectKeypair', 'Show a keypair of a project; 304 if If-None-Match matches'],
    apply: ['applyProjectKeypair', `Create or update a keypair of a project: ${REPLACED}`],
    change: ['changeProjectKeypair', 'Change expiry, tags, note and protection; null removes a value'],
    delete: ['deleteProjectKeypair', 'Delete a keypair of a project, unless it is protected'],
    versions: [
      'listProjectKeypairVersions',
      'List the current and previous keys of a keypair of a project, at most 10',
    ],
    copy: ['takeProjectKeypair', 'Copy a keypair of a project to the caller: 201, or 200 if the caller already has it'],
  },
  owner: projectAsOwner,
  listed: (caller, projectId, _query, config) => [projectAsOwner(caller, 'index', projectId, config).id],
  copied: (caller, id, _order, config) => ({
    to: userAsOwner(caller, 'apply', undefined, config),
    from: projectAsOwner(caller, 'show', id, config),
  }),
};
