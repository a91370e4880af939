// Feeds mutated keys and certificates to the parsers, and fails on the first text that they neither accept
// cleanly nor refuse with InvalidKey: `npm run tool -- fuzz [COUNT] [SEED]`.
// The same count and seed give the same texts, so a failure can be run again.
import { readFileSync } from 'node:fs';
import { contentOf, isOneDerValue, partsOf } from '../dist/src/crypto/asn1/der-check.js';
import { readPem } from '../dist/src/crypto/asn1/pem.js';
import { InvalidKey } from '../dist/src/crypto/invalid-key.js';
import { Keys } from '../dist/src/crypto/keys.js';
import { KeypairType } from '../dist/src/domain/keypair-type.js';
import { writePem } from '../dist/src/key-formats/pem.js';

const count = Number(process.argv[2] ?? 100_000);
const seed = Number(process.argv[3] ?? Date.now() % 2 ** 32);
if (!Number.isInteger(count) || !Number.isInteger(seed)) {
  console.error('Usage: fuzz-keys.mjs [COUNT] [SEED], both whole numbers.');
  process.exit(2);
}

const settings = { rsaKeyBits: 2048, x509Days: 3650, x509RefuseExpired: false };
const parsers = ['strict', 'nova'].map((keyPolicy) => new Keys({ ...settings, keyPolicy }));
const types = [undefined, KeypairType.Ssh, KeypairType.X509];
const corpus = recordedTexts();
const certificates = corpus.flatMap(certificateIn);
const random = mulberry32(seed);

// Pieces with a meaning for the parsers, for guests, or for the tools between.
const PIECES = ['\n', '\r\n', ' ', '  ', '\t', '\0', '=', '*', '\u2028', '\u202e', '\ud83d', 'é', '🔑', '#', 'no-pty ']
  .concat(['command="x" ', 'ssh-rsa ', 'ssh-ed25519 ', 'sk-ssh-ed25519@openssh.com ', '-cert-v01@openssh.com', '-----'])
  .concat([
    '-----BEGIN CERTIFICATE-----',
    '-----END CERTIFICATE-----',
    '-----BEGIN X509 CERTIFICATE-----',
    'A'.repeat(20_000),
  ]);

// Contents of INTEGERs, times, object identifiers and keys that readers have failed on: empty, zero, negative, not minimal, huge.
const HOSTILE = ['', '00', '01', '03', '80', 'ff', '0000', '0001', 'ffff', '010001', '00010001', '7f'.repeat(9)]
  .concat([
    '04',
    '0400',
    '0002',
    `00${'ff'.repeat(256)}`,
    'ff'.repeat(256),
    `01${'00'.repeat(2048)}`,
    'ab'.repeat(9000),
  ])
  .concat(['2a8648ce3d0201', '2a864886f70d010101', '2b6570', '2a811ccf5501822d', '2a864886f70d010301', '2b656f'])
  .concat(['80808001', '99311332353935395a', '3939393939393939393939395a', '00302e302e302e302e305a', '2d31'])
  .map((hex) => Buffer.from(hex, 'hex'));
const TAGS = [
  0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x0a, 0x0c, 0x13, 0x17, 0x18, 0x1e, 0x30, 0x31, 0x80, 0xa0, 0xa3, 0xff,
];

const seen = { taken: 0, refused: 0 };
let slowest = { milliseconds: 0, text: '' };
const start = performance.now();
for (let i = 0; i < count; i++) {
  const isStructured = below(3) === 0;
  const text = isStructured ? changedCertificate(pick(certificates)) : changed(pick(corpus));
  const type = isStructured ? KeypairType.X509 : pick(types);
  const began = performance.now();
  try {
    for (const keys of parsers) examine(keys, text, type);
  } catch (error) {
    console.error(`Input ${i} of seed ${seed} failed: ${JSON.stringify(text)}`);
    console.error(error);
    process.exit(1);
  }
  const milliseconds = performance.now() - began;
  if (milliseconds > slowest.milliseconds) {
    const surely = Math.min(milliseconds, again(text, type));
    if (surely > slowest.milliseconds) slowest = { milliseconds: surely, text };
  }
}
const seconds = (performance.now() - start) / 1000;
console.log(`${count} inputs with seed ${seed} in ${seconds.toFixed(1)} s: nothing but InvalidKey was thrown.`);
console.log(`Of the looks at them, ${seen.taken} took a key and ${seen.refused} refused one.`);
console.log(`The slowest took ${slowest.milliseconds.toFixed(1)} ms: ${JSON.stringify(slowest.text.slice(0, 60))}`);

/** The time of a second run, which separates a slow text from a busy machine. */
function again(text, type) {
  const began = performance.now();
  for (const keys of parsers) orRefused(() => keys.inspect(text, type));
  return performance.now() - began;
}

function examine(keys, text, type) {
  const found = orRefused(() => keys.inspect(text, type));
  seen[found === undefined ? 'refused' : 'taken'] += 1;
  const given = orRefused(() => keys.forGuest(text, found?.type ?? type));
  if (found !== undefined && given === undefined) throw new Error('A key was taken that guests cannot be given.');
  if (given === undefined) return;
  const isLine = !given.startsWith('-----BEGIN CERTIFICATE-----\n');
  if (isLine && /[\p{Cc}\u2028\u2029]/u.test(given)) throw new Error('Guests would be given more than a line.');
  if (found !== undefined && keys.inspect(given, found.type).fingerprint !== found.fingerprint) {
    throw new Error('Guests would be given another key.');
  }
}

function orRefused(read) {
  try {
    return read();
  } catch (error) {
    if (error instanceof InvalidKey) return undefined;
    throw error;
  }
}

