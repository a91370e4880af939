/**
 * Decodes base64 that is written as RFC 4648, section 4 writes it, and no other way: padded, nothing outside the alphabet,
 * no stray bits. Anything else is undefined: two texts of one key would be two ways to hide something in it.
 */
export function decodeBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}
