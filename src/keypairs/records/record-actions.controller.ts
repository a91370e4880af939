import { Controller, HttpCode, Inject, Post, Req, UseGuards } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { CONFIG, type Config } from '../../config/config.js';
import type { Caller } from '../../domain/caller.js';
import type { ApiRequest } from '../../http/api-request.js';
import { BodyGuard } from '../../http/shapes/body.guard.js';
import { Errors, withContract } from '../../http/shapes/contract.js';
import { CurrentCaller } from '../../identity/current-caller.js';
import { IdentityGuard } from '../../identity/identity.guard.js';
import { userAsOwner } from './record-owner.js';
import { RecordRoutes } from './record-routes.js';
import { recordsApi } from './records.contract.js';
import type { KeyToCheck, PruneOrder, RecordOwnerQuery } from './records.dto.js';
import { KeypairRecordsService } from './records.service.js';
import { showCheck } from './records.view.js';

const { Response, ShapedBody, ShapedQuery } = withContract(() => recordsApi);

/** What is done with many keypairs, or with none. */
@Controller('v1')
@UseGuards(IdentityGuard, BodyGuard)
@ApiTags('keypair records')
export class RecordActionsController {
  constructor(
    private readonly records: KeypairRecordsService,
    private readonly routes: RecordRoutes,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Post('keypair-prunes')
  @HttpCode(200)
  @Response('pruneReply')
  @Errors('forbidden')
  @ApiOperation({
    operationId: 'pruneKeypairs',
    summary:
      'Delete keypairs that are old or unused, unless it is a dry run; never protected ones or those that guests hold',
  })
  prune(
    @CurrentCaller() caller: Caller,
    @ShapedQuery('itemQuery') query: RecordOwnerQuery,
    @ShapedBody('pruneBody') order: PruneOrder,
    @Req() request: ApiRequest,
  ): Promise<object> {
    const owner = userAsOwner(caller, 'latchkey:keypairs:delete', query.user_id?.at(-1), this.config);
    return this.routes.prune(owner, order, request);
  }

  @Post('keypair-checks')
  @HttpCode(200)
  @Response('checkReply')
  @ApiOperation({
    operationId: 'checkKey',
    summary: 'Judge a key without storing it, and name guests that will not take it',
  })
  check(@ShapedBody('checkBody') { public_key: publicKey, type }: KeyToCheck): object {
    return showCheck(this.records.check(publicKey, type));
  }
}
