/** Times as the database and the API write them: UTC, `2026-01-31T12:34:56.123456`. They sort as texts. */

/** A time in milliseconds since 1970. */
export const utcTime = (ms: number): string => `${new Date(ms).toISOString().slice(0, -1)}000`;

const ISO_TIME =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])(?:[T ](?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?(Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)?)?$/;

/** Reads a date or time of ISO 8601, in UTC unless it names an offset; undefined for anything else, such as 30 February. */
export function readTime(text: string): string | undefined {
  const [whole, zone] = ISO_TIME.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const ms = Date.parse(
    whole.length === 10 || zone !== undefined ? whole.replace(' ', 'T') : `${whole.replace(' ', 'T')}Z`,
  );
  if (Number.isNaN(ms)) return undefined;
  // Date.parse makes 2 March of 30 February.
  if (new Date(Date.parse(whole.slice(0, 10))).toISOString().slice(0, 10) !== whole.slice(0, 10)) return undefined;
  const time = new Date(ms).toISOString();
  return time.length === 24 ? utcTime(ms) : undefined;
}

export const DAY_MS = 86_400_000;
const UNIT_MS = { m: 60_000, h: 3_600_000, d: DAY_MS, w: 7 * DAY_MS } as const;
const SHORT = /^(\d{1,6})([mhdw])$/;
const ISO_DURATION = /^P(?=.)(?:(\d{1,6})W)?(?:(\d{1,6})D)?(?:T(?=.)(?:(\d{1,6})H)?(?:(\d{1,6})M)?)?$/;

/** Reads a duration, such as `30d`, `12h` or `PT24H` of ISO 8601, in milliseconds; undefined for anything else. */
export function readDuration(text: string): number | undefined {
  const [, count, unit] = SHORT.exec(text) ?? [];
  if (unit !== undefined) return Number(count) * UNIT_MS[unit as keyof typeof UNIT_MS];
  const parts = ISO_DURATION.exec(text);
  if (!parts) return undefined;
  const [weeks, days, hours, minutes] = parts.slice(1).map((part) => Number(part ?? 0));
  return weeks * UNIT_MS.w + days * UNIT_MS.d + hours * UNIT_MS.h + minutes * UNIT_MS.m;
}
