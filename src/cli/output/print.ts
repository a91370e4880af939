/** Control characters (C0 and C1), invisible format characters such as bidi overrides, and the two separators of Unicode. */
const UNSAFE = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** A text that cannot move the cursor, colour the terminal or reorder what stands there; line ends stay. */
export function printable(text: string): string {
  return text.replaceAll('\t', ' ').replaceAll(UNSAFE, '?');
}

/** The same for JSON, which can write these characters as escapes and so loses nothing. */
export function printableJson(json: string): string {
  const escape = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return json.replaceAll(UNSAFE, (found) => found.split('').map(escape).join(''));
}

/**
 * Writes to standard output and waits until it was taken, so that a reader who has gone is noticed. A terminal gets text without
 * control characters; files and pipes get it byte for byte.
 */
export function print(content: string | Uint8Array): Promise<void> {
  const isForPeople = process.stdout.isTTY && typeof content === 'string';
  return printMarkedUp(isForPeople ? printable(content) : content);
}

/** Writes to standard output as it is: for text with our own escape sequences, whose values are {@link printable} already. */
export function printMarkedUp(content: string | Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(content, (error) => (error ? reject(error) : resolve()));
  });
}

/** Writes a line to standard error. */
export function printMessage(line: string): void {
  process.stderr.write(`${printable(line)}\n`);
}

/** Whether a stream shows colours: a terminal does, unless NO_COLOR (no-color.org) is set or it is a dumb one. */
function hasColour(stream: NodeJS.WriteStream): boolean {
  return stream.isTTY && !process.env.NO_COLOR && process.env.TERM !== 'dumb';
}

export function bold(text: string, stream: NodeJS.WriteStream): string {
  return hasColour(stream) ? `\u001B[1m${text}\u001B[22m` : text;
}

export function red(text: string, stream: NodeJS.WriteStream): string {
  return hasColour(stream) ? `\u001B[31m${text}\u001B[39m` : text;
}
