import type { KeyDescription } from '../../crypto/key-type.js';
import { KEY_TYPES } from '../../crypto/key-types.js';
import type { KeypairType } from '../../domain/keypair-type.js';
import type { KeypairRecord } from '../../persistence/repositories/keypair-record.repository.js';

/** Which keypairs are listed or pruned; undefined members do not filter. Times are in the format of records. */
export interface RecordFilter {
  readonly namePrefix?: string | undefined;
  readonly type?: KeypairType | undefined;
  readonly algorithm?: string | undefined;
  /** As Nova shows it. */
  readonly fingerprint?: string | undefined;
  /** The keypair must have all of them, with the value if one is given. */
  readonly tags?: readonly { readonly name: string; readonly value: string | undefined }[];
  readonly createdBefore?: string | undefined;
  readonly expiresBefore?: string | undefined;
  readonly unusedSince?: string | undefined;
  readonly expired?: boolean | undefined;
}

/** Whether a keypair has ended at a time. */
export const isExpired = ({ expiresAt }: Pick<KeypairRecord, 'expiresAt'>, now: string): boolean =>
  expiresAt !== null && expiresAt <= now;

/** The properties of the key; undefined for a text that no parser reads. */
export function descriptionOf({
  type,
  publicKey,
}: Pick<KeypairRecord, 'type' | 'publicKey'>): KeyDescription | undefined {
  try {
    return KEY_TYPES[type].describe(publicKey);
  } catch {
    return undefined;
  }
}

export function matches(record: KeypairRecord, filter: RecordFilter, now: string): boolean {
  const { namePrefix, type, fingerprint, createdBefore, expiresBefore, unusedSince, expired, algorithm } = filter;
  return (
    (namePrefix === undefined || record.name.startsWith(namePrefix)) &&
    (type === undefined || record.type === type) &&
    (fingerprint === undefined || record.fingerprint === fingerprint) &&
    (filter.tags ?? []).every((tag) => hasTag(record, tag)) &&
    (createdBefore === undefined || record.createdAt < createdBefore) &&
    (expiresBefore === undefined || (record.expiresAt !== null && record.expiresAt < expiresBefore)) &&
    (unusedSince === undefined || (record.lastDeliveredAt ?? record.keySince ?? record.createdAt) < unusedSince) &&
    (expired === undefined || isExpired(record, now) === expired) &&
    (algorithm === undefined || descriptionOf(record)?.algorithm === algorithm)
  );
}

function hasTag({ tags }: KeypairRecord, { name, value }: { name: string; value: string | undefined }): boolean {
  return Object.hasOwn(tags, name) && (value === undefined || tags[name] === value);
}
