/** Characters of a client's text that a message shows at most. */
const MAX_CHARACTERS = 256;

/** The text as messages show it: cut after 256 code points, and then ended with `...`. Reads no further than that. */
export function excerpt(text: Iterable<string>): string {
  let shown = '';
  let count = 0;
  for (const character of text) {
    if (count === MAX_CHARACTERS) return withoutPrivateKey(`${shown}...`);
    shown += character;
    count += 1;
  }
  return withoutPrivateKey(shown);
}

/** A private key that was sent by mistake is not shown, whole or cut off. */
const withoutPrivateKey = (text: string): string => text.replaceAll(PRIVATE_KEY, '(a private key, left out)');
const PRIVATE_KEY = /-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----[^]*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|$)/g;
