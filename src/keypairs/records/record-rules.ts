import { unsafeCharacter } from '../../crypto/unsafe-text.js';
import { DAY_MS, readDuration, readTime } from '../../domain/utc-time.js';
import { pythonRepr } from '../../http/shapes/python-value.js';
import { isJsonObject } from '../../http/shapes/read-json.js';
import { isLongerThan, type Rule, rule } from '../../http/shapes/shape.js';
import { readFingerprint } from './fingerprint-query.js';

/** The rules for properties and search parameters of keypairs, in addition to the general rules of shapes. */

const MAX_TAGS = 20;
const TAG_NAME = /^[A-Za-z0-9][A-Za-z0-9._/-]{0,62}$/;
const MAX_TEXT = 255;

const flawOfText = (text: unknown): string | undefined => {
  if (typeof text !== 'string') return `${pythonRepr(text)} is not of type 'string'`;
  if (isLongerThan(MAX_TEXT, text)) return `${pythonRepr(text)} is longer than ${MAX_TEXT} characters`;
  const unsafe = unsafeCharacter(text);
  return unsafe === undefined ? undefined : `It contains the character ${unsafe}, which is not allowed`;
};

/** A rule whose messages follow the name and the value of the field. */
const inWords = (schema: object, flawOf: (value: unknown) => string | undefined): Rule =>
  rule(schema, (value) => {
    const message = flawOf(value);
    return message === undefined ? undefined : { message };
  });

export const isNote = inWords({ type: 'string', maxLength: MAX_TEXT }, flawOfText);

export const isTime = inWords({ type: 'string', format: 'date-time' }, (value) =>
  typeof value !== 'string' || readTime(value) === undefined
    ? `${pythonRepr(value)} is not a time of ISO 8601, such as 2026-12-31T00:00:00Z`
    : undefined,
);

export const isDuration = inWords({ pattern: '^(\\d{1,6}[mhdw]|P[0-9WDTHM]+)$' }, (value) =>
  readDuration(value as string) === undefined
    ? `${pythonRepr(value)} is not a duration, such as 30d, 12h or PT24H`
    : undefined,
);

const MAX_OVERLAP_DAYS = 30;

export const isOverlap = inWords(isDuration.schema!, (value) => {
  const violation = isDuration(value);
  if (violation) return violation.message;
  return readDuration(value as string)! > MAX_OVERLAP_DAYS * DAY_MS
    ? `${pythonRepr(value)} is longer than ${MAX_OVERLAP_DAYS} days`
    : undefined;
});

export const isFingerprint = inWords({}, (value) =>
  readFingerprint(value as string) === undefined
    ? `${pythonRepr(value)} is not a fingerprint: SHA256:..., or hexadecimal digits of MD5, SHA-1 or SHA-256 with or without colons`
    : undefined,
);

export const isTags = inWords(
  { type: 'object', additionalProperties: { type: 'string', maxLength: MAX_TEXT }, maxProperties: MAX_TAGS },
  (value) => {
    if (!isJsonObject(value)) return `${pythonRepr(value)} is not of type 'object'`;
    const names = Object.keys(value);
    if (names.length > MAX_TAGS) return `More than ${MAX_TAGS} tags are too many`;
    for (const name of names) {
      if (!TAG_NAME.test(name))
        return `${pythonRepr(name)} is not the name of a tag: up to 63 letters, digits and "._/-", a letter or digit first`;
      const flaw = flawOfText(value[name]);
      if (flaw !== undefined) return flaw;
    }
    return undefined;
  },
);
