const CONSTRUCTED = 0x20;

/** A value in bytes that are DER throughout, as `isOneDerValue` has found: X.690, 8.1. */
export class DerValue {
  readonly tag: number;
  private readonly content: number;
  private readonly end: number;

  constructor(
    private readonly bytes: Buffer,
    private readonly start = 0,
  ) {
    this.tag = bytes[start];
    const short = bytes[start + 1];
    const lengthBytes = short < 0x80 ? 0 : short & 0x7f;
    this.content = start + 2 + lengthBytes;
    this.end = this.content + (lengthBytes === 0 ? short : bytes.readUIntBE(start + 2, lengthBytes));
  }

  /** With its tag and length. */
  get whole(): Buffer {
    return this.bytes.subarray(this.start, this.end);
  }

  get inside(): Buffer {
    return this.bytes.subarray(this.content, this.end);
  }

  /** What a constructed value is made of; nothing for others. */
  get parts(): DerValue[] {
    const parts: DerValue[] = [];
    if ((this.tag & CONSTRUCTED) === 0) return parts;
    for (let at = this.content; at < this.end; at = parts[parts.length - 1].end)
      parts.push(new DerValue(this.bytes, at));
    return parts;
  }

  /** What it is made of, if the parts have just these tags; else undefined. */
  partsTagged(...tags: readonly number[]): DerValue[] | undefined {
    const { parts } = this;
    return parts.length === tags.length && parts.every(({ tag }, place) => tag === tags[place]) ? parts : undefined;
  }
}
