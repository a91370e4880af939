/** Writes the data types of RFC 4251, section 5; {@link SshWire} reads them. */

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

export function uint64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(value);
  return bytes;
}

/** A string: its length and its bytes; texts are in UTF-8. */
export function string(content: string | Uint8Array): Buffer {
  const bytes = Buffer.from(content);
  return Buffer.concat([uint32(bytes.length), bytes]);
}

/** A positive integer, given big-endian, in the fewest bytes that hold it. */
export function mpint(bytes: Buffer): Buffer {
  const start = bytes.findIndex((byte) => byte !== 0);
  const significant = start < 0 ? Buffer.alloc(0) : bytes.subarray(start);
  return string(significant[0] > 0x7f ? Buffer.concat([Buffer.from([0]), significant]) : significant);
}
