import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../../config/config.js';
import { sha256 } from '../../crypto/fingerprint.js';
import type { CheckedKey } from '../../crypto/key-type.js';
import { InvalidKey } from '../../crypto/invalid-key.js';
import { typeOfText } from '../../crypto/key-types.js';
import { Keys } from '../../crypto/keys.js';
import type { Caller } from '../../domain/caller.js';
import { DomainError } from '../../domain/domain-error.js';
import { excerpt } from '../../domain/excerpt.js';
import { projectOf } from '../../domain/keypair-owner.js';
import type { KeypairType } from '../../domain/keypair-type.js';
import { readTime, utcTime } from '../../domain/utc-time.js';
import { GuestCache } from '../../metadata/guest-lookup/guest-cache.js';
import {
  hasContent,
  type KeypairContent,
  type KeyOfName,
  type KeypairKey,
  type KeypairRecord,
  KeypairRecordRepository,
  type OldKey,
  type Rotation,
} from '../../persistence/repositories/keypair-record.repository.js';
import { KeypairRepository, NameTaken } from '../../persistence/repositories/keypair.repository.js';
import { flawOfNewName } from '../keypair-name.js';
import { latestEnd } from '../lifetime.js';
import { KeypairNotFound, KeypairProtected, KeypairsService } from '../keypairs.service.js';
import { entityTag, failedPrecondition, type Preconditions } from '../../domain/preconditions.js';
import { descriptionOf, matches, type RecordFilter } from './record-filter.js';
import type { RecordOwner } from './record-owner.js';
import type { AppliedRecord, ChangedRecord } from './records.dto.js';
import { SharedKeypairs } from '../shared-keypairs.js';

/** The keypair has another key, and the request does not permit replacing it. */
class KeypairDiffers extends DomainError {
  constructor({ name, fingerprint, version }: KeypairRecord) {
    super(
      'keypair-differs',
      `Keypair ${excerpt(name)} has another key (${fingerprint}). To replace it send If-Match: ${entityTag({ version })}.`,
    );
  }
}

/** The keypair is not in the state that the request requires. */
class KeypairChanged extends DomainError {
  constructor(header: string, name: string, record: KeypairRecord | undefined) {
    const state = record ? `exists with the ETag ${entityTag(record)}` : 'does not exist';
    super('keypair-changed', `${header} does not hold: keypair ${excerpt(name)} ${state}.`);
  }
}

/** The keypair was changed while it was moved. */
class MovedMeanwhile extends DomainError {
  constructor(name: string) {
    super(
      'keypair-changed',
      `Keypair ${excerpt(name)} was changed by another request: it is copied and not deleted. Look at both, and delete one.`,
    );
  }
}

/** The keypair would live longer than KEYPAIR_MAX_LIFETIME permits. */
class LifetimeExceeded extends DomainError {
  constructor(latest: string) {
    super('lifetime-exceeded', `Keypairs must expire here. Set expires_at to ${latest} or earlier.`);
  }
}

/** What a request did. */
export interface Outcome extends CountedRecord {
  readonly done: 'created' | 'rotated' | 'changed' | 'nothing';
}

type Done = Pick<Outcome, 'record' | 'done'>;

/** A keypair that a prune kept, and why. */
export interface KeptKeypair {
  readonly name: string;
  readonly reason: 'protected' | 'attached' | 'forbidden' | 'changed';
}

export interface Pruned {
  readonly deleted: readonly KeyOfName[];
  readonly kept: readonly KeptKeypair[];
}

/** A key as it was judged. */
export interface CheckedText {
  readonly type: KeypairType;
  readonly publicKey: string;
  readonly refusal: InvalidKey | undefined;
}

/** The maximum number of keypairs that one prune deletes. */
const MAX_PRUNED = 1000;

type InspectedKey = CheckedKey & { readonly type: KeypairType };

/** A keypair, and how many guests hold a copy of it. */
export interface CountedRecord {
  readonly record: KeypairRecord;
  readonly guests: number;
}

/** What is listed. */
export interface RecordListing {
  /** Whose keypairs; undefined: those of all users and projects. */
  readonly owners: readonly string[] | undefined;
  readonly digest: Buffer | undefined;
  readonly filter: RecordFilter;
  readonly after: KeypairKey;
  readonly limit: number;
}

/** A part of a list, and the keypair after which the next part starts; undefined at the end. */
export interface RecordPart {
  readonly records: readonly CountedRecord[];
  readonly next: KeypairKey | undefined;
}

/**
 * The number of keypairs that one statement reads, and that one request reads: a filter that few rows match must not hold a
 * connection for long.
 */
