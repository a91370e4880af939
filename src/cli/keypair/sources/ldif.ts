/** The values of `sshPublicKey` in a text of LDIF (RFC 2849), as ldapsearch prints it; undefined if the text is none. */
export function keysInLdif(text: string): string[] | undefined {
  if (!/^dn::? /im.test(text)) return undefined;
  const lines = text.replaceAll(/\r?\n /g, '').split(/\r?\n/);
  return lines.flatMap((line) => {
    const [, encoded, value] = /^sshPublicKey(?:;[^:]*)?:(:?) *(.*)$/i.exec(line) ?? [];
    if (value === undefined) return [];
    return encoded === ':' ? Buffer.from(value, 'base64').toString().split(/\r?\n/) : [value];
  });
}
