import { KeypairType } from '../../domain/keypair-type.js';
import { PageQuery } from '../../http/pages.js';
import {
  type Envelope,
  isBoolean,
  isEach,
  isLong,
  isOneOf,
  isText,
  Optional,
  orNull,
  Rules,
  Strict,
} from '../../http/shapes/shape.js';
import { isDuration, isFingerprint, isNote, isOverlap, isTags, isTime } from './record-rules.js';

/** Whose keypair, if not the caller's. */
@Strict()
export class RecordOwnerQuery {
  @Optional(isEach(isText)) user_id?: string[];
}

/** Which keypairs of an owner are listed. If a parameter is repeated, its last value counts. */
export class ProjectRecordsQuery extends PageQuery {
  /** The name of the last keypair of the previous page. */
  @Optional(isEach(isText)) marker?: string[];
  @Optional(isEach(isText)) name_prefix?: string[];
  @Optional(isEach(isOneOf(...Object.values(KeypairType)))) type?: KeypairType[];

  /** For SSH keys as ssh-keygen names it, such as `ssh-ed25519`; for certificates as OpenSSL does, such as `rsa`. */
  @Optional(isEach(isText)) algorithm?: string[];

  /** In the notation of ssh-keygen, OpenSSL or Nova. */
  @Optional(isEach(isText, isFingerprint)) fingerprint?: string[];

  /** A tag as `NAME` or `NAME:VALUE`. If repeated, the keypair must have all of them. */
  @Optional(isEach(isText)) tag?: string[];

  /** Only keypairs created longer ago than this duration. */
  @Optional(isEach(isDuration)) older_than?: string[];
  @Optional(isEach(isTime)) expires_before?: string[];

  /** Only keypairs that were neither created nor delivered to a guest within this duration. */
  @Optional(isEach(isDuration)) unused_for?: string[];
  @Optional(isEach(isOneOf('true', 'false'))) expired?: string[];
}

/** Which keypairs are listed, and whose. */
export class RecordsQuery extends ProjectRecordsQuery {
  @Optional(isEach(isText)) user_id?: string[];

  /** Administrators only: the keypairs of all users and projects. */
  @Optional(isEach(isOneOf('true', 'false'))) all_users?: string[];

  /** The caller's keypairs, those of the token's project, or both. */
  @Optional(isEach(isOneOf('own', 'project', 'all'))) scope?: string[];

  /** With `all_users` or `scope`: the owner of the keypair named in `marker`, as in the `next` link. */
  @Optional(isEach(isText)) marker_user_id?: string[];
}

/** A keypair of a project has its owner in the path. */
@Strict()
export class ProjectItemQuery {}

/** What is set on a keypair; null removes it. */
@Strict()
export class ChangedRecord {
  /** An ISO 8601 time, in UTC unless it has an offset. */
  @Optional(orNull(isTime)) expires_at?: string | null;

  /** Replaces all tags. */
  @Optional(orNull(isTags)) tags?: Readonly<Record<string, string>> | null;
  @Optional(orNull(isNote)) note?: string | null;
  @Optional(isBoolean) delete_protected?: boolean;
}

/** The desired state of the keypair. */
@Strict()
export class AppliedRecord extends ChangedRecord {
  @Rules(isText) public_key: string;
  @Optional(isText, isOneOf(...Object.values(KeypairType))) type?: KeypairType;
}

export const appliedRecord: Envelope<AppliedRecord> = { property: 'keypair', shape: AppliedRecord };
export const changedRecord: Envelope<ChangedRecord> = { property: 'keypair', shape: ChangedRecord };

@Strict()
export class ProjectApplyQuery {
  /** How long guests that follow the keypair also receive the replaced key. Default: PT24H. */
  @Optional(isEach(isOverlap)) overlap?: string[];
}

@Strict()
export class ApplyQuery extends ProjectApplyQuery {
  @Optional(isEach(isText)) user_id?: string[];
}

/** The project that gets a copy of a keypair. */
@Strict()
export class ShareOrder {
  @Rules(isText, isLong(1, 240)) project_id: string;

  /** The name of the copy, if it differs. */
  @Optional(isText) name?: string;

  /** Whether to delete the original afterwards. */
  @Optional(isBoolean) move?: boolean;
}

/** A copy of a project's keypair for the caller. */
@Strict()
export class TakeOrder {
  /** The name of the copy, if it differs. */
  @Optional(isText) name?: string;
}

export const shareOrder: Envelope<ShareOrder> = { property: 'share', shape: ShareOrder };
export const takeOrder: Envelope<TakeOrder> = { property: 'take', shape: TakeOrder };

/** Which keypairs are pruned: at least one bound must be given. */
@Strict()
export class PruneOrder {
  @Optional(isText, isLong(1, 255)) name_prefix?: string;
  @Optional(isText, isDuration) older_than?: string;
  @Optional(isText, isDuration) unused_for?: string;
  @Optional(isBoolean) expired?: boolean;

  /** Whether to delete nothing and only report. Default: true. */
  @Optional(isBoolean) dry_run?: boolean;
}

/** A key to judge. */
@Strict()
export class KeyToCheck {
  @Rules(isText) public_key: string;
  @Optional(isText, isOneOf(...Object.values(KeypairType))) type?: KeypairType;
}

export const pruneOrder: Envelope<PruneOrder> = { property: 'prune', shape: PruneOrder };
export const keyToCheck: Envelope<KeyToCheck> = { property: 'check', shape: KeyToCheck };
