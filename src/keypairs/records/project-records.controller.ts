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
import type { ApiRequest } from '../../http/api-request.js';
import { BodyGuard } from '../../http/shapes/body.guard.js';
import { AnswersWith, Errors, MayCreate, withContract } from '../../http/shapes/contract.js';
import { CurrentCaller } from '../../identity/current-caller.js';
import { IdentityGuard } from '../../identity/identity.guard.js';
import { projectAsOwner, type RecordOwner, userAsOwner } from './record-owner.js';
import { RecordRoutes } from './record-routes.js';
import { recordsApi } from './records.contract.js';
import type {
  AppliedRecord,
  ChangedRecord,
  ProjectApplyQuery,
  ProjectItemQuery,
  ProjectRecordsQuery,
  PruneOrder,
  TakeOrder,
} from './records.dto.js';

const { Response, ShapedBody, ShapedQuery } = withContract(() => recordsApi);

/** The keypairs of a project, which its members use without copies of their own. */
@Controller('v1/projects/:project_id')
@UseGuards(IdentityGuard, BodyGuard)
@ApiTags('keypair records')
export class ProjectRecordsController {
  constructor(
    private readonly routes: RecordRoutes,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Get('keypairs')
  @Response('listReply')
  @Errors('malformed', 'forbidden')
  @ApiOperation({ operationId: 'listProjectKeypairs', summary: 'Search the keypairs of a project' })
  list(
    @CurrentCaller() caller: Caller,
    @Param('project_id') projectId: string,
    @ShapedQuery('projectListQuery') query: ProjectRecordsQuery,
    @Req() request: ApiRequest,
  ): Promise<object> {
    return this.routes.list([this.owner(caller, 'index', projectId).id], query, request);
  }

  @Get('keypairs/:name')
  @Response('showReply')
  @AnswersWith('ETag')
  @Errors('not-modified', 'malformed', 'forbidden', 'not-found')
  @ApiOperation({ operationId: 'showProjectKeypair', summary: 'Show one; 304 if If-None-Match has its ETag' })
  show(
    @CurrentCaller() caller: Caller,
    @Param('project_id') projectId: string,
    @Param('name') name: string,
    @ShapedQuery('projectItemQuery') _query: ProjectItemQuery,
    @Req() request: ApiRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object | undefined> {
    return this.routes.show(this.owner(caller, 'show', projectId), name, request, reply);
  }

  @Put('keypairs/:name')
  @Response('showReply')
  @MayCreate()
  @AnswersWith('ETag')
  @Errors('forbidden', 'differs', 'precondition-failed')
  @ApiOperation({
    operationId: 'applyProjectKeypair',
    summary:
      'Make one as described: 201 if it is new, 409 if it has another key and If-Match does not allow to replace it',
  })
  apply(
    @CurrentCaller() caller: Caller,
    @Param('project_id') projectId: string,
    @Param('name') name: string,
    @ShapedQuery('projectApplyQuery') query: ProjectApplyQuery,
    @ShapedBody('applyBody') body: AppliedRecord,
    @Req() request: ApiRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    return this.routes.apply(caller, this.owner(caller, 'create', projectId), name, query, body, request, reply);
  }

  @Patch('keypairs/:name')
  @Response('showReply')
  @AnswersWith('ETag')
  @Errors('forbidden', 'not-found', 'precondition-failed')
  @ApiOperation({ operationId: 'changeProjectKeypair', summary: 'Set expiry, tags, note and protection of one' })
  change(
    @CurrentCaller() caller: Caller,
    @Param('project_id') projectId: string,
    @Param('name') name: string,
    @ShapedQuery('projectItemQuery') _query: ProjectItemQuery,
    @ShapedBody('changeBody') body: ChangedRecord,
    @Req() request: ApiRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    return this.routes.change(this.owner(caller, 'show', projectId), name, body, request, reply);
  }

  @Delete('keypairs/:name')
  @HttpCode(204)
  @Errors('malformed', 'forbidden', 'not-found', 'conflict', 'precondition-failed')
  @ApiOperation({ operationId: 'deleteProjectKeypair', summary: 'Delete one, unless it is protected' })
  delete(
    @CurrentCaller() caller: Caller,
    @Param('project_id') projectId: string,
    @Param('name') name: string,
    @ShapedQuery('projectItemQuery') _query: ProjectItemQuery,
    @Req() request: ApiRequest,
  ): Promise<void> {
    return this.routes.delete(this.owner(caller, 'show', projectId), name, request);
  }

  @Get('keypairs/:name/versions')
  @Response('versionsReply')
  @Errors('malformed', 'forbidden', 'not-found')
  @ApiOperation({
    operationId: 'listProjectKeypairVersions',
    summary: 'List the keys that one has and had, at most 10',
  })
  versions(
    @CurrentCaller() caller: Caller,
    @Param('project_id') projectId: string,
    @Param('name') name: string,
    @ShapedQuery('projectItemQuery') _query: ProjectItemQuery,
  ): Promise<object> {
    return this.routes.versions(this.owner(caller, 'show', projectId), name);
  }

  @Post('keypairs/:name/take')
  @HttpCode(200)
  @Response('showReply')
  @MayCreate()
  @AnswersWith('ETag')
  @Errors('forbidden', 'not-found', 'conflict')
  @ApiOperation({
    operationId: 'takeProjectKeypair',
    summary: 'Copy one to the caller: 201, or 200 if the caller has it already',
  })
  take(
    @CurrentCaller() caller: Caller,
    @Param('project_id') projectId: string,
    @Param('name') name: string,
    @ShapedQuery('projectItemQuery') _query: ProjectItemQuery,
    @ShapedBody('takeBody') order: TakeOrder,
    @Req() request: ApiRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    const to = userAsOwner(caller, 'latchkey:keypairs:apply', undefined, this.config);
    return this.routes.copy(caller, this.owner(caller, 'show', projectId), name, to, order, request, reply);
  }

  @Post('keypair-prunes')
  @HttpCode(200)
  @Response('pruneReply')
  @Errors('forbidden')
  @ApiOperation({
    operationId: 'pruneProjectKeypairs',
    summary: 'Delete those that are old or unused and that the caller may delete, unless it is a dry run',
  })
  prune(
    @CurrentCaller() caller: Caller,
    @Param('project_id') projectId: string,
    @ShapedQuery('projectItemQuery') _query: ProjectItemQuery,
    @ShapedBody('pruneBody') order: PruneOrder,
    @Req() request: ApiRequest,
  ): Promise<object> {
    return this.routes.prune(this.owner(caller, 'show', projectId), order, request);
  }

  private owner(caller: Caller, action: 'index' | 'show' | 'create', projectId: string): RecordOwner {
    return projectAsOwner(caller, action, projectId, this.config);
  }
}
