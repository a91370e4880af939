/** A fingerprint to search for: SHA-256, or MD5 or SHA-1 as Nova shows it. */
export type FingerprintQuery = { readonly digest: Buffer } | { readonly fingerprint: string };

/**
 * Reads a fingerprint as ssh-keygen, OpenSSL and Nova write it: `SHA256:` and base64, or hexadecimal digits with or without colons
 * and a prefix such as `MD5:`. Undefined for anything else.
 */
export function readFingerprint(text: string): FingerprintQuery | undefined {
  const base64 = /^SHA256:([A-Za-z0-9+/]{43})=?$/.exec(text)?.[1];
  if (base64 !== undefined) return { digest: Buffer.from(base64, 'base64') };
  const digits = /^(?:MD5:|SHA1:|SHA256:)?([0-9A-F]{2}(?::?[0-9A-F]{2}){15,31})$/i.exec(text)?.[1];
  const hex = digits?.replaceAll(':', '').toLowerCase();
  if (hex?.length === 64) return { digest: Buffer.from(hex, 'hex') };
  if (hex?.length !== 32 && hex?.length !== 40) return undefined;
  return { fingerprint: hex.match(/../g)!.join(':') };
}
