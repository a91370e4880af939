import { HttpCode, Inject, Param, Post, Req } from '@nestjs/common';
import { ApiOperation } from '@nestjs/swagger';
import { Audit } from '../../audit/audit.js';
import { CONFIG, type Config } from '../../config/config.js';
import type { Caller } from '../../domain/caller.js';
import { DomainError } from '../../domain/domain-error.js';
import type { ApiRequest } from '../../http/api-request.js';
import { Errors, withContract } from '../../http/shapes/contract.js';
import { CurrentCaller } from '../../identity/current-caller.js';
import { V1Controller } from '../../identity/v1-controller.js';
import { projectAsOwner, type RecordOwner, userAsOwner } from './record-owner.js';
import { before } from './record-query.js';
import { recordsApi } from './records.contract.js';
import type { KeyToCheck, ProjectItemQuery, PruneOrder, RecordOwnerQuery } from './records.dto.js';
import { KeypairRecordsService } from './records.service.js';
import { showCheck, showPrune } from './records.view.js';

const { Response, ShapedBody, ShapedQuery } = withContract(() => recordsApi);

/** Without a bound a prune would delete every keypair that no guest holds. */
class UnboundedPrune extends DomainError {
  constructor() {
    super('unbounded-prune', 'Name at least one bound: name_prefix, older_than, unused_for, or expired: true.');
  }
}

/** Actions on many keypairs, or on none. */
@V1Controller('v1', 'keypair records')
export class RecordActionsController {
  constructor(
    private readonly records: KeypairRecordsService,
    private readonly audit: Audit,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Post('projects/:project_id/keypair-prunes')
  @HttpCode(200)
  @Response('pruneReply')
  @Errors('forbidden')
  @ApiOperation({
    operationId: 'pruneProjectKeypairs',
    summary:
      'Delete old or unused keypairs of a project, but none that are protected, held by guests or not yours to delete',
  })
  pruneOfProject(
    @CurrentCaller() caller: Caller,
    @Param('project_id') projectId: string,
    @ShapedQuery('projectItemQuery') _query: ProjectItemQuery,
    @ShapedBody('pruneBody') order: PruneOrder,
    @Req() request: ApiRequest,
  ): Promise<object> {
    return this.pruneOf(projectAsOwner(caller, 'delete', projectId, this.config), order, request);
  }

  @Post('keypair-prunes')
  @HttpCode(200)
  @Response('pruneReply')
  @Errors('forbidden')
  @ApiOperation({
    operationId: 'pruneKeypairs',
    summary: 'Delete old or unused keypairs, but none that are protected or held by guests',
  })
  prune(
    @CurrentCaller() caller: Caller,
    @ShapedQuery('itemQuery') query: RecordOwnerQuery,
    @ShapedBody('pruneBody') order: PruneOrder,
    @Req() request: ApiRequest,
  ): Promise<object> {
    return this.pruneOf(userAsOwner(caller, 'delete', query.user_id?.at(-1), this.config), order, request);
  }

  @Post('keypair-checks')
  @HttpCode(200)
  @Response('checkReply')
  @ApiOperation({
    operationId: 'checkKey',
    summary: 'Check a key without storing it, and name the guests that cannot use it',
  })
  check(@ShapedBody('checkBody') { public_key: publicKey, type }: KeyToCheck): object {
    return showCheck(this.records.check(publicKey, type));
  }

  private async pruneOf(owner: RecordOwner, order: PruneOrder, request: ApiRequest): Promise<object> {
    const { name_prefix: namePrefix, older_than: olderThan, unused_for: unusedFor, expired, dry_run: dryRun } = order;
    if (namePrefix === undefined && olderThan === undefined && unusedFor === undefined && !expired)
      throw new UnboundedPrune();
    const now = Date.now();
    const times = { createdBefore: before(olderThan, now), unusedSince: before(unusedFor, now) };
    const isDryRun = dryRun ?? true;
    const pruned = await this.records.prune(owner, { namePrefix, ...times, expired }, isDryRun);
    if (!isDryRun)
      for (const { name, fingerprint } of pruned.deleted)
        this.audit.record(request, { action: 'keypair.delete', owner: owner.id, name, fingerprint });
    return showPrune(pruned, isDryRun);
  }
}
