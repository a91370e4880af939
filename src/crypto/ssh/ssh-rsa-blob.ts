import { string } from './ssh-wire-writer.js';

/** The blob of an RSA public key, of positive integers with their leading zero: RFC 4253, section 6.6. */
export const sshRsaBlob = (exponent: Buffer, modulus: Buffer): Buffer =>
  Buffer.concat([string('ssh-rsa'), string(exponent), string(modulus)]);
