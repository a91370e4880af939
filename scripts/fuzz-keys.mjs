// Feeds changed keys and certificates to the parsers, and fails on the first text that makes them do anything but take it
// cleanly or refuse it with InvalidKey: `npm run fuzz -- [COUNT] [SEED]`.
// The same count and seed give the same texts, so a failure can be run again.
import { readFileSync } from 'node:fs';
import { InvalidKey } from '../dist/src/crypto/invalid-key.js';
import { Keys } from '../dist/src/crypto/keys.js';
import { KeypairType } from '../dist/src/domain/keypair-type.js';

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
const random = mulberry32(seed);

// Pieces that mean something to the parsers, to guests, or to the tools between.
const PIECES = ['\n', '\r\n', ' ', '  ', '\t', '\0', '=', '*', '\u2028', '\u202e', '\ud83d', 'é', '🔑', '#', 'no-pty ']
  .concat(['command="x" ', 'ssh-rsa ', 'ssh-ed25519 ', 'sk-ssh-ed25519@openssh.com ', '-cert-v01@openssh.com', '-----'])
  .concat([
    '-----BEGIN CERTIFICATE-----',
    '-----END CERTIFICATE-----',
    '-----BEGIN X509 CERTIFICATE-----',
    'A'.repeat(20_000),
  ]);

const seen = { taken: 0, refused: 0 };
let slowest = { milliseconds: 0, text: '' };
const start = performance.now();
for (let i = 0; i < count; i++) {
  const text = changed(pick(corpus));
  const type = pick(types);
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

/** The time of a second look, which tells a slow text from a machine that was busy. */
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

/** Changes the bytes of the first long run of base64 and writes it back as clean base64, so that it is read to its depth. */
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
