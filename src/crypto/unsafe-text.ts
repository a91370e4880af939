// Control characters, line and paragraph separators, and halves of surrogate pairs; and the bidirectional controls of
// Unicode's UAX #9, which make a text read differently from what it is ("Trojan Source", CVE-2021-42574).
const UNSAFE = /[\p{Cc}\p{Cs}\u{061c}\u{200e}\u{200f}\u{2028}-\u{202e}\u{2066}-\u{2069}]/u;

/** The first character that is unsafe for terminals, logs and guests, as `U+202E`; undefined if there is none. */
export function unsafeCharacter(text: string): string | undefined {
  const found = UNSAFE.exec(text)?.[0].codePointAt(0);
  return found === undefined ? undefined : `U+${found.toString(16).toUpperCase().padStart(4, '0')}`;
}

/** The text without them. */
export function withoutUnsafeCharacters(text: string): string {
  return text.replaceAll(new RegExp(UNSAFE, 'gu'), '');
}
