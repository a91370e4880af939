/** Control characters (C0 and C1), invisible format characters such as bidi overrides, and the two separators of Unicode. */
const UNSAFE = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** A text that cannot move the cursor, colour the terminal or reorder what stands there; line ends stay. */
export function printable(text: string): string {
  return text.replaceAll('\t', ' ').replaceAll(UNSAFE, '?');
}

/** The same for JSON, which can write these characters as escapes and so loses nothing. */
export function printableJson(json: string): string {
  const escape = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return json.replaceAll(UNSAFE, (found) => found.split('').map(escape).join(''));
}
