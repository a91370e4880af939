/** A pair as it is given out: what is registered, and what the user keeps. */
export interface KeyPairText {
  readonly publicKey: string;
  /** The content of the file for the private key. */
  readonly privateKey: Buffer;
}
