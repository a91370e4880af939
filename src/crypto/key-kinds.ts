import type { KeypairType } from '../domain/keypair-type.js';

/** What is known of a public key or certificate once it has been read and found good. */
export interface PublicKey {
  readonly type: KeypairType;
  /** Colons and hex, as Nova shows it: MD5 of the blob of an SSH key, SHA-1 of the DER of a certificate. */
  readonly fingerprint: string;
}

/** A key pair made by the service. The private key lives in this one value: it is shown once, and neither stored nor logged. */
export interface GeneratedKey extends PublicKey {
  readonly publicKey: string;
  readonly privateKey: string;
}

/** What the service needs of a key type. To add a type, add an entry in `keys.ts`; the compiler points at the gap. */
export interface KeyKind {
  /** Nova's words before the reason of a refusal; clients compare how a message begins. */
  readonly refusalPrefix: string;
  generate(owner: string): Promise<GeneratedKey>;
  /** Throws InvalidKey, and nothing else, whatever the text. */
  inspect(publicKey: string): PublicKey;
  /** The key of a stored text, written anew for guests: never a second line, options or control characters. */
  forGuest(publicKey: string): string;
}
