/** The blob of an RSA public key, of positive integers with their leading zero: RFC 4253, section 6.6. */
export function sshRsaBlob(exponent: Buffer, modulus: Buffer): Buffer {
  return Buffer.concat([Buffer.from('ssh-rsa'), exponent, modulus].flatMap((bytes) => [lengthOf(bytes), bytes]));
}

function lengthOf(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return length;
}
