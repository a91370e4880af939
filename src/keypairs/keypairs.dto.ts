import { OmitType } from '@nestjs/swagger';
import {
  Strict,
  type Envelope,
  Rules,
  isDigits,
  isEach,
  isLong,
  isOneOf,
  isText,
  Optional,
  rule,
} from '../http/shapes/shape.js';
import { pythonRepr } from '../http/shapes/python-value.js';
import { areKeys } from '../domain/storable.js';
import { DEFAULT_KEYPAIR_TYPE, KeypairType, toKeyType } from '../domain/keypair-type.js';
import { hasOnly, isPrintableName, isTrimmedName } from './keypair-name.js';

const isShort = isLong(1, 255);

/** Nova accepts any text, and fails with 500 if its database cannot store it; this service answers 400. */
const isUserId = rule({ maxLength: 255 }, (value) => {
  const userId = value as string;
  if (areKeys(userId)) return undefined;
  return { message: `${pythonRepr(value)} is not a user id: use at most 255 characters, none of them NUL` };
});

/** The body on /v2: anything printable is a name, spaces at its ends are removed, and unknown properties are dropped. */
export class LegacyKeypair {
  @Rules(isText, isShort, isPrintableName) name: string;
  @Optional(isText) public_key?: string;
}

/** The types as the extension os-extended-keypairs spells them; clients may write them in any case. */
const KEY_TYPES = Object.values(KeypairType).map(toKeyType);

/** A pattern that matches the words in any case, for OpenAPI: `^([Ss][Ss][Hh]|[Xx]509)$`. */
const anyCase = (words: readonly string[]): string =>
  `^(${words.join('|').replaceAll(/[A-Z]/g, (letter) => `[${letter}${letter.toLowerCase()}]`)})$`;

const isKeyType = rule({ pattern: anyCase(KEY_TYPES) }, (value) =>
  KEY_TYPES.includes((value as string).toUpperCase()) ? undefined : isOneOf(...KEY_TYPES)(value),
);

/** The body on /v2 with the extension. */
export class ExtendedKeypair extends LegacyKeypair {
  @Optional(isText, isKeyType) key_type?: string;
}

/** The type that a `key_type` names. */
export const keypairType = (keyType = ''): KeypairType =>
  Object.values(KeypairType).find((type) => toKeyType(type) === keyType.toUpperCase()) ?? DEFAULT_KEYPAIR_TYPE;

/** 2.1: without `public_key` the server generates the pair. */
@Strict()
export class NewKeypair {
  @Rules(isText, isShort, isTrimmedName, hasOnly('_- ')) name: string;
  @Optional(isText) public_key?: string;
}

/** 2.2. */
export class NewTypedKeypair extends NewKeypair {
  @Optional(isText, isOneOf(...Object.values(KeypairType))) type?: KeypairType;
}

/** 2.10: an administrator may name the owner; empty means the caller. */
export class NewKeypairForUser extends NewTypedKeypair {
  @Optional(isText, isUserId) user_id?: string;
}

/** 2.92: the client generates the pair; names may contain more characters. */
@Strict()
export class ImportedKeypair extends OmitType(NewKeypairForUser, ['name', 'public_key']) {
  @Rules(isText, isShort, isTrimmedName, hasOnly('@._- ')) name: string;
  @Rules(isText) public_key: string;
}

/** The body of POST in one of the shapes above. */
export const inKeypair = <T extends object>(shape: new () => T): Envelope<T> => ({ property: 'keypair', shape });

/** The query below 2.10: every parameter is ignored. */
export class NoQuery {}

/** 2.10: whose keypairs. The first of several values counts. */
export class OwnerQuery {
  @Optional(isEach(isText)) user_id?: string[];
}

/** 2.35: which page. The last of several values counts. */
export class PageQuery extends OwnerQuery {
  @Optional(isEach(isText, isLong(1, Infinity), isDigits)) limit?: string[];
  @Optional(isEach(isText)) marker?: string[];
}

/** 2.75: unknown parameters are refused. */
@Strict()
export class ExactOwnerQuery extends OwnerQuery {}

/** 2.75: unknown parameters are refused. */
@Strict()
export class ExactPageQuery extends PageQuery {}
