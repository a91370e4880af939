/** Fingerprints that can be asked for instead of the service's own. */
export const FINGERPRINTS = ['sha256', 'md5'] as const;
export type FingerprintKind = (typeof FINGERPRINTS)[number];
