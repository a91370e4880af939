// Writes src/crypto/published-keys.ts, the keys whose private halves are public:
// `node scripts/weak-keys.mjs SOURCE=DIRECTORY...`. Name only directories in which every key is published with its private half,
// or `keypair=DIRECTORY` with version 1.0.3 of that npm package, which generates its keys (minutes). Keys of sources that are
// not named stay. Reads private keys in PEM, .pub files of SSH, and private keys of OpenSSH without a passphrase (by ssh-keygen).
import { execFileSync } from 'node:child_process';
import { checkPrimeSync, createECDH, createHash, createPrivateKey, createPublicKey } from 'node:crypto';
import { chmodSync, copyFileSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createContext, runInContext } from 'node:vm';

const TARGET = new URL('../src/crypto/published-keys.ts', import.meta.url);
const PEM = /-----BEGIN ([A-Z0-9 ]*(?:PRIVATE|TESTING) KEY)-----[^]*?-----END \1-----/g;
const LINE = /(?:ssh-(?:rsa|ed25519)|ecdsa-sha2-nistp\d+) ([A-Za-z0-9+/]{60,}={0,2})/g;
const work = mkdtempSync(join(tmpdir(), 'weak-keys-'));

// Private keys of RFC 6979, section A.2.5 to A.2.7; RFC 7517, section A.1; RFC 7515, sections A.3 and A.4; RFC 5903, section 8.
const RFC_SCALARS = [
  ['prime256v1', 'C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721'],
  ['secp384r1', '6B9D3DAD2E1B8C1C05B19875B6659F4DE23C3B667BF297BA9AA47740787137D896D5724E4C70A825F872C9EA60D2EDF5'],
  [
    'secp521r1',
    '00FAD06DAA62BA3B25D2FB40133DA757205DE67F5BB0018FEE8C86E1B68C7E75CAA896EB32F1F47C70855836A6D16FCC1466F6D8FBEC67DB89EC0C08B0E996B83538',
  ],
  ['prime256v1', base64urlHex('870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE')],
  ['prime256v1', base64urlHex('jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI')],
  [
    'secp521r1',
    base64urlHex('AY5pb7A0UFiB3RELSD64fTLOSV_jazdF7fLYyuTw8lOfRhWg6Y6rUrPAxerEzgdRhajnu0ferB0d53vM9mE15j2C'),
  ],
  ['prime256v1', 'DC51D3866A15BACDE33D96F992FCA99DA7E6EF0934E7097559C27F1614C88A7F'],
  ['secp384r1', '0BEB646634BA87735D77AE4809A0EBEA865535DE4C1E1DCB692E84708E81A5AF62E528C38B2A81B35309668D73524D9F'],
  [
    'secp521r1',
    '0065FDA3409451DCAB0A0EAD45495112A3D813C17BFD34BDF8C1209D7DF5849120597779060A7FF9D704ADF78B570FFAD6F062E95C7E0C5D5481C5B153B48B375FA1',
  ],
];

// RFC 8032, section 7.1 (also RFC 8037); RFC 8410, section 10; RFC 8946, appendix A; RFC 7515, section A.2; RFC 7517, section A.2.
const RFC_NUMBERS = [
  'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
  '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
  'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
  '19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1',
  '9b318cd55b0efb722a6cc179e2b40c6982907ed3b8854626f70bf9c2eb4b8047',
  base64urlHex(
    'ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ',
  ),
  base64urlHex(
    '0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw',
  ),
].map((hex) => Buffer.from(hex, 'hex'));

