import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Audit } from '../../audit/audit.js';
import { CONFIG, type Config } from '../../config/config.js';
import { KEY_TYPES } from '../../crypto/key-types.js';
import type { Caller } from '../../domain/caller.js';
import { DomainError } from '../../domain/domain-error.js';
import { readDuration } from '../../domain/utc-time.js';
import { type ApiRequest, pathOf } from '../../http/api-request.js';
import { BaseUrl } from '../../http/base-url.js';
import { KeypairsService } from '../keypairs.service.js';
import { entityTag, failedPrecondition, readPreconditions } from '../../domain/preconditions.js';
import type { RecordOwner } from './record-owner.js';
import { before, nextRecords, searchOf } from './record-query.js';
import type { AppliedRecord, ChangedRecord, ProjectApplyQuery, PruneOrder, RecordsQuery } from './records.dto.js';
import { KeypairRecordsService, type Outcome } from './records.service.js';
import { listRecords, showPrune, showRecord, showVersions } from './records.view.js';

/** Without a bound a prune would delete every keypair that no guest holds. */
class UnboundedPrune extends DomainError {
  constructor() {
    super('unbounded-prune', 'Name at least one bound: name_prefix, older_than, unused_for, or expired: true.');
  }
}

const DEFAULT_OVERLAP = 'PT24H';

const AUDITED: Readonly<Record<Outcome['done'], string | undefined>> = {
  created: 'keypair.create',
  rotated: 'keypair.rotate',
  changed: 'keypair.change',
  nothing: undefined,
};

/** What the routes of keypairs do, whether their owner is a user or a project. */
@Injectable()
export class RecordRoutes {
  constructor(
    private readonly records: KeypairRecordsService,
    private readonly keypairs: KeypairsService,
    private readonly baseUrl: BaseUrl,
    private readonly audit: Audit,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** `owners` are whose keypairs are listed; undefined: those of all users and projects. */
  async list(owners: readonly string[] | undefined, query: RecordsQuery, request: ApiRequest): Promise<object> {
    const listing = searchOf(query, owners, this.config.maxLimit, Date.now());
    const { records, next } = await this.records.list(listing);
    if (next === undefined) return listRecords(records, undefined);
    const url = this.baseUrl.of(request) + pathOf(request);
    return listRecords(records, nextRecords(url, query, owners?.length !== 1, next));
  }

  /** Undefined with status 304 if If-None-Match has the ETag. */
  async show(owner: RecordOwner, name: string, request: ApiRequest, reply: FastifyReply): Promise<object | undefined> {
    const shown = await this.records.show(owner, name);
    const tag = entityTag(shown.record);
    reply.header('ETag', tag);
    const { ifNoneMatch } = readPreconditions(request.headers);
    if (ifNoneMatch === undefined || failedPrecondition({ ifNoneMatch }, tag) === undefined) return showRecord(shown);
    reply.status(304);
    return undefined;
  }

  async apply(
    caller: Caller,
    owner: RecordOwner,
    name: string,
    { overlap }: ProjectApplyQuery,
    order: AppliedRecord,
    request: ApiRequest,
    reply: FastifyReply,
  ): Promise<object> {
    const overlapMs = readDuration(overlap?.at(-1) ?? DEFAULT_OVERLAP)!;
    const conditions = readPreconditions(request.headers);
    const outcome = await this.records.apply(caller, owner, name, order, conditions, overlapMs);
    const mayHide = outcome.done === 'created' && owner.id === caller.userId;
    const hides = mayHide && (await this.keypairs.hidesShared(caller.projectId, name)) ? caller.projectId : undefined;
    return this.answer(outcome, request, reply, hides);
  }

  async change(
    owner: RecordOwner,
    name: string,
    change: ChangedRecord,
    request: ApiRequest,
    reply: FastifyReply,
  ): Promise<object> {
    const outcome = await this.records.change(owner, name, change, readPreconditions(request.headers));
    return this.answer(outcome, request, reply);
  }

  async delete(owner: RecordOwner, name: string, request: ApiRequest): Promise<void> {
    const { fingerprint } = await this.records.delete(owner, name, readPreconditions(request.headers));
    this.audit.record(request, { action: 'keypair.delete', owner: owner.id, name, fingerprint });
  }

  async versions(owner: RecordOwner, name: string): Promise<object> {
    const { record, old } = await this.records.versions(owner, name);
    return showVersions(record, old);
  }

  async prune(owner: RecordOwner, order: PruneOrder, request: ApiRequest): Promise<object> {
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

  /** Copies a keypair to another owner: 201, or 200 if that has it already. */
  async copy(
    caller: Caller,
    from: RecordOwner,
    name: string,
    to: RecordOwner,
    { name: newName = name, move = false }: { readonly name?: string; readonly move?: boolean },
    request: ApiRequest,
    reply: FastifyReply,
  ): Promise<object> {
    const outcome = await this.records[move ? 'move' : 'copy'](caller, from, name, to, newName);
    if (move) {
      const { fingerprint } = outcome.record;
      this.audit.record(request, { action: 'keypair.delete', owner: from.id, name, fingerprint });
    }
    return this.answer(outcome, request, reply);
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
