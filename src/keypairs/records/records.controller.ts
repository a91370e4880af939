import {
  Controller,
  Delete,
  Get,
  HttpCode,
  Inject,
  Param,
  Patch,
  Post,
  Put,
  Req,
  Res,
  UseGuards,
} from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { CONFIG, type Config } from '../../config/config.js';
import type { Caller } from '../../domain/caller.js';
import { DomainError } from '../../domain/domain-error.js';
import type { ApiRequest } from '../../http/api-request.js';
import { BodyGuard } from '../../http/shapes/body.guard.js';
import { AnswersWith, Errors, MayCreate, withContract } from '../../http/shapes/contract.js';
import { CurrentCaller } from '../../identity/current-caller.js';
import { IdentityGuard } from '../../identity/identity.guard.js';
import { type KeypairAction, requirePolicy } from '../../policy/policy.js';
import { projectAsOwner, type RecordOwner, userAsOwner } from './record-owner.js';
import { RecordRoutes } from './record-routes.js';
import { recordsApi } from './records.contract.js';
import type {
  AppliedRecord,
  ApplyQuery,
  ChangedRecord,
  RecordOwnerQuery,
  RecordsQuery,
  ShareOrder,
} from './records.dto.js';

const { Response, ShapedBody, ShapedQuery } = withContract(() => recordsApi);

/** The life of keypairs, which Nova does not have; without microversions. */
@Controller('v1/keypairs')
@UseGuards(IdentityGuard, BodyGuard)
@ApiTags('keypair records')
export class KeypairRecordsController {
  constructor(
    private readonly routes: RecordRoutes,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Get()
  @Response('listReply')
  @Errors('malformed', 'forbidden')
  @ApiOperation({ operationId: 'listKeypairRecords', summary: 'Search keypairs' })
  list(
    @CurrentCaller() caller: Caller,
    @ShapedQuery('listQuery') query: RecordsQuery,
    @Req() request: ApiRequest,
  ): Promise<object> {
    return this.routes.list(this.listedOwners(caller, query), query, request);
  }

  @Get(':name')
  @Response('showReply')
  @AnswersWith('ETag')
  @Errors('not-modified', 'malformed', 'forbidden', 'not-found')
  @ApiOperation({ operationId: 'showKeypairRecord', summary: 'Show one keypair; 304 if If-None-Match has its ETag' })
  show(
    @CurrentCaller() caller: Caller,
    @Param('name') name: string,
    @ShapedQuery('itemQuery') query: RecordOwnerQuery,
    @Req() request: ApiRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object | undefined> {
    return this.routes.show(this.owner(caller, 'latchkey:keypairs:show', query), name, request, reply);
  }

  @Put(':name')
  @Response('showReply')
  @MayCreate()
  @AnswersWith('ETag')
  @Errors('forbidden', 'differs', 'precondition-failed')
  @ApiOperation({
    operationId: 'applyKeypair',
    summary:
      'Make a keypair as described: 201 if it is new, 409 if it has another key and If-Match does not allow to replace it',
  })
  apply(
    @CurrentCaller() caller: Caller,
    @Param('name') name: string,
    @ShapedQuery('applyQuery') query: ApplyQuery,
    @ShapedBody('applyBody') body: AppliedRecord,
    @Req() request: ApiRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    const owner = this.owner(caller, 'latchkey:keypairs:apply', query);
    return this.routes.apply(caller, owner, name, query, body, request, reply);
  }

  @Patch(':name')
  @Response('showReply')
  @AnswersWith('ETag')
  @Errors('forbidden', 'not-found', 'precondition-failed')
  @ApiOperation({ operationId: 'changeKeypair', summary: 'Set expiry, tags, note and protection; null removes one' })
  change(
    @CurrentCaller() caller: Caller,
    @Param('name') name: string,
    @ShapedQuery('itemQuery') query: RecordOwnerQuery,
    @ShapedBody('changeBody') body: ChangedRecord,
    @Req() request: ApiRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    return this.routes.change(this.owner(caller, 'latchkey:keypairs:update', query), name, body, request, reply);
  }

  @Delete(':name')
  @HttpCode(204)
  @Errors('malformed', 'forbidden', 'not-found', 'conflict', 'precondition-failed')
  @ApiOperation({ operationId: 'deleteKeypairRecord', summary: 'Delete one keypair, unless it is protected' })
  delete(
    @CurrentCaller() caller: Caller,
    @Param('name') name: string,
    @ShapedQuery('itemQuery') query: RecordOwnerQuery,
    @Req() request: ApiRequest,
  ): Promise<void> {
    return this.routes.delete(this.owner(caller, 'latchkey:keypairs:delete', query), name, request);
  }

  @Get(':name/versions')
  @Response('versionsReply')
  @Errors('malformed', 'forbidden', 'not-found')
  @ApiOperation({ operationId: 'listKeypairVersions', summary: 'List the keys that a keypair has and had, at most 10' })
  versions(
    @CurrentCaller() caller: Caller,
    @Param('name') name: string,
    @ShapedQuery('itemQuery') query: RecordOwnerQuery,
  ): Promise<object> {
    return this.routes.versions(this.owner(caller, 'latchkey:keypairs:show', query), name);
  }

  @Post(':name/share')
  @HttpCode(200)
  @Response('showReply')
  @MayCreate()
  @AnswersWith('ETag')
  @Errors('forbidden', 'not-found', 'conflict')
  @ApiOperation({
    operationId: 'shareKeypair',
    summary: 'Give a project a copy of a keypair, or the keypair itself: 201, or 200 if the project has it already',
  })
  share(
    @CurrentCaller() caller: Caller,
    @Param('name') name: string,
    @ShapedQuery('itemQuery') query: RecordOwnerQuery,
    @ShapedBody('shareBody') order: ShareOrder,
    @Req() request: ApiRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    const from = this.owner(caller, order.move ? 'latchkey:keypairs:delete' : 'latchkey:keypairs:show', query);
    const to = projectAsOwner(caller, 'create', order.project_id, this.config);
    return this.routes.copy(caller, from, name, to, order, request, reply);
  }

  private owner(caller: Caller, action: KeypairAction, { user_id: userId }: RecordOwnerQuery): RecordOwner {
    return userAsOwner(caller, action, userId?.at(-1), this.config);
  }

  /** Whose keypairs are listed; undefined: those of all users and projects. Throws PolicyForbids. */
  private listedOwners(caller: Caller, query: RecordsQuery): readonly string[] | undefined {
    const action = 'latchkey:keypairs:index';
    const scope = query.scope?.at(-1) ?? 'own';
    const isOfAll = query.all_users?.at(-1) === 'true';
    if (scope !== 'own' && (isOfAll || query.user_id !== undefined))
      throw new DomainError('invalid-shape', `scope=${scope} is for the caller; leave out user_id and all_users.`);
    if (isOfAll) {
      requirePolicy(caller, action);
      return undefined;
    }
    const own = [this.owner(caller, action, query).id];
    if (scope === 'own') return own;
    if (caller.projectId === undefined) throw new DomainError('no-project', 'The token has no project.');
    const { id } = projectAsOwner(caller, 'index', caller.projectId, this.config);
    return scope === 'project' ? [id] : [...own, id];
  }
}
