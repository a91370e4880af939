/** A text as one word of sh, in single quotes where it needs them. */
export const shellWord = (text: string): string =>
  /^[A-Za-z0-9_.,:/=@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
