const MAX_DEPTH = 32;

/**
 * Whether bytes are exactly one value in DER: lengths in the one form that X.690, 10.1 allows, every constructed value
 * filled to its end, nothing after it. OpenSSL reads BER as well, and ignores what follows.
 */
export function isOneDerValue(bytes: Buffer): boolean {
  return endOfValue(bytes, 0, bytes.length, MAX_DEPTH) === bytes.length;
}

function endOfValue(bytes: Buffer, start: number, limit: number, depth: number): number | undefined {
  // No certificate has tags of more than one byte.
  if (depth === 0 || start + 2 > limit || (bytes[start] & 0x1f) === 0x1f) return undefined;
  const short = bytes[start + 1];
  const lengthBytes = short < 0x80 ? 0 : short & 0x7f;
  const content = start + 2 + lengthBytes;
  if (short === 0x80 || lengthBytes > 4 || content > limit) return undefined;
  const length = lengthBytes === 0 ? short : bytes.readUIntBE(start + 2, lengthBytes);
  const isShortest = lengthBytes === 0 || (length >= 0x80 && bytes[start + 2] !== 0);
  const end = content + length;
  if (!isShortest || end > limit) return undefined;
  const isConstructed = (bytes[start] & 0x20) !== 0;
  return !isConstructed || isFilled(bytes, content, end, depth - 1) ? end : undefined;
}

function isFilled(bytes: Buffer, start: number, end: number, depth: number): boolean {
  let at: number | undefined = start;
  while (at !== undefined && at < end) at = endOfValue(bytes, at, end, depth);
  return at === end;
}

/** The values inside a constructed one, of bytes that `isOneDerValue` has found to be one value. */
export function partsOf(value: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  for (let at = contentStart(value, 0); at < value.length; at += parts[parts.length - 1].length) {
    const start = contentStart(value, at);
    const length = start === at + 2 ? value[at + 1] : value.readUIntBE(at + 2, start - at - 2);
    parts.push(value.subarray(at, start + length));
  }
  return parts;
}

/** The content of a value of which `isOneDerValue` holds. */
export function contentOf(value: Buffer): Buffer {
  return value.subarray(contentStart(value, 0));
}

function contentStart(bytes: Buffer, at: number): number {
  return at + 2 + (bytes[at + 1] < 0x80 ? 0 : bytes[at + 1] & 0x7f);
}
