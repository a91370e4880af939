import { KeypairType } from '../domain/keypair-type.js';

/** The kind of a key: `x509`, or the type that begins the line of SSH. */
export function kindOf(type: KeypairType, publicKey: string): string {
  return type === KeypairType.X509 ? type : publicKey.trimStart().split(/\s/, 1)[0];
}
