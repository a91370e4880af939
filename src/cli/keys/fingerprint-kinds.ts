/** Fingerprints that can be shown in place of the service's. */
export const FINGERPRINTS = ['sha256', 'md5'] as const;
export type FingerprintKind = (typeof FINGERPRINTS)[number];
