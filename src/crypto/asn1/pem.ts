import { decodeBase64 } from './base64.js';

/** A block of a PEM text (RFC 7468). */
export interface PemBlock {
  readonly label: string;
  /** Undefined if the text between the lines is not base64. */
  readonly bytes: Buffer | undefined;
}

/** The blocks of a text, and the rest of it. */
export interface PemText {
  readonly blocks: readonly PemBlock[];
  readonly around: string;
}

const BEGIN = '-----BEGIN ';
const END = '-----END ';
const DASHES = '-----';

/** Splits a PEM text; undefined if a block has no end, or ends with another label. */
export function readPem(text: string): PemText | undefined {
  const blocks: PemBlock[] = [];
  let around = '';
  let at = 0;
  for (;;) {
    const begin = text.indexOf(BEGIN, at);
    if (begin < 0) return { blocks, around: around + text.slice(at) };
    around += text.slice(at, begin);
    const label = text.slice(begin + BEGIN.length, text.indexOf(DASHES, begin + BEGIN.length));
    const body = begin + BEGIN.length + label.length + DASHES.length;
    const end = text.indexOf(END, body);
    const last = `${END}${label}${DASHES}`;
    if (end < 0 || !text.startsWith(last, end)) return undefined;
    blocks.push({ label, bytes: decodeBody(text.slice(body, end)) });
    at = end + last.length;
  }
}

// Lines may have any length, and blanks after them; a blank before a line, or inside, is something else.
function decodeBody(body: string): Buffer | undefined {
  const lines = body.split('\n').map((line) => line.trimEnd());
  return decodeBase64(lines.join(''));
}
