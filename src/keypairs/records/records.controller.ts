import { Delete, Get, HttpCode, Inject, Param, Patch, Post, Put, Req, Res } from '@nestjs/common';
import { ApiOperation } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Audit } from '../../audit/audit.js';
import { CONFIG, type Config } from '../../config/config.js';
import { KEY_TYPES } from '../../crypto/key-types.js';
import type { Caller } from '../../domain/caller.js';
import { entityTag, failedPrecondition, readPreconditions } from '../../domain/preconditions.js';
import { readDuration } from '../../domain/utc-time.js';
import type { ApiRequest } from '../../http/api-request.js';
import { Pages } from '../../http/pages.js';
import { AnswersWith, Errors, MayCreate, withContract } from '../../http/shapes/contract.js';
import { CurrentCaller } from '../../identity/current-caller.js';
import { V1Controller } from '../../identity/v1-controller.js';
import { KeypairsService } from '../keypairs.service.js';
import type { RecordAction, RecordOwner } from './record-owner.js';
import { searchOf } from './record-query.js';
import { OF_PROJECT, OF_USER, type RecordsOf } from './records-of.js';
import { recordsApi } from './records.contract.js';
import type {
  AppliedRecord,
  ApplyQuery,
  ChangedRecord,
  RecordOwnerQuery,
  RecordsQuery,
  ShareOrder,
} from './records.dto.js';
import { KeypairRecordsService, type Outcome } from './records.service.js';
import { listRecords, showRecord, showVersions } from './records.view.js';

const { Response, ShapedBody, ShapedQuery } = withContract(() => recordsApi);

const DEFAULT_OVERLAP = 'PT24H';

const AUDITED: Readonly<Record<Outcome['done'], string | undefined>> = {
  created: 'keypair.create',
  rotated: 'keypair.rotate',
  changed: 'keypair.change',
  nothing: undefined,
};

