// Writes src/crypto/published-keys.ts, the keys whose private halves anybody can read:
// `node scripts/weak-keys.mjs SOURCE=DIRECTORY...`. Name only directories in which every key is published with its private half.
// Reads private keys in PEM, .pub files of SSH, and private keys of OpenSSH without a passphrase (by ssh-keygen).
import { execFileSync } from 'node:child_process';
import { createHash, createPublicKey } from 'node:crypto';
import { chmodSync, copyFileSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const TARGET = new URL('../src/crypto/published-keys.ts', import.meta.url);
const PEM = /-----BEGIN ([A-Z0-9 ]*(?:PRIVATE|TESTING) KEY)-----[^]*?-----END \1-----/g;
const LINE = /(?:ssh-(?:rsa|ed25519)|ecdsa-sha2-nistp\d+) ([A-Za-z0-9+/]{60,}={0,2})/g;
const work = mkdtempSync(join(tmpdir(), 'weak-keys-'));

// RFC 8032, section 7.1 (also RFC 8037); RFC 8410, section 10; RFC 6979, section A.2.5.
const RFC_NUMBERS = [
  'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
  '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
  'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
  '19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1',
  '60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6',
].map((hex) => Buffer.from(hex, 'hex'));

const seen = new Set();
const sources = process.argv.slice(2).map((argument) => {
  const [name, directory] = argument.split('=');
  const ids = [...filesIn(directory).flatMap(keysOf), ...(name === 'an RFC' ? RFC_NUMBERS : [])].map(idOf);
  const fresh = [...new Set(ids)].filter((id) => !seen.has(id)).toSorted();
  fresh.forEach((id) => seen.add(id));
  console.log(`${name}: ${fresh.length} keys`);
  return [name, fresh];
});
const entries = sources
  .filter(([, ids]) => ids.length > 0)
  .map(([name, ids]) => `  ${JSON.stringify(name)}: '${ids.join('')}',`);
writeFileSync(
  TARGET,
  `// Written by scripts/weak-keys.mjs. Sources and licences: docs/decisions/0009-weak-keys.md.

/** By source, the first 8 bytes in hex of the SHA-256 of each key's number, one after another. */
export const PUBLISHED_KEYS: Readonly<Record<string, string>> = {
${entries.join('\n')}
};
`,
);

function filesIn(directory) {
  return readdirSync(directory, { recursive: true })
    .map((name) => join(directory, name))
    .filter((path) => statSync(path).isFile() && statSync(path).size < 1_000_000);
}

/** The numbers of the keys in a file: the modulus, the x of a point, or the bytes of an Ed25519 key. */
function keysOf(path) {
  const text = readFileSync(path, 'latin1').replaceAll('\\n', '\n');
  const isPublic = path.includes('.pub');
  const lines = isPublic ? text : text.startsWith('-----BEGIN OPENSSH') ? publicLine(path) : '';
  const blobs = [...lines.matchAll(LINE)].map(([, base64]) => numberOfBlob(Buffer.from(base64, 'base64')));
  return [...[...text.matchAll(PEM)].map(([pem]) => numberOfPem(pem)), ...blobs].filter(Boolean);
}

function publicLine(path) {
  const copy = join(work, 'key');
  copyFileSync(path, copy);
  chmodSync(copy, 0o600);
  try {
    return execFileSync('ssh-keygen', ['-y', '-P', '', '-f', copy], { encoding: 'latin1', stdio: 'pipe' });
  } catch {
    return '';
  }
}

function numberOfPem(pem) {
  try {
    const { n, x } = createPublicKey(pem.replaceAll('TESTING', 'PRIVATE')).export({ format: 'jwk' });
    return Buffer.from(n ?? x ?? '', 'base64url');
  } catch {
    return undefined;
  }
}

function numberOfBlob(blob) {
  const strings = [];
  for (let at = 0; at + 4 <= blob.length; at += 4 + blob.readUInt32BE(at)) {
    strings.push(blob.subarray(at + 4, at + 4 + blob.readUInt32BE(at)));
  }
  const [type, first, last] = strings;
  if (String(type).startsWith('ecdsa')) return last?.subarray(1, (last.length + 1) / 2);
  return String(type) === 'ssh-rsa' ? last : first;
}

function idOf(number) {
  const start = number.findIndex((byte) => byte !== 0);
  return createHash('sha256').update(number.subarray(start)).digest('hex').slice(0, 16);
}
