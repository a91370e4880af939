/** Replaces a secret in output. */
export const MASK = '***';

/** Shorter secrets are part of many words, where masking would reveal them. */
const MIN_LENGTH = 4;

/** The secrets of this run: the process runs one command. */
const known = new Set<string>();

/** Makes {@link mask} find a secret, as it is and as written in JSON and URLs. */
export function registerSecret(secret: string): void {
  if (secret.length < MIN_LENGTH) return;
  known.add(secret);
  known.add(JSON.stringify(secret).slice(1, -1));
  known.add(new URLSearchParams([['', secret]]).toString().slice(1).replaceAll('+', '%20'));
}

/** A server's text without the secrets of this run: it may quote the request. */
export function mask(text: string): string {
  // The longest first, as one may be a part of another.
  return [...known]
    .toSorted((one, other) => other.length - one.length)
    .reduce((rest, secret) => rest.replaceAll(secret, MASK), text);
}
