import { createInterface, type Interface } from 'node:readline';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { Interrupted, UsageError } from './cli-error.js';

/** Prompts on the terminal without echo. Throws Interrupted on Ctrl-C. */
export async function askSecret(question: string): Promise<string> {
  // readline takes the echo over from the terminal, and its own output is nowhere.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  try {
    return await ask(lines, question);
  } finally {
    process.stderr.write('\n');
  }
}

/** Prompts for yes or no on the terminal; anything but yes is no. */
export async function confirm(question: string): Promise<boolean> {
  const lines = createInterface({ input: process.stdin, output: process.stderr, terminal: false });
  return /^y(es)?$/i.test((await ask(lines, `${question} [y/N] `)).trim());
}

/** A new secret: prompted twice on a terminal, or else the first line of standard input. Throws UsageError with `differ` or `empty`. */
export async function newSecret(
  question: string,
  { differ, empty }: Record<'differ' | 'empty', string>,
): Promise<string> {
  const isPrompted = process.stdin.isTTY;
  const secret = isPrompted ? await askSecret(question) : (await text(process.stdin)).split(/\r?\n/, 1)[0];
  if (isPrompted && secret !== (await askSecret('The same again: '))) throw new UsageError(differ);
  if (secret === '') throw new UsageError(empty);
  return secret;
}

// The question comes last, so that nothing is typed before the terminal has stopped to echo.
async function ask(lines: Interface, question: string): Promise<string> {
  try {
    return await new Promise<string>((resolve, reject) => {
      lines.once('SIGINT', () => reject(new Interrupted()));
      lines.once('close', () => reject(new UsageError('There was no answer.')));
      lines.once('line', resolve);
      process.stderr.write(question);
    });
  } finally {
    lines.close();
  }
}
