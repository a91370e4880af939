import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { CliError } from '../cli-error.js';
import { EXIT } from '../exit-codes.js';

/** The text of a file; `-` is standard input. */
export async function readInput(file: string): Promise<string> {
  if (file === '-') return text(process.stdin);
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new CliError(`The file ${file} cannot be read (${code}).`, EXIT.usage, { cause });
  }
}
