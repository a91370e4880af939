import { isLong, type Rule, rule } from '../http/shapes/shape.js';

/** The rules of keypair names, with Nova's messages (nova.api.validation.parameter_types and .validators). */

const ALPHANUMERIC = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';

const invalidName = (message: string) =>
  ({ message: `An invalid 'name' value was provided. The name must be: ${message}`, whole: true }) as const;

// Nova's patterns know the Basic Multilingual Plane only, take spaces for the one white space that is printable, and end with
// Python's `$`, which a line feed at the very end does not disturb.
const PRINTABLE = String.raw`[^\p{C}\p{Zl}\p{Zp}\u{10000}-\u{10ffff}]`;
const TRIMMED = new RegExp(String.raw`^(?!\p{Zs})${PRINTABLE}*(?<!\p{Zs})\n?$`, 'u');
const NOT_ALL_SPACES = new RegExp(String.raw`^(?!\p{Zs}*\n?$)${PRINTABLE}+\n?$`, 'u');

export const isTrimmedName: Rule = (value) =>
  TRIMMED.test(value as string)
    ? undefined
    : invalidName('printable characters. Can not start or end with whitespace.');

/** The rule of /v2, where spaces at the ends are removed. */
export const isPrintableName = rule({ pattern: '[^ ]' }, (value) =>
  NOT_ALL_SPACES.test(value as string)
    ? undefined
    : invalidName('printable characters with at least one non space character'),
);

/** Only letters, digits and these special characters; the words in OpenAPI also rule out spaces at the ends. */
export const hasOnly = (special: string): Rule =>
  rule({ pattern: `^(?! )[${special.replace('-', '\\-')}0-9a-zA-Z]*(?<! )$` }, (value) => {
    const expected = new Set(special + ALPHANUMERIC);
    return Array.from(value as string).every((character) => expected.has(character))
      ? undefined
      : invalidName(`Only expected characters: [${special}${ALPHANUMERIC}]`);
  });

/** What is wrong with the name of a new keypair under the rules of 2.92; undefined if nothing is. */
export function flawOfNewName(name: string): string | undefined {
  const violation = [isLong(1, 255), isTrimmedName, hasOnly('@._- ')].map((each) => each(name)).find(Boolean);
  return (
    violation && (violation.whole ? violation.message : `Invalid input for field/attribute name. ${violation.message}`)
  );
}
