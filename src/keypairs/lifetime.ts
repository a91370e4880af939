import type { Config } from '../config/config.js';
import { DAY_MS, utcTime } from '../domain/utc-time.js';

/** The latest expiry that can be set now, in UTC; null if KEYPAIR_MAX_LIFETIME sets no limit. */
export function latestEnd({ keypairMaxLifetimeDays: days }: Config): string | null {
  return days === undefined ? null : utcTime(Date.now() + days * DAY_MS);
}
