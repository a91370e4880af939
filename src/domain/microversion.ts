/** A compute microversion, such as 2.35: `{ major: 2, minor: 35 }`. */
export interface Microversion {
  readonly major: number;
  readonly minor: number;
}

/** The oldest one, which every Nova serves. */
export const FIRST_MICROVERSION: Microversion = { major: 2, minor: 1 };

/**
 * Stands for /v2 in the histories: the API from before microversions, with its extension os-extended-keypairs. No header can
 * request it.
 */
export const LEGACY_VERSION: Microversion = { major: 2, minor: 0 };

/** Stands for /v2 without the extension. Nova once served the same API as /v1.1. No header can request it. */
export const PLAIN_LEGACY_VERSION: Microversion = { major: 1, minor: 1 };

/** Reads `2.35`. Throws for any other form (Nova: no signs, no leading zeros, major at least 1). */
export function readMicroversion(text: string): Microversion {
  const found = /^([1-9]\d*)\.([1-9]\d*|0)$/.exec(text);
  if (!found) throw new Error('must be a microversion such as 2.92');
  return { major: Number(found[1]), minor: Number(found[2]) };
}

export function showMicroversion(version: Microversion): string {
  return `${version.major}.${version.minor}`;
}

/** Negative if `a` is older than `b`, 0 if they are equal, positive if it is newer. */
export function compareMicroversions(a: Microversion, b: Microversion): number {
  return a.major - b.major || a.minor - b.minor;
}
