import { InvalidKey } from '../invalid-key.js';

/** Reads the data types of RFC 4251, section 5 from a key's blob, and refuses every deviation. */
export class SshWire {
  private at = 0;

  constructor(private readonly bytes: Buffer) {}

  get done(): boolean {
    return this.at === this.bytes.length;
  }

  /** A string: its length and its bytes. */
  string(what: string): Buffer {
    return this.take(this.uint32(what), what);
  }

  /** A string that names something. Bytes outside ASCII come out as other characters, so they equal no known name. */
  name(what: string): string {
    return this.string(what).toString('latin1');
  }

  /** A positive integer in the fewest bytes that hold it. */
  positive(what: string): bigint {
    const bytes = this.string(what);
    if (bytes.length === 0) throw new InvalidKey('malformed-number', `${what} is zero; it must be a positive number.`);
    if (bytes[0] > 0x7f) throw new InvalidKey('malformed-number', `${what} is negative; it must be a positive number.`);
    if (bytes[0] === 0 && (bytes.length === 1 || bytes[1] < 0x80)) {
      throw new InvalidKey(
        'malformed-number',
        `${what} is written with more bytes than it needs; write it as RFC 4251 requires.`,
      );
    }
    return BigInt(`0x${bytes.toString('hex')}`);
  }

  /** A number of 4 bytes. */
  uint32(what: string): number {
    return this.take(4, what).readUInt32BE();
  }

  /** A number of 8 bytes. */
  uint64(what: string): bigint {
    return this.take(8, what).readBigUInt64BE();
  }

  /** Skips bytes. */
  skip(length: number, what: string): void {
    this.take(length, what);
  }

  /** Nothing may follow. */
  end(): void {
    if (!this.done) {
      throw new InvalidKey(
        'trailing-data',
        `${this.bytes.length - this.at} more bytes follow the end of the key; send the key alone.`,
      );
    }
  }

  private take(length: number, what: string): Buffer {
    const end = this.at + length;
    if (end > this.bytes.length)
      throw new InvalidKey('truncated', `the key ends inside ${what}; it was cut, so copy it whole.`);
    const taken = this.bytes.subarray(this.at, end);
    this.at = end;
    return taken;
  }
}
