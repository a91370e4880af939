import { type Bytes, fromBase64, toBase64 } from './bytes.js';

/** A block of RFC 7468; OpenSSH's own lines have 70 characters. */
export function writePem(label: string, bytes: Uint8Array, width = 64): string {
  const lines = toBase64(bytes).match(new RegExp(`.{1,${width}}`, 'g')) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

/** The label and bytes of the first block; undefined if there is none. */
export function readPem(text: string): { readonly label: string; readonly bytes: Bytes } | undefined {
  const [, label, content] = /-----BEGIN ([A-Z0-9 ]{1,40})-----([\s\S]*?)-----END \1-----/.exec(text) ?? [];
  if (label === undefined) return undefined;
  try {
    return { label, bytes: fromBase64(content.replaceAll(/\s/g, '')) };
  } catch {
    return undefined;
  }
}
