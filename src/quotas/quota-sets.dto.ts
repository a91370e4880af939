import { OmitType } from '@nestjs/swagger';
import { pythonRepr } from '../http/shapes/python-value.js';
import { excerpt } from '../domain/excerpt.js';
import { PythonNumber } from '../http/shapes/read-json.js';
import { Strict, type Envelope, isEach, isText, Optional, type Rule, rule } from '../http/shapes/shape.js';

const MIN = -1;
/** The largest integer of Nova's database. */
const MAX = 0x7fff_ffff;

// Integers past 2^53 are PythonNumbers, and so are floats.
const isWhole = (value: unknown): boolean =>
  Number.isInteger(value) || (value instanceof PythonNumber && /^-?\d+$/.test(value.shown));

const WRITTEN_LIMIT = {
  oneOf: [
    { type: 'integer', minimum: MIN, maximum: MAX },
    { type: 'string', pattern: '^-?[0-9]+$' },
  ],
};

const isIntegerOrText = rule(WRITTEN_LIMIT, (value) =>
  isWhole(value) || typeof value === 'string'
    ? undefined
    : { message: `${pythonRepr(value)} is not of type 'integer', 'string'` },
);

// Python's `$` also matches before a final line feed.
const looksWhole: Rule = (value) =>
  typeof value !== 'string' || /^-?[0-9]+\n?$/.test(value)
    ? undefined
    : { message: `${pythonRepr(value)} does not match '^-?[0-9]+$'` };

const isInRange: Rule = (value) => {
  const [, sign, digits] = /^(-?)0*(\d+)\n?$/.exec(value instanceof PythonNumber ? value.shown : String(value))!;
  const number = digits === '0' ? digits : sign + digits;
  // More digits than the bounds have are not made a number: that takes time, and they are out of bounds anyway.
  const isLonger = digits.length > String(MAX).length;
  if (isLonger ? sign === '-' : Number(number) < MIN) {
    return { message: `${excerpt(number)} is less than the minimum of ${MIN}` };
  }
  return isLonger || Number(number) > MAX
    ? { message: `${excerpt(number)} is greater than the maximum of ${MAX}` }
    : undefined;
};

const YES = ['True', 'TRUE', 'true', '1', 'ON', 'On', 'on', 'YES', 'Yes', 'yes', 'y', 't'];
const NO = ['False', 'FALSE', 'false', '0', 'OFF', 'Off', 'off', 'NO', 'No', 'no', 'n', 'f'];
const FLAGS: readonly unknown[] = [true, ...YES, false, ...NO];

const isFlag = rule({ oneOf: [{ type: 'boolean' }, { type: 'string', enum: [...YES, ...NO] }] }, (value) => {
  if (typeof value !== 'boolean' && typeof value !== 'string') {
    return { message: `${pythonRepr(value)} is not of type 'boolean', 'string'` };
  }
  return FLAGS.includes(value) ? undefined : { message: `${pythonRepr(value)} is not one of ${pythonRepr(FLAGS)}` };
});

/** The value of a flag; false if absent. */
export const isYes = (flag: Flag | undefined): boolean => flag === true || YES.includes(flag as string);

/** A limit as clients write it: an integer, or text that looks like one. */
export type WrittenLimit = number | string;
/** A boolean as clients write it. */
export type Flag = boolean | string;

const QuotaLimit = (): PropertyDecorator => Optional(isIntegerOrText, looksWhole, isInRange);

/** What /v2 reads; unknown properties are dropped. */
export class LegacyQuotaSet {
  @QuotaLimit() instances?: WrittenLimit;
  @QuotaLimit() cores?: WrittenLimit;
  @QuotaLimit() ram?: WrittenLimit;
  @QuotaLimit() floating_ips?: WrittenLimit;
  @QuotaLimit() fixed_ips?: WrittenLimit;
  @QuotaLimit() metadata_items?: WrittenLimit;
  @QuotaLimit() key_pairs?: WrittenLimit;
  @QuotaLimit() security_groups?: WrittenLimit;
  @QuotaLimit() security_group_rules?: WrittenLimit;
  @QuotaLimit() injected_files?: WrittenLimit;
  @QuotaLimit() injected_file_content_bytes?: WrittenLimit;
  @QuotaLimit() injected_file_path_bytes?: WrittenLimit;
  @QuotaLimit() server_groups?: WrittenLimit;
  @QuotaLimit() server_group_members?: WrittenLimit;
  @QuotaLimit() networks?: WrittenLimit;

  /** Whether to skip the check that the limits of users do not exceed the limit of their project. */
  @Optional(isFlag) force?: Flag;
}

/** 2.1. */
@Strict()
export class NewQuotaSet extends LegacyQuotaSet {}

/** 2.36: nothing of networks. */
@Strict()
export class QuotaSetWithoutNetworks extends OmitType(NewQuotaSet, [
  'fixed_ips',
  'floating_ips',
  'security_groups',
  'security_group_rules',
  'networks',
]) {}

/** 2.57: nothing of files put into servers. */
@Strict()
export class QuotaSetWithoutFiles extends OmitType(QuotaSetWithoutNetworks, [
  'injected_files',
  'injected_file_content_bytes',
  'injected_file_path_bytes',
]) {}

/** The body of PUT in one of the shapes above. */
export const inQuotaSet = <T extends object>(shape: new () => T): Envelope<T> => ({ property: 'quota_set', shape });

/** The user in the project whose limits are requested. Of several the first that is not empty counts. */
export class QuotaQuery {
  @Optional(isEach(isText)) user_id?: string[];
}

/** 2.75: unknown parameters are refused. */
@Strict()
export class ExactQuotaQuery extends QuotaQuery {}
