import { readDuration, readTime, utcTime } from '../../domain/utc-time.js';
import { readFingerprint } from './fingerprint-query.js';
import type { RecordFilter } from './record-filter.js';
import type { ProjectRecordsQuery, RecordsQuery } from './records.dto.js';
import type { RecordListing } from './records.service.js';

/** What a query searches for at a time in milliseconds; its values have passed the rules. */
export function searchOf(
  query: ProjectRecordsQuery & Pick<RecordsQuery, 'marker_user_id'>,
  owners: readonly string[] | undefined,
  limit: number,
  now: number,
): RecordListing {
  const last = <T>(values: readonly T[] | undefined): T | undefined => values?.at(-1);
  const fingerprint = query.fingerprint && readFingerprint(query.fingerprint.at(-1)!)!;
  return {
    owners,
    limit,
    after: {
      userId: last(query.marker_user_id) ?? (owners?.length === 1 ? owners[0] : ''),
      name: last(query.marker) ?? '',
    },
    digest: fingerprint && 'digest' in fingerprint ? fingerprint.digest : undefined,
    filter: {
      namePrefix: last(query.name_prefix),
      type: last(query.type),
      algorithm: last(query.algorithm),
      fingerprint: fingerprint && 'fingerprint' in fingerprint ? fingerprint.fingerprint : undefined,
      tags: query.tag?.map(readTag),
      createdBefore: before(last(query.older_than), now),
      expiresBefore: query.expires_before && readTime(query.expires_before.at(-1)!),
      unusedSince: before(last(query.unused_for), now),
      ...(query.expired && { expired: query.expired.at(-1) === 'true' }),
    },
  };
}

/** The time a duration ago; undefined without a duration. */
export function before(duration: string | undefined, now: number): string | undefined {
  return duration === undefined ? undefined : utcTime(now - readDuration(duration)!);
}

function readTag(text: string): NonNullable<RecordFilter['tags']>[number] {
  const colon = text.indexOf(':');
  return colon < 0 ? { name: text, value: undefined } : { name: text.slice(0, colon), value: text.slice(colon + 1) };
}
