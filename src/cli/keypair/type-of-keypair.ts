import { kindOfText } from '../../crypto/text-kind.js';
import { KeypairType } from '../../domain/keypair-type.js';
import type { Keypair } from './keypairs.js';

/** The type of a keypair: services before the microversion 2.2 do not say it, and the key tells. */
export function typeOfKeypair({ type, public_key: text }: Keypair): string {
  return type ?? (kindOfText(text) === 'an X.509 certificate' ? KeypairType.X509 : KeypairType.Ssh);
}
