/** A key pair as text: the half that is registered, and the half that the user keeps. */
export interface KeyPairText {
  readonly publicKey: string;
  /** The content of the file for the private key. */
  readonly privateKey: Buffer;
}
