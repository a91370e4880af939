import { InvalidKey } from './invalid-key.js';

// Nova's own words come first, because clients compare how a message begins; the reason is ours.

/** The refusal of an SSH key. */
export function badSshKey(reason: string): InvalidKey {
  return new InvalidKey(`Keypair data is invalid: failed to generate fingerprint: ${reason}`);
}

/** The refusal of an X.509 certificate. */
export function badCertificate(reason: string, options?: ErrorOptions): InvalidKey {
  return new InvalidKey(
    `Keypair data is invalid: failed to generate X509 fingerprint. Error message: ${reason}`,
    options,
  );
}
