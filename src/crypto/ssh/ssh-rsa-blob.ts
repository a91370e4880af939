import type { KeyObject } from 'node:crypto';

/** The blob of an RSA public key: RFC 4253, section 6.6. */
export function sshRsaBlob(publicKey: KeyObject): Buffer {
  const { n, e } = publicKey.export({ format: 'jwk' });
  return Buffer.concat([string(Buffer.from('ssh-rsa')), positive(e), positive(n)]);
}

// A JWK's number has no leading zeros; SSH wants one where the first bit would say "negative".
function positive(base64url = ''): Buffer {
  const bytes = Buffer.from(base64url, 'base64url');
  return string(bytes[0] > 0x7f ? Buffer.concat([Buffer.of(0), bytes]) : bytes);
}

function string(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
