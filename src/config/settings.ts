import { readFileSync } from 'node:fs';
import { canonicalNetwork } from '../domain/ip-address.js';
import { readDuration } from '../domain/utc-time.js';

/** One setting: its variable, a sentence for operators, its default as text, and its parser. */
export interface Setting<T> {
  readonly variable: string;
  /** What it does, with its unit. Printed into `.env.example` and into messages. */
  readonly description: string;
  /** The default as text, for a variable that is unset or empty; undefined if the setting is optional. */
  readonly fallback: string | undefined;
  /** Reads the text, or throws an error whose message completes "VARIABLE ...", as in "must be a whole number". */
  readonly read: (text: string) => T;
}

export function setting<T>(
  variable: string,
  fallback: string,
  read: (text: string) => T,
  description: string,
): Setting<T> {
  return { variable, fallback, read, description };
}

export function optional<T>(variable: string, read: (text: string) => T, description: string): Setting<T | undefined> {
  return { variable, fallback: undefined, read, description };
}

export const text = (value: string): string => value;

/** The text of a file, without its final line end. */
export const textInFile = (path: string): string => {
  try {
    return withoutLineEnd(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new Error(`must be the path of a file that can be read (${(cause as NodeJS.ErrnoException).code})`, {
      cause,
    });
  }
};

/** Removes the final line end, which editors and `echo` add and which is not part of a secret. */
export const withoutLineEnd = (content: string): string => content.replace(/\r?\n$/, '');

/** The path of a file that can be read, and is read when it is needed. */
export const readableFile = (path: string): string => {
  textInFile(path);
  return path;
};

export const wholeNumber =
  (min: number, max = Number.MAX_SAFE_INTEGER) =>
  (value: string): number => {
    const number = Number(value);
    if (!/^-?\d+$/.test(value) || number < min || number > max) {
      const range = max === Number.MAX_SAFE_INTEGER ? `${min} or more` : `from ${min} to ${max}`;
      throw new Error(`must be a whole number, ${range}`);
    }
    return number;
  };

/** Whole numbers with commas between them. */
export const wholeNumbers =
  (min: number, max: number) =>
  (value: string): number[] => {
    try {
      return list(value).map(wholeNumber(min, max));
    } catch (cause) {
      throw new Error(`must be whole numbers from ${min} to ${max}, with commas between them`, { cause });
    }
  };

/** A number from 0 to 1. */
export const share = (value: string): number => {
  if (!/^(0|1|[01]?\.\d+)$/.test(value) || Number(value) > 1) throw new Error('must be a number from 0 to 1');
  return Number(value);
};

/** At most `max` in a number of seconds. */
export interface Rate {
  readonly max: number;
  readonly seconds: number;
}

export const rate = (value: string): Rate | undefined => {
  if (value === 'off') return undefined;
  const [, max, seconds] = /^([1-9]\d{0,8})\/([1-9]\d{0,4})$/.exec(value) ?? [];
  if (max === undefined) throw new Error('must be REQUESTS/SECONDS, such as 600/60, or off');
  return { max: Number(max), seconds: Number(seconds) };
};

/** A duration in milliseconds, written as 30m, 8h or 1d. */
export const duration =
  (minMs: number, maxMs: number) =>
  (value: string): number => {
    const ms = readDuration(value);
    if (ms === undefined || ms < minMs || ms > maxMs)
      throw new Error(`must be a duration such as 30m or 8h, from ${minMs / 60_000}m to ${maxMs / 3_600_000}h`);
    return ms;
  };

/** The same, or 0 for `off`. */
export const durationOrOff =
  (minMs: number, maxMs: number) =>
  (value: string): number =>
    value === 'off' || value === '0' ? 0 : duration(minMs, maxMs)(value);

export const oneOf =
  <const T extends string>(...choices: T[]) =>
  (value: string): T => {
    const choice = choices.find((each) => each === value);
    if (choice === undefined) throw new Error(`must be one of ${choices.join(', ')}`);
    return choice;
  };

export const yesOrNo = (value: string): boolean => oneOf('true', 'false')(value) === 'true';

export const url =
  (...protocols: string[]) =>
  (value: string): string => {
    if (!URL.canParse(value) || !protocols.includes(new URL(value).protocol)) {
      throw new Error(`must be a URL that begins with ${protocols.map((each) => `${each}//`).join(' or ')}`);
    }
    return value.replace(/\/+$/, '');
  };

export const list = (value: string): string[] =>
  value
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '');

/** Networks in CIDR notation, or addresses, in canonical form. */
export const networks = (value: string): string[] =>
  list(value).map((each) => {
    const network = canonicalNetwork(each);
    if (network === undefined)
      throw new Error(
        'must be networks such as 10.0.0.0/8, without bits beyond the prefix and with commas between them',
      );
    return network;
  });

/** A way to log in at Keystone's WebSSO. */
export interface WebSsoMethod {
  /** What users read. */
  readonly label: string;
  /** Below Keystone's `/v3/auth/OS-FEDERATION`. */
  readonly path: string;
}

/** As in `openid:Company login,google/openid:Google`. */
export const webSsoMethods = (value: string): WebSsoMethod[] =>
  list(value).map((each) => {
    const [, provider, protocol, label] = /^(?:(\w[\w.-]*)\/)?(\w[\w.-]*):\s*(\S.{0,79})$/.exec(each) ?? [];
    if (protocol === undefined) throw new Error('must be PROTOCOL:LABEL or PROVIDER/PROTOCOL:LABEL');
    const path =
      provider === undefined ? `websso/${protocol}` : `identity_providers/${provider}/protocols/${protocol}/websso`;
    return { label, path };
  });
