import { type Bytes, concat, uint32, utf8 } from './bytes.js';

// The data types of RFC 4251, section 5.

/** A string: its length and its bytes. */
export function string(content: Uint8Array | string): Bytes {
  const bytes = typeof content === 'string' ? utf8(content) : content;
  return concat(uint32(bytes.length), bytes);
}

/** A positive integer in the fewest bytes that hold it. */
export function mpint(number: Uint8Array): Bytes {
  const first = number.findIndex((byte) => byte !== 0);
  const digits = first < 0 ? new Uint8Array() : number.subarray(first);
  return string(digits[0] > 0x7f ? concat([0], digits) : digits);
}

/** Reads the same. Throws RangeError where the bytes end too early. */
export class WireReader {
  private at = 0;

  constructor(private readonly bytes: Uint8Array) {}

  uint32(): number {
    const [a, b, c, d] = this.take(4);
    return ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
  }

  string(): Bytes {
    return this.take(this.uint32());
  }

  text(): string {
    return new TextDecoder().decode(this.string());
  }

  private take(length: number): Bytes {
    const end = this.at + length;
    if (end > this.bytes.length) throw new RangeError('the key ends too early');
    const taken = this.bytes.slice(this.at, end);
    this.at = end;
    return taken;
  }
}
