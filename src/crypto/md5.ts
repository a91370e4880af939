import { hash } from 'node:crypto';

/**
 * The MD5 of some bytes in hex. Nova's SSH fingerprints are MD5, and an OpenSSL in FIPS mode has none:
 * a fingerprint only identifies a key, so the fallback computes it as in RFC 1321.
 */
export function md5(bytes: Uint8Array): string {
  try {
    return hash('md5', bytes, 'hex');
  } catch {
    return plainMd5(bytes);
  }
}

// RFC 1321, section 3.4: how far each step rotates, and the integer parts of 2^32 times abs(sin(i)).
const SHIFTS = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21];
const SINES = Array.from({ length: 64 }, (_, i) => Math.floor(Math.abs(Math.sin(i + 1)) * 2 ** 32));

/** MD5 without OpenSSL. */
export function plainMd5(bytes: Uint8Array): string {
  const padded = new Uint8Array(Math.ceil((bytes.length + 9) / 64) * 64);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setBigUint64(padded.length - 8, BigInt(bytes.length) * 8n, true);

  const state = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476];
  for (let block = 0; block < padded.length; block += 64) mix(state, view, block);

  const digest = Buffer.alloc(16);
  state.forEach((word, i) => digest.writeUInt32LE(word >>> 0, i * 4));
  return digest.toString('hex');
}

function mix(state: number[], view: DataView, block: number): void {
  let [a, b, c, d] = state;
  for (let i = 0; i < 64; i++) {
    const [bits, word] = round(i, b, c, d);
    const sum = (a + bits + SINES[i] + view.getUint32(block + word * 4, true)) | 0;
    const shift = SHIFTS[(i >> 4) * 4 + (i & 3)];
    [a, d, c, b] = [d, c, b, (b + ((sum << shift) | (sum >>> (32 - shift)))) | 0];
  }
  state[0] = (state[0] + a) | 0;
  state[1] = (state[1] + b) | 0;
  state[2] = (state[2] + c) | 0;
  state[3] = (state[3] + d) | 0;
}

/** The functions F, G, H and I, and which word of the block the step takes. */
function round(i: number, b: number, c: number, d: number): [bits: number, word: number] {
  if (i < 16) return [(b & c) | (~b & d), i];
  if (i < 32) return [(d & b) | (~d & c), (5 * i + 1) % 16];
  if (i < 48) return [b ^ c ^ d, (3 * i + 5) % 16];
  return [c ^ (b | ~d), (7 * i) % 16];
}
