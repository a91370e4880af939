import { InvalidKey } from '../crypto/invalid-key.js';

/** What clients get wrong about keys, told from the words of the refusal; whatever else is wrong is `malformed`. */
const KEY_REASONS: readonly (readonly [RegExp, string])[] = [
  [/private key/i, 'private key'],
  [/weak|bits|factor/, 'weak'],
  [/valid only from/, 'expired'],
  [/more than one line|follow the end/, 'more than a key'],
  [/longer than/, 'too long'],
  [/its type|the type of|is for another/, 'type'],
  [/cut|copy it whole|base64/, 'cut'],
];

/** The kind of a failure as a label: the name of its class, and for keys what is wrong with them. */
export function refusalReason(error: Error): string {
  if (!(error instanceof InvalidKey)) return error.name;
  const [, reason = 'malformed'] = KEY_REASONS.find(([words]) => words.test(error.message)) ?? [];
  return `InvalidKey: ${reason}`;
}
