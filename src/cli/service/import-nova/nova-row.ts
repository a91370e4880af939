import { KeypairType } from '../../../domain/keypair-type.js';

/** A keypair as Nova has it. Times are UTC, `2026-01-31 12:34:56.123456`; undefined where Nova tells none. */
export interface NovaRow {
  readonly userId: string;
  readonly name: string;
  readonly type: KeypairType;
  readonly fingerprint: string;
  readonly publicKey: string;
  readonly createdAt?: string | undefined;
  readonly updatedAt?: string | undefined;
}

/** Fields under Nova's names for them, as text; null and undefined are none. */
export type Fields = Readonly<Record<string, unknown>>;

/** What is no keypair; the message says what was wrong and completes "It was left out: ...". */
export class MalformedRow extends Error {}

const LONGEST = 255;
const TYPES: readonly unknown[] = Object.values(KeypairType);
const isType = (value: unknown): value is KeypairType => TYPES.includes(value);

/** Body a keypair of Nova's. Throws {@link MalformedRow}. */
export function readRow(fields: Fields): NovaRow {
  return {
    userId: wholeText(fields, 'user_id', LONGEST),
    name: wholeText(fields, 'name', LONGEST),
    type: typeIn(fields),
    fingerprint: wholeText(fields, 'fingerprint', LONGEST),
    publicKey: wholeText(fields, 'public_key', Infinity),
    createdAt: timeIn(fields, 'created_at'),
    updatedAt: timeIn(fields, 'updated_at'),
  };
}

function wholeText(fields: Fields, column: string, longest: number): string {
  const value = fields[column];
  if (typeof value !== 'string' || value === '') throw new MalformedRow(`it has no ${column}`);
  if (Array.from(value).length > longest) throw new MalformedRow(`its ${column} has more than ${longest} characters`);
  // PostgreSQL stores neither a NUL nor half of a surrogate pair.
  if (/\0|\p{Cs}/u.test(value)) throw new MalformedRow(`its ${column} is no text that can be stored`);
  return value;
}

/** Keypairs had no type before microversion 2.2, and were SSH's. */
function typeIn(fields: Fields): KeypairType {
  const type = fields.type ?? '';
  if (type === '') return KeypairType.Ssh;
  if (!isType(type)) throw new MalformedRow(`its type is none of ${TYPES.join(', ')}`);
  return type;
}

const TIME = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d(?:\.\d{1,6})?)(?:Z|\+00(?::?00)?)?$/;

function timeIn(fields: Fields, column: string): string | undefined {
  const value = fields[column] ?? '';
  // MySQL's client writes no value as this word.
  if (value === '' || value === 'NULL') return undefined;
  const [, date, time] = (typeof value === 'string' && TIME.exec(value)) || [];
  const instant = new Date(`${date}T${time}Z`);
  // The thirtieth of February is read as one of March.
  if (Number.isNaN(instant.getTime()) || !instant.toISOString().startsWith(date)) {
    throw new MalformedRow(`its ${column} is no time such as 2026-01-31 12:34:56, in UTC`);
  }
  return `${date} ${time}`;
}
