import type { ImportedKeypair } from '../../../persistence/repositories/keypair-import.repository.js';
import { KeypairType } from '../../../domain/keypair-type.js';

/** A keypair as Nova stores it; its fingerprint is nullable there. */
export interface NovaRow extends Omit<ImportedKeypair, 'fingerprint'> {
  readonly fingerprint: string | undefined;
}

/** Fields under Nova's names for them, as text. */
export type Fields = Readonly<Record<string, unknown>>;

/** A row that is no keypair; the message gives the reason. */
export class MalformedRow extends Error {}

/** `mysql --batch` writes NULL as this word, so no keypair is stored for a user of that name. */
const isNull = (value: unknown): boolean => value === undefined || value === null || value === '' || value === 'NULL';

/** Whether Nova has deleted a row of its older tables, where `deleted` is then its id. Throws {@link MalformedRow}. */
export function isDeleted(fields: Fields): boolean {
  if (!('deleted' in fields) || ['0', 'f', 'false'].includes(fields.deleted as string)) return false;
  if (isNull(fields.deleted)) throw new MalformedRow('its deleted is NULL, and Nova shows only keypairs where it is 0');
  if (/^([1-9]\d*|t|true)$/.test(String(fields.deleted))) return true;
  throw new MalformedRow('its deleted is neither 0 nor an id');
}

const MAX_CHARACTERS = 255;
const TYPES: readonly unknown[] = Object.values(KeypairType);
const isType = (value: unknown): value is KeypairType => TYPES.includes(value);

/** Reads a keypair of Nova. Throws {@link MalformedRow}. */
export function readRow(fields: Fields): NovaRow {
  return {
    userId: readText(isNull(fields.user_id) ? {} : fields, 'user_id', MAX_CHARACTERS),
    name: readText(fields, 'name', MAX_CHARACTERS),
    type: typeIn(fields),
    fingerprint: isNull(fields.fingerprint) ? undefined : readText(fields, 'fingerprint', MAX_CHARACTERS),
    publicKey: readText(fields, 'public_key', Infinity),
    createdAt: timeIn(fields, 'created_at'),
    updatedAt: timeIn(fields, 'updated_at'),
  };
}

function readText(fields: Fields, column: string, maxCharacters: number): string {
  const value = fields[column];
  if (typeof value !== 'string' || value === '') throw new MalformedRow(`it has no ${column}`);
  if (Array.from(value).length > maxCharacters)
    throw new MalformedRow(`its ${column} has more than ${maxCharacters} characters`);
  // PostgreSQL stores neither a NUL nor half of a surrogate pair.
  if (/\0|\p{Cs}/u.test(value)) throw new MalformedRow(`its ${column} is no text that can be stored`);
  return value;
}

/** Keypairs had no type before microversion 2.2, and were SSH's. */
function typeIn(fields: Fields): KeypairType {
  const { type } = fields;
  if (isNull(type)) return KeypairType.Ssh;
  if (!isType(type)) throw new MalformedRow(`its type is none of ${TYPES.join(', ')}`);
  return type;
}

const TIME = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d(?:\.\d{1,6})?)(?:Z|\+00(?::?00)?)?$/;

function timeIn(fields: Fields, column: string): string | undefined {
  const value = fields[column];
  if (isNull(value)) return undefined;
  const [, date, time] = (typeof value === 'string' && TIME.exec(value)) || [];
  const instant = new Date(`${date}T${time}Z`);
  // The thirtieth of February is read as one of March.
  if (Number.isNaN(instant.getTime()) || !instant.toISOString().startsWith(date)) {
    throw new MalformedRow(`its ${column} is no time such as 2026-01-31 12:34:56, in UTC`);
  }
  return `${date} ${time}`;
}
