/** The types a keypair can have, spelled as the API and the database spell them. */
export enum KeypairType {
  Ssh = 'ssh',
  X509 = 'x509',
}
