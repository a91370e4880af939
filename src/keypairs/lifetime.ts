import type { Config } from '../config/config.js';
import { DAY_MS, utcTime } from '../domain/utc-time.js';

/** The latest end of a keypair that is set now, UTC; null if KEYPAIR_MAX_LIFETIME sets no limit. */
export function latestEnd({ keypairMaxLifetimeDays: days }: Config): string | null {
  return days === undefined ? null : utcTime(Date.now() + days * DAY_MS);
}
