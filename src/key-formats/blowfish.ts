import type { Bytes } from './bytes.js';

// Blowfish (Schneier, 1993) with the key schedule of bcrypt, as far as bcrypt-pbkdf needs it.

const ROUND_KEYS = 18;
const BOX_WORDS = 4 * 256;

let initial: Uint32Array<ArrayBuffer> | undefined;

/** The first tables are the digits of pi behind the point. They are computed, in some 50 ms, rather than written out. */
function initialTables(): Uint32Array<ArrayBuffer> {
  if (initial) return initial;
  const words = ROUND_KEYS + BOX_WORDS;
  const guardBits = 64n;
  const one = 1n << (BigInt(32 * words) + guardBits);
  // Machin: pi = 16 arctan(1/5) - 4 arctan(1/239).
  const fraction = (16n * inverseTangent(5n, one) - 4n * inverseTangent(239n, one) - 3n * one) >> guardBits;
  const digits = fraction.toString(16).padStart(8 * words, '0');
  initial = Uint32Array.from({ length: words }, (_, at) => Number.parseInt(digits.slice(8 * at, 8 * at + 8), 16));
  return initial;
}

/** arctan(1/x), times `one`. */
function inverseTangent(x: bigint, one: bigint): bigint {
  let power = one / x;
  let sum = power;
  for (let divisor = 3n, sign = -1n; power > 0n; divisor += 2n, sign = -sign) {
    power /= x * x;
    sum += (sign * power) / divisor;
  }
  return sum;
}

/** Words of a text, the first byte the most significant. */
function wordsOf(bytes: Bytes): Uint32Array<ArrayBuffer> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Uint32Array.from({ length: bytes.length / 4 }, (_, at) => view.getUint32(4 * at));
}

/** The cipher, and its tables while the key schedule changes them. */
export class Blowfish {
  private readonly keys: Uint32Array<ArrayBuffer>;
  private readonly boxes: Uint32Array<ArrayBuffer>;
  private left = 0;
  private right = 0;

  constructor() {
    const tables = initialTables();
    this.keys = tables.slice(0, ROUND_KEYS);
    this.boxes = tables.slice(ROUND_KEYS);
  }

  /** Mixes a key into the tables, and a salt if there is one. Both have a whole number of words, and the salt of pairs. */
  expand(key: Bytes, salt?: Bytes): void {
    const keyWords = wordsOf(key);
    const saltWords = salt && wordsOf(salt);
    for (let i = 0; i < ROUND_KEYS; i += 1) this.keys[i] ^= keyWords[i % keyWords.length];
    this.left = 0;
    this.right = 0;
    let at = 0;
    for (const table of [this.keys, this.boxes]) {
      for (let i = 0; i < table.length; i += 2) {
        if (saltWords) {
          this.left ^= saltWords[at % saltWords.length];
          this.right ^= saltWords[(at + 1) % saltWords.length];
          at += 2;
        }
        this.encipher();
        table[i] = this.left;
        table[i + 1] = this.right;
      }
    }
  }

  /** Encrypts pairs of words in place. */
  encrypt(words: Uint32Array): void {
    for (let i = 0; i < words.length; i += 2) {
      this.left = words[i];
      this.right = words[i + 1];
      this.encipher();
      words[i] = this.left;
      words[i + 1] = this.right;
    }
  }

  private encipher(): void {
    const { keys, boxes } = this;
    let left = this.left ^ keys[0];
    let right = this.right;
    for (let i = 1; i <= 16; i += 2) {
      right ^=
        keys[i] ^
        (((boxes[left >>> 24] + boxes[256 + ((left >>> 16) & 255)]) ^ boxes[512 + ((left >>> 8) & 255)]) +
          boxes[768 + (left & 255)]);
      left ^=
        keys[i + 1] ^
        (((boxes[right >>> 24] + boxes[256 + ((right >>> 16) & 255)]) ^ boxes[512 + ((right >>> 8) & 255)]) +
          boxes[768 + (right & 255)]);
    }
    this.left = right ^ keys[17];
    this.right = left;
  }
}