/** A text with up to three changes, in its letters or in the bytes that its base64 stands for. */
function changed(text) {
  let result = text;
  for (let changes = below(4); changes > 0; changes--)
    result = below(2) === 0 ? changedLetters(result) : changedBytes(result);
  return result;
}

function changedLetters(text) {
  const at = below(text.length + 1);
  const to = Math.min(text.length, at + below(12));
  switch (below(5)) {
    case 0:
      return text.slice(0, at) + text.slice(to);
    case 1:
      return text.slice(0, at) + pick(PIECES) + text.slice(at);
    case 2:
      return text.slice(0, to) + text.slice(at);
    case 3:
      return text.slice(0, at) + String.fromCharCode(below(0x10000)) + text.slice(at + 1);
    default:
      return text.slice(0, at) + pick(corpus).slice(below(200));
  }
}

/** Changes the bytes of the first long run of base64 and writes it back as clean base64, so that it is parsed to the end. */
function changedBytes(text) {
  return text.replace(/[A-Za-z0-9+/\r\n]{40,}={0,2}/, (run) => {
    const bytes = Buffer.from(run, 'base64');
    if (bytes.length === 0) return run;
    const at = below(bytes.length);
    switch (below(4)) {
      case 0:
        bytes[at] ^= 1 << below(8);
        return bytes.toString('base64');
      case 1:
        bytes[at] = below(256);
        return bytes.toString('base64');
      case 2:
        return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + below(8))]).toString('base64');
      default:
        return Buffer.concat([bytes.subarray(0, at), Buffer.alloc(below(8), below(256)), bytes.subarray(at)]).toString(
          'base64',
        );
    }
  });
}

/** The one certificate of a text, in DER; undefined if it cannot be parsed. */
function certificateIn(text) {
  const { blocks } = readPem(text) ?? { blocks: [] };
  const der = blocks.length === 1 ? blocks[0].bytes : undefined;
  return der !== undefined && isOneDerValue(der) && der[0] === 0x30 ? [der] : [];
}

/** A certificate in DER with one to three values changed; mostly still DER, so that it is parsed to the end. */
function changedCertificate(der) {
  const root = treeOf(der);
  for (let changes = 1 + below(3); changes > 0; changes--) {
    const node = pick(nodesOf(root));
    const other = pick(nodesOf(root));
    switch (below(9)) {
      case 0:
        node.parts?.splice(below(node.parts.length + 1), 1);
        break;
      case 1:
        node.parts?.push(...node.parts.slice(0, 8));
        break;
      case 2:
        Object.assign(node, structuredClone(other), { bytes: other.bytes });
        break;
      case 3:
        node.tag = pick(TAGS);
        break;
      case 4:
        nest(node, pick([3, 30, 40, 300]));
        break;
      case 5:
        node.length = pick([0, 1, 0x7f, 0x80, 0xff, 0xffff, 0xffffffff]);
        break;
      default: {
        const integers = nodesOf(root).filter(({ tag }) => tag === 0x02 || tag === 0x06);
        Object.assign(below(3) === 0 ? node : pick([node, ...integers]), { bytes: pick(HOSTILE), parts: undefined });
      }
    }
  }
  return writePem('CERTIFICATE', written(root));
}

function nest(node, depth) {
  const inner = { tag: node.tag, bytes: node.bytes, parts: node.parts };
  let wrapped = [inner];
  for (let level = 0; level < depth; level++) wrapped = [{ tag: 0x30, bytes: Buffer.alloc(0), parts: wrapped }];
  Object.assign(node, wrapped[0]);
}

/** The bits of a key and the octets of an extension are values too. */
function treeOf(der) {
  const bytes = contentOf(der);
  const tag = der[0];
  if ((tag & 0x20) !== 0) return { tag, bytes, parts: partsOf(der).map(treeOf) };
  const skipped = tag === 0x03 ? 1 : 0;
  const isNested = (tag === 0x03 || tag === 0x04) && isOneDerValue(bytes.subarray(skipped));
  return { tag, bytes, parts: isNested ? [treeOf(bytes.subarray(skipped))] : undefined };
}

function nodesOf(root) {
  const nodes = [];
  for (let level = [root]; level.length > 0 && nodes.length < 5000;) {
    nodes.push(...level);
    level = level.flatMap(({ parts = [] }) => parts);
  }
  return nodes;
}

function written({ tag, bytes, parts, length }) {
  const inside =
    parts === undefined ? bytes : Buffer.concat([Buffer.alloc(tag === 0x03 ? 1 : 0), ...parts.map(written)]);
  return Buffer.concat([Buffer.of(tag), lengthBytes(length ?? inside.length), inside]);
}

function lengthBytes(length) {
  if (length < 0x80) return Buffer.of(length);
  const hex = length.toString(16);
  const bytes = Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex');
  return Buffer.concat([Buffer.of(0x80 | bytes.length), bytes]);
}

function recordedTexts() {
  const texts = new Set();
  for (const topic of ['import-ssh', 'import-x509']) {
    const file = new URL(`../test/samples/nova/${topic}.json`, import.meta.url);
    JSON.parse(readFileSync(file, 'utf8'), (name, value) => {
      if (name === 'public_key' && typeof value === 'string') texts.add(value);
      return value;
    });
  }
  return [...texts];
}

function pick(list) {
  return list[below(list.length)];
}

function below(limit) {
  return Math.floor(random() * limit);
}

/** A small generator of numbers in [0, 1) that a seed determines. */
function mulberry32(state) {
  let a = state >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), a | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
