import { printable } from './printable.js';

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
