/** The types a keypair can have, spelled as the API and the database spell them. `crypto/key-types.ts` describes each. */
export enum KeypairType {
  Ssh = 'ssh',
  X509 = 'x509',
}

/** The type of a keypair whose request names none and whose text, if any, looks like no other type (Nova). */
export const DEFAULT_KEYPAIR_TYPE = KeypairType.Ssh;

/** A type as `key_type` spells it, in the extension os-extended-keypairs of /v2. */
export const toKeyType = (type: KeypairType): string => type.toUpperCase();
