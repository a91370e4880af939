/**
 * Decodes base64 in the only form of RFC 4648, section 4: padded, nothing outside the alphabet, no stray bits. Undefined for
 * anything else: several texts of one key would allow to hide something in them.
 */
export function decodeBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}