const known = readTarget();
const add = (phrase, numbers) => {
  const elsewhere = [...known].filter(([other]) => other !== phrase).flatMap(([, ids]) => ids);
  const ids = new Set([...(known.get(phrase) ?? []), ...numbers.map(idOf)]);
  known.set(
    phrase,
    [...ids].filter((id) => !elsewhere.includes(id)).toSorted((a, b) => (a < b ? -1 : 1)),
  );
};
add('published, in an RFC', [...RFC_NUMBERS, ...RFC_SCALARS.map(([curve, hex]) => pointOf(curve, hex))]);
add('a number up to 256', ['prime256v1', 'secp384r1', 'secp521r1'].flatMap(smallScalars));
add('a seed that anybody guesses', guessableSeeds());
for (const argument of process.argv.slice(2)) {
  const [name, directory] = argument.split('=');
  if (name !== 'keypair') add(`published, in ${name}`, filesIn(directory).flatMap(keysOf));
  else add('one that the npm package keypair makes again and again (CVE-2021-41117)', keysOfKeypair(directory));
}
for (const [phrase, ids] of known) console.log(`${phrase}: ${ids.length} keys`);
const members = [...known].map(([phrase, ids]) => `  ${JSON.stringify(phrase)}:\n    '${ids.join('')}',`);
writeFileSync(
  TARGET,
  `// Written by scripts/weak-keys.mjs. Sources and licences: docs/decisions/0009-weak-keys.md.

/** By what the private key is, the first 8 bytes in hex of the SHA-256 of each key's number, one after another. */
export const PUBLISHED_KEYS: Readonly<Record<string, string>> = {
${members.join('\n')}
};
`,
);

/** What the file already has, by description. */
function readTarget() {
  const entries = readFileSync(TARGET, 'utf8').matchAll(/^ {2}['"]?([^'"\n]+?)['"]?:\s+'([0-9a-f]+)',$/gm);
  return new Map([...entries].map(([, phrase, ids]) => [phrase, ids.match(/.{16}/g)]));
}

function base64urlHex(text) {
  return Buffer.from(text, 'base64url').toString('hex');
}

/** The x of a private key's point, which its negation shares. */
function pointOf(curve, hex) {
  const ecdh = createECDH(curve);
  ecdh.setPrivateKey(Buffer.from(hex, 'hex'));
  const point = ecdh.getPublicKey();
  return point.subarray(1, (point.length + 1) / 2);
}

function smallScalars(curve) {
  return Array.from({ length: 256 }, (_, i) => pointOf(curve, (i + 1).toString(16).padStart(4, '0')));
}

/** The Ed25519 keys of seeds of equal bytes, and of the numbers up to 256 in either byte order. */
function guessableSeeds() {
  const numbers = Array.from({ length: 256 }, (_, i) => Buffer.from((i + 1).toString(16).padStart(64, '0'), 'hex'));
  const equal = Array.from({ length: 256 }, (_, byte) => Buffer.alloc(32, byte));
  return [...equal, ...numbers, ...numbers.map((seed) => seed.toReversed())].map((seed) => {
    const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);
    const key = createPublicKey(createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }));
    return Buffer.from(key.export({ format: 'jwk' }).x, 'base64url');
  });
}

/**
 * The first keys of 2048 bits, its default, of a process with keypair 1.0.3 whose seed is all zeros, one for each low byte of the time at which the
 * package was loaded: a third of all that it made. The seeds of the other two thirds have one byte more, and are too many.
 */
function keysOfKeypair(directory) {
  const source = readFileSync(join(directory, 'index.js'), 'utf8').replace(
    'BigInteger.prototype.isProbablePrime = bnIsProbablePrime;',
    'BigInteger.prototype.isProbablePrime = function () { return isPrime(this.toString(16)); };',
  );
  return Array.from({ length: 256 }, (_, time) => {
    const module = { exports: {} };
    const isPrime = (hex) => checkPrimeSync(BigInt(`0x${hex}`));
    const ZeroMath = Object.assign(Object.create(Math), { random: () => 0 });
    const Clock = class extends Date {
      constructor() {
        super(time);
      }
    };
    runInContext(source, createContext({ module, exports: module.exports, isPrime, Math: ZeroMath, Date: Clock }));
    return numberOfPem(module.exports({ bits: 2048 }).public);
  });
}

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
