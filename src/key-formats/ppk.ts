import { type Bytes, concat, toBase64, toHex } from './bytes.js';
import { publicBlob } from './openssh.js';
import { bytesOf, type PrivateKey } from './private-key.js';
import { mpint, string, WireReader } from './ssh-wire.js';
import { hmacSha256, type WebCrypto } from './web-crypto.js';

/**
 * A private key as PuTTY reads it: version 3, not encrypted, since WebCrypto has no Argon2 (PuTTY's manual, appendix C.1).
 */
export async function writePpk(crypto: WebCrypto, key: PrivateKey, comment: string): Promise<string> {
  const blob = publicBlob(key);
  const type = new WireReader(blob).text();
  const secret = secretBlob(key);
  const encryption = 'none';
  const authenticated = concat(...[type, encryption, comment, blob, secret].map(string));
  // The key of an unencrypted file is empty. WebCrypto takes none, and zeros up to the block are the same (RFC 2104).
  const mac = await hmacSha256(crypto, new Uint8Array(64), authenticated);
  const lines = [
    `PuTTY-User-Key-File-3: ${type}`,
    `Encryption: ${encryption}`,
    `Comment: ${comment}`,
    ...section('Public-Lines', blob),
    ...section('Private-Lines', secret),
    `Private-MAC: ${toHex(mac)}`,
  ];
  return `${lines.join('\r\n')}\r\n`;
}

function section(name: string, bytes: Bytes): string[] {
  const lines = toBase64(bytes).match(/.{1,64}/g)!;
  return [`${name}: ${lines.length}`, ...lines];
}

function secretBlob(key: PrivateKey): Bytes {
  // PuTTY writes the secret of Ed25519 as a number that has its bytes from the end, but reads it as a string of 32 bytes.
  if (key.kty === 'OKP') return string(bytesOf(key.d));
  if (key.kty === 'EC') return mpint(bytesOf(key.d));
  return concat(...[key.d, key.p, key.q, key.qi].map((member) => mpint(bytesOf(member))));
}
