/** Maximum number of characters of a client's text in a message. */
const MAX_CHARACTERS = 256;

/** Cuts a text for a message after 256 code points and appends `...`. Reads no further than that. */
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

/** Removes a private key that was sent by mistake, whole or cut off. */
const withoutPrivateKey = (text: string): string => text.replaceAll(PRIVATE_KEY, '(a private key, left out)');
const PRIVATE_KEY = /-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----[^]*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|$)/g;
