import { readDuration, readTime, utcTime } from '../../../domain/utc-time.js';
import { UsageError } from '../../cli-error.js';
import { readPairs } from '../../global-options.js';
import type { RecordChange } from './records.js';

/** The options that set the life of a keypair. */
export interface LifeOptions {
  readonly expires?: string;
  readonly tag?: readonly string[];
  readonly note?: string;
  readonly protect?: boolean;
}

/** What the options set, in the form of the API; tags are the named ones alone. Throws UsageError. */
export function lifeOf({ expires, tag, note, protect }: LifeOptions): RecordChange {
  return {
    ...(expires !== undefined && { expires_at: readExpiry(expires) }),
    ...(tag !== undefined && { tags: readPairs('--tag', tag) }),
    ...(note !== undefined && { note }),
    ...(protect && { delete_protected: true }),
  };
}

/** A duration from now, or a time, as the API reads it. Throws UsageError. */
export function readExpiry(text: string): string {
  const duration = readDuration(text);
  const time = duration === undefined ? readTime(text) : utcTime(Date.now() + duration);
  if (time !== undefined) return time;
  throw new UsageError('--expires must be a duration such as 90d, or a time such as 2027-12-31T00:00:00Z.');
}

/** The version that the caller has seen. Throws UsageError. */
export function readVersion(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^[1-9]\d{0,9}$/.test(text)) return Number(text);
  throw new UsageError('--if-version must be a whole number, such as 3.');
}
