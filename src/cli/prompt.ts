import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { CliError, Interrupted } from './cli-error.js';
import { EXIT } from './exit-codes.js';

/** Asks on the terminal; what is typed is not shown. Throws Interrupted on Ctrl-C. */
export async function askSecret(question: string): Promise<string> {
  process.stderr.write(question);
  // readline echoes to its output, which here is nowhere.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  try {
    return await ask('', nowhere);
  } finally {
    process.stderr.write('\n');
  }
}

/** Asks a question of yes or no on the terminal; anything but yes is no. */
export async function confirm(question: string): Promise<boolean> {
  const answer = await ask(`${question} [y/N] `, process.stderr);
  return /^y(es)?$/i.test(answer.trim());
}

/**
 * A new passphrase: asked for twice on a terminal, or else the first line of the standard input. An empty one is refused,
 * as whoever asks for a passphrase wants one.
 */
export async function newPassphrase(): Promise<string> {
  const passphrase = process.stdin.isTTY ? await typedTwice() : (await text(process.stdin)).split(/\r?\n/, 1)[0];
  if (passphrase === '')
    throw new CliError('The passphrase is empty; leave --passphrase out to have none.', EXIT.usage);
  return passphrase;
}

async function typedTwice(): Promise<string> {
  const passphrase = await askSecret('Passphrase for the private key: ');
  if (passphrase !== (await askSecret('The same again: '))) {
    throw new CliError('The two passphrases differ; nothing was made.', EXIT.usage);
  }
  return passphrase;
}

function ask(question: string, output: NodeJS.WritableStream): Promise<string> {
  const lines = createInterface({ input: process.stdin, output, terminal: process.stdin.isTTY });
  return new Promise((resolve, reject) => {
    lines.once('SIGINT', () => reject(new Interrupted()));
    lines.once('close', () => reject(new CliError('There was no answer.', EXIT.usage)));
    lines.question(question).then(resolve, reject);
  }).finally(() => lines.close()) as Promise<string>;
}