/** The life of keypairs, which Nova does not have; without microversions. */
function recordsController(of: RecordsOf): new (...services: never[]) => object {
  const { ProjectId } = of;
  const operation = (route: keyof RecordsOf['operations']): MethodDecorator => {
    const [operationId, summary] = of.operations[route];
    return ApiOperation({ operationId, summary });
  };

  @V1Controller(of.path, 'keypair records')
  class RecordsController {
    constructor(
      private readonly records: KeypairRecordsService,
      private readonly keypairs: KeypairsService,
      private readonly pages: Pages,
      private readonly audit: Audit,
      @Inject(CONFIG) private readonly config: Config,
    ) {}

    @Get()
    @Response('listReply')
    @Errors('malformed', 'forbidden')
    @operation('list')
    async list(
      @CurrentCaller() caller: Caller,
      @ProjectId projectId: string,
      @ShapedQuery(of.listQuery) query: RecordsQuery,
      @Req() request: ApiRequest,
    ): Promise<object> {
      const owners = of.listed(caller, projectId, query, this.config);
      const search = searchOf(query, owners, this.pages.limit(query), Date.now());
      const { records, next } = await this.records.list(search);
      if (next === undefined) return listRecords(records, undefined);
      const { marker: _marker, marker_user_id: _owner, ...others } = query;
      const markers = { ...(owners?.length !== 1 && { marker_user_id: next.userId }), marker: next.name };
      return listRecords(records, this.pages.after(request, others, markers));
    }

    @Get(':name')
    @Response('showReply')
    @AnswersWith('ETag')
    @Errors('not-modified', 'malformed', 'forbidden', 'not-found')
    @operation('show')
    async show(
      @CurrentCaller() caller: Caller,
      @ProjectId projectId: string,
      @Param('name') name: string,
      @ShapedQuery(of.itemQuery) query: RecordOwnerQuery,
      @Req() request: ApiRequest,
      @Res({ passthrough: true }) reply: FastifyReply,
    ): Promise<object | undefined> {
      const shown = await this.records.show(this.owner(caller, 'show', projectId, query), name);
      const tag = entityTag(shown.record);
      reply.header('ETag', tag);
      const { ifNoneMatch } = readPreconditions(request.headers);
      if (ifNoneMatch === undefined || failedPrecondition({ ifNoneMatch }, tag) === undefined) return showRecord(shown);
      reply.status(304);
      return undefined;
    }

    @Put(':name')
    @Response('showReply')
    @MayCreate()
    @AnswersWith('ETag')
    @Errors('forbidden', 'differs', 'precondition-failed')
    @operation('apply')
    async apply(
      @CurrentCaller() caller: Caller,
      @ProjectId projectId: string,
      @Param('name') name: string,
      @ShapedQuery(of.applyQuery) query: ApplyQuery,
      @ShapedBody('applyBody') body: AppliedRecord,
      @Req() request: ApiRequest,
      @Res({ passthrough: true }) reply: FastifyReply,
    ): Promise<object> {
      const owner = this.owner(caller, 'apply', projectId, query);
      const overlapMs = readDuration(query.overlap?.at(-1) ?? DEFAULT_OVERLAP)!;
      const conditions = readPreconditions(request.headers);
      const outcome = await this.records.apply(caller, owner, name, body, conditions, overlapMs);
      const mayHide = outcome.done === 'created' && owner.id === caller.userId;
      const hides = mayHide && (await this.keypairs.hidesShared(caller.projectId, name)) ? caller.projectId : undefined;
      return this.answer(outcome, request, reply, hides);
    }

    @Patch(':name')
    @Response('showReply')
    @AnswersWith('ETag')
    @Errors('forbidden', 'not-found', 'precondition-failed')
    @operation('change')
    async change(
      @CurrentCaller() caller: Caller,
      @ProjectId projectId: string,
      @Param('name') name: string,
      @ShapedQuery(of.itemQuery) query: RecordOwnerQuery,
      @ShapedBody('changeBody') body: ChangedRecord,
      @Req() request: ApiRequest,
      @Res({ passthrough: true }) reply: FastifyReply,
    ): Promise<object> {
      const owner = this.owner(caller, 'update', projectId, query);
      const outcome = await this.records.change(owner, name, body, readPreconditions(request.headers));
      return this.answer(outcome, request, reply);
    }

    @Delete(':name')
    @HttpCode(204)
    @Errors('malformed', 'forbidden', 'not-found', 'conflict', 'precondition-failed')
    @operation('delete')
    async delete(
      @CurrentCaller() caller: Caller,
      @ProjectId projectId: string,
      @Param('name') name: string,
      @ShapedQuery(of.itemQuery) query: RecordOwnerQuery,
      @Req() request: ApiRequest,
    ): Promise<void> {
      const owner = this.owner(caller, 'delete', projectId, query);
      const { fingerprint } = await this.records.delete(owner, name, readPreconditions(request.headers));
      this.audit.record(request, { action: 'keypair.delete', owner: owner.id, name, fingerprint });
    }

    @Get(':name/versions')
    @Response('versionsReply')
    @Errors('malformed', 'forbidden', 'not-found')
    @operation('versions')
    async versions(
      @CurrentCaller() caller: Caller,
      @ProjectId projectId: string,
      @Param('name') name: string,
      @ShapedQuery(of.itemQuery) query: RecordOwnerQuery,
    ): Promise<object> {
      const { record, old } = await this.records.versions(this.owner(caller, 'show', projectId, query), name);
      return showVersions(record, old);
    }

    @Post(`:name/${of.copyVerb}`)
    @HttpCode(200)
    @Response('showReply')
    @MayCreate()
    @AnswersWith('ETag')
    @Errors('forbidden', 'not-found', 'conflict')
    @operation('copy')
    async copy(
      @CurrentCaller() caller: Caller,
      @ProjectId projectId: string,
      @Param('name') name: string,
      @ShapedQuery(of.itemQuery) query: RecordOwnerQuery,
      @ShapedBody(`${of.copyVerb}Body`) order: Partial<ShareOrder>,
      @Req() request: ApiRequest,
      @Res({ passthrough: true }) reply: FastifyReply,
    ): Promise<object> {
      const { from, to } = of.copied(caller, projectId || query.user_id?.at(-1), order, this.config);
      const { name: newName = name, move = false } = order;
      const outcome = await this.records[move ? 'move' : 'copy'](caller, from, name, to, newName);
      if (move) {
        const { fingerprint } = outcome.record;
        this.audit.record(request, { action: 'keypair.delete', owner: from.id, name, fingerprint });
      }
      return this.answer(outcome, request, reply);
    }

    private owner(caller: Caller, action: RecordAction, projectId: string, query: RecordOwnerQuery): RecordOwner {
      return of.owner(caller, action, projectId || query.user_id?.at(-1), this.config);
    }

    /** Audits what was done, and shows the keypair. */
    private answer(outcome: Outcome, request: ApiRequest, reply: FastifyReply, hides?: string): object {
      const { record, done } = outcome;
      const action = AUDITED[done];
      if (action !== undefined) {
        const { userId: owner, name, fingerprint, type, publicKey } = record;
        const kind = KEY_TYPES[type].algorithmOf(publicKey);
        this.audit.record(request, { action, owner, name, fingerprint, kind, hides });
      }
      reply.status(done === 'created' ? 201 : 200).header('ETag', entityTag(record));
      return showRecord(outcome);
    }
  }
  return RecordsController;
}

export const RecordsOfUsers = recordsController(OF_USER);
export const RecordsOfProjects = recordsController(OF_PROJECT);
