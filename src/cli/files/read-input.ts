import { readFileSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { UsageError } from '../cli-error.js';

/** The text of a file; `-` is standard input. */
export async function readInput(file: string): Promise<string> {
  return (await readInputBytes(file)).toString();
}

export async function readInputBytes(file: string): Promise<Buffer> {
  if (file === '-') return buffer(process.stdin);
  try {
    return readFileSync(file);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new UsageError(`The file ${file} cannot be read (${code}).`, { cause });
  }
}