const ROWS_PER_READ = 1000;
const MAX_ROWS = 10_000;

/** The life cycle of keypairs, for owners that the controller has authorised. */
@Injectable()
export class KeypairRecordsService {
  constructor(
    private readonly records: KeypairRecordRepository,
    private readonly keypairs: KeypairRepository,
    private readonly service: KeypairsService,
    private readonly keys: Keys,
    private readonly guests: GuestCache,
    private readonly shared: SharedKeypairs,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Throws {@link KeypairNotFound}. */
  async show({ id }: RecordOwner, name: string): Promise<CountedRecord> {
    return this.counted(await this.find(id, name));
  }

  /** Keypairs in the order of owner and name. A part may hold fewer than the limit, or none, although others follow. */
  async list(listing: RecordListing): Promise<RecordPart> {
    const { found, next } = await this.search(listing);
    const guestsOf = await this.records.guestCounts(found.map(({ userId }) => userId));
    return { records: found.map((record) => ({ record, guests: guestsOf(record) })), next };
  }

  /**
   * Creates or changes a keypair as the order describes it. Throws InvalidKey, {@link KeypairChanged}, {@link KeypairDiffers}, QuotaExceeded,
   * SimilarNameTaken, PolicyForbids or DomainError `no-project`.
   */
  async apply(
    caller: Caller,
    owner: RecordOwner,
    name: string,
    order: AppliedRecord,
    conditions: Preconditions,
    overlapMs: number,
  ): Promise<Outcome> {
    const key = this.keys.inspect(order.public_key, order.type);
    // A lost turn means that another request changed the keypair.
    for (;;) {
      const record = await this.records.find(owner.id, name);
      requireState(conditions, name, record);
      const outcome = record
        ? await this.applyTo(record, caller, owner, key, order, conditions.ifMatch !== undefined, overlapMs)
        : await this.create(caller, owner, name, { ...key, publicKey: order.public_key }, order);
      if (outcome) return { ...(await this.counted(outcome.record)), done: outcome.done };
    }
  }

  /** Throws {@link KeypairNotFound}, PolicyForbids or {@link KeypairChanged}. */
  async change(owner: RecordOwner, name: string, change: ChangedRecord, conditions: Preconditions): Promise<Outcome> {
    for (;;) {
      const record = await this.find(owner.id, name);
      owner.requireFor('update', record);
      requireState(conditions, name, record);
      const content = { ...record, ...this.changed(record, change), sha256: digestOf(record) ?? null };
      if (hasContent(record, content)) return { ...(await this.counted(record)), done: 'nothing' };
      const after = await this.store(owner, record, content);
      if (after) return { ...(await this.counted(after)), done: 'changed' };
    }
  }

  /**
   * Deletes a keypair and returns it. Throws {@link KeypairNotFound}, PolicyForbids, KeypairProtected, KeypairAttached or
   * {@link KeypairChanged}.
   */
  async delete(owner: RecordOwner, name: string, conditions: Preconditions): Promise<KeypairRecord> {
    for (;;) {
      const record = await this.find(owner.id, name);
      owner.requireFor('delete', record);
      // RFC 9110, section 13.2.1: preconditions count only where the request would succeed without them.
      if (record.deleteProtected) throw new KeypairProtected(name);
      await this.service.requireDetached(owner.id, name);
      requireState(conditions, name, record);
      if (await this.keypairs.remove(owner.id, name, owner.by, record)) return record;
    }
  }

  /**
   * Deletes the keypairs that match, at most {@link MAX_PRUNED}, but for protected ones, those that guests hold and those that the
   * caller may not delete; a dry run only finds them.
   */
  async prune(owner: RecordOwner, filter: RecordFilter, isDryRun: boolean): Promise<Pruned> {
    const userId = owner.id;
    const [chosen, kept]: [KeypairRecord[], KeptKeypair[]] = [[], []];
    const guestsOf = await this.records.guestCounts([userId]);
    let next: KeypairKey | undefined = { userId, name: '' };
    while (next && chosen.length < MAX_PRUNED) {
      const limit = MAX_PRUNED - chosen.length;
      const part = await this.search({ owners: [userId], digest: undefined, filter, after: next, limit });
      for (const record of part.found) {
        const reason = reasonToKeep(record, owner, guestsOf(record));
        if (reason === undefined) chosen.push(record);
        else if (kept.length < MAX_PRUNED) kept.push({ name: record.name, reason });
      }
      ({ next } = part);
    }
    if (isDryRun || chosen.length === 0) return { deleted: chosen, kept };
    const deleted = await this.records.prune(userId, chosen, owner.by);
    const gone = new Set(deleted.map(({ name }) => name));
    const left = chosen.filter(({ name }) => !gone.has(name));
    return { deleted, kept: [...kept, ...left.map(({ name }) => ({ name, reason: 'changed' as const }))] };
  }

  /** Checks a key without storing it. */
  check(publicKey: string, type: KeypairType = typeOfText(publicKey)): CheckedText {
    try {
      this.keys.inspect(publicKey, type);
      return { type, publicKey, refusal: undefined };
    } catch (error) {
      if (!(error instanceof InvalidKey)) throw error;
      return { type, publicKey, refusal: error };
    }
  }

  /** The keypair and the keys that it had before, the newest first. Throws {@link KeypairNotFound}. */
  async versions({ id }: RecordOwner, name: string): Promise<{ record: KeypairRecord; old: readonly OldKey[] }> {
    const record = await this.find(id, name);
    return { record, old: await this.records.versions(id, name) };
  }

  /**
   * Gives another owner a copy of a keypair, unless that has it already. Throws {@link KeypairNotFound}, InvalidKey, NameTaken,
   * SimilarNameTaken or QuotaExceeded.
   */
  async copy(caller: Caller, from: RecordOwner, name: string, to: RecordOwner, newName: string): Promise<Outcome> {
    return this.copyRecord(caller, await this.find(from.id, name), to, newName);
  }

  private async copyRecord(caller: Caller, record: KeypairRecord, to: RecordOwner, newName: string): Promise<Outcome> {
    const { publicKey, type } = record;
    const key = { ...this.keys.inspect(publicKey, type), publicKey };
    const { tags, note, expiresAt } = record;
    const order = { tags, note, ...(expiresAt !== null && { expires_at: `${expiresAt}Z` }) };
    for (;;) {
      const existing = await this.records.find(to.id, newName);
      if (existing && !isSameKey(existing, key)) throw new NameTaken(newName);
      const outcome = existing
        ? ({ record: existing, done: 'nothing' } as const)
        : await this.create(
            caller,
            to,
            newName,
            key,
            order,
            projectOf(to.id) === undefined ? 'keypair.imported' : 'keypair.shared',
          );
      if (outcome) return { ...(await this.counted(outcome.record)), done: outcome.done };
    }
  }

  /**
   * As {@link copy}, and deletes the keypair afterwards. If that fails both are there, and the same request goes on. Throws
   * KeypairProtected and KeypairAttached too.
   */
  async move(caller: Caller, from: RecordOwner, name: string, to: RecordOwner, newName: string): Promise<Outcome> {
    const record = await this.find(from.id, name);
    if (record.deleteProtected) throw new KeypairProtected(name);
    await this.service.requireDetached(from.id, name);
    const outcome = await this.copyRecord(caller, record, to, newName);
    if (!(await this.keypairs.remove(from.id, name, from.by, record))) throw new MovedMeanwhile(name);
    return outcome;
  }

  /** Throws {@link KeypairNotFound}. */
  private async find(userId: string, name: string): Promise<KeypairRecord> {
    const record = await this.records.find(userId, name);
    if (!record) throw new KeypairNotFound(name, userId);
    return record;
  }

  /** Undefined if another request created the keypair first. */
  private async create(
    caller: Caller,
    owner: RecordOwner,
    name: string,
    { type, fingerprint, sha256: digest, publicKey }: InspectedKey & { readonly publicKey: string },
    order: ChangedRecord,
    event: 'keypair.imported' | 'keypair.shared' = 'keypair.imported',
  ): Promise<Done | undefined> {
    const flaw = flawOfNewName(name);
    if (flaw !== undefined) throw new DomainError('invalid-shape', flaw);
    const { expiresAt, ...life } = this.changed({ ...NEW, expiresAt: latestEnd(this.config) }, order);
    const keypair = { userId: owner.id, name, type, fingerprint, sha256: digest, publicKey, expiresAt };
    const made = { ...life, keyBy: caller.userId, createdBy: owner.createdBy };
    try {
      const added = await this.keypairs.addWithLife(keypair, made, owner.creator(), event, owner.by);
      // The database notifies the other replicas.
      this.shared.forget(owner.id);
      return { record: { ...NEW, ...made, ...keypair, ...added }, done: 'created' };
    } catch (error) {
      if (error instanceof NameTaken) return undefined;
      throw error;
    }
  }

  /** Undefined if another request changed the keypair first. Throws {@link KeypairDiffers}. */
  private async applyTo(
    record: KeypairRecord,
    caller: Caller,
    owner: RecordOwner,
    key: InspectedKey,
    order: AppliedRecord,
    mayReplace: boolean,
    overlapMs: number,
  ): Promise<Done | undefined> {
    const isSame = isSameKey(record, key);
    if (!isSame && !mayReplace) throw new KeypairDiffers(record);
    const attributes = this.changed(record, order);
    // The text stays as it was imported, whatever comment the order has.
    const content: KeypairContent = isSame
      ? { ...record, ...attributes, sha256: digestOf(record) ?? null }
      : { ...attributes, ...key, publicKey: order.public_key };
    if (isSame && hasContent(record, content)) return { record, done: 'nothing' };
    owner.requireFor('update', record);
    const rotation: Rotation | undefined = isSame
      ? undefined
      : { keyBy: caller.userId, overlapUntil: utcTime(Date.now() + overlapMs) };
    const after = await this.store(owner, record, content, rotation);
    return after && { record: after, done: isSame ? 'changed' : 'rotated' };
  }

  /** Undefined if another request changed the keypair first. The database notifies the other replicas. */
  private async store({ by }: RecordOwner, record: KeypairRecord, content: KeypairContent, rotation?: Rotation) {
    const after = await this.records.change(record, content, by, rotation);
    if (after) this.guests.forgetGuestsOf(record.userId);
    return after;
  }

  private async search({ owners, digest, filter, after, limit }: RecordListing) {
    const now = utcTime(Date.now());
    const found: KeypairRecord[] = [];
    let last = after;
    if (limit === 0) return { found, next: undefined };
    for (let read = 0; read < MAX_ROWS; read += ROWS_PER_READ) {
      const rows = await this.records.page({ owners, digest, after: last, limit: ROWS_PER_READ });
      for (const row of rows) {
        last = row;
        if (!matches(row, filter, now)) continue;
        found.push(row);
        if (found.length === limit) return { found, next: last };
      }
      if (rows.length < ROWS_PER_READ) return { found, next: undefined };
    }
    return { found, next: last };
  }

  /** Throws {@link LifetimeExceeded}. */
  private changed(current: Attributes, change: ChangedRecord): Attributes {
    const attributes = changed(current, change);
    const { expiresAt } = attributes;
    const latest = latestEnd(this.config);
    if (latest !== null && change.expires_at !== undefined && (expiresAt === null || expiresAt > latest))
      throw new LifetimeExceeded(latest);
    return attributes;
  }

  private async counted(record: KeypairRecord): Promise<CountedRecord> {
    const guestsOf = await this.records.guestCounts([record.userId]);
    return { record, guests: guestsOf(record) };
  }
}

/** The defaults of a new keypair. */
const NEW = {
  version: 1,
  expiresAt: null,
  deleteProtected: false,
  tags: {},
  note: null,
  updatedAt: null,
  keySince: null,
  lastDeliveredAt: null,
} as const;

type Attributes = Pick<KeypairRecord, 'expiresAt' | 'deleteProtected' | 'tags' | 'note'>;

function changed(current: Attributes, { expires_at, tags, note, delete_protected }: ChangedRecord): Attributes {
  return {
    expiresAt: expires_at === undefined ? current.expiresAt : expires_at && readTime(expires_at)!,
    deleteProtected: delete_protected ?? current.deleteProtected,
    tags: tags === undefined ? current.tags : (tags ?? {}),
    note: note === undefined ? current.note : note,
  };
}

/** Whether a keypair has this key, whatever its comment. */
function isSameKey(record: KeypairRecord, key: InspectedKey): boolean {
  return record.type === key.type && (digestOf(record)?.equals(key.sha256) ?? record.fingerprint === key.fingerprint);
}

function reasonToKeep(record: KeypairRecord, owner: RecordOwner, guests: number): KeptKeypair['reason'] | undefined {
  if (record.deleteProtected) return 'protected';
  return guests > 0 ? 'attached' : owner.allows('delete', record) ? undefined : 'forbidden';
}

/** SHA-256 of the key; undefined for a text that no parser reads. */
function digestOf(record: KeypairRecord): Buffer | undefined {
  const key = descriptionOf(record);
  return key && sha256(key.bytes);
}

/** Throws {@link KeypairChanged}. */
function requireState(conditions: Preconditions, name: string, record: KeypairRecord | undefined): void {
  const failed = failedPrecondition(conditions, record && entityTag(record));
  if (failed) throw new KeypairChanged(failed, name, record);
}
