/** What is shown in the place of a secret. */
export const MASK = '***';

/** Shorter secrets are a part of many words: stars there would hide nothing else, and tell them. */
const MIN_LENGTH = 4;

/** The secrets of this run. The process runs one command, and forgets them with it. */
const known = new Set<string>();

/** Has {@link mask} find a secret from now on, as it is and as JSON and URLs have it. */
export function registerSecret(secret: string): void {
  if (secret.length < MIN_LENGTH) return;
  known.add(secret);
  known.add(JSON.stringify(secret).slice(1, -1));
  known.add(new URLSearchParams([['', secret]]).toString().slice(1).replaceAll('+', '%20'));
}

/** What a server says, without the secrets of this run: it may quote what it was sent. */
export function mask(text: string): string {
  // The longest first, as one may be a part of another.
  return [...known]
    .toSorted((one, other) => other.length - one.length)
    .reduce((rest, secret) => rest.replaceAll(secret, MASK), text);
}
