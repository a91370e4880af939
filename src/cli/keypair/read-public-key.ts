import { holdsPrivateKey } from '../../crypto/private-key.js';
import { CliError } from '../cli-error.js';
import { EXIT } from '../exit-codes.js';
import { readInput } from '../files/read-input.js';

/** The text of a file that is about to be sent; `-` is standard input. Throws CliError where it holds a private key, or no text. */
export async function readPublicKey(file: string): Promise<string> {
  const text = await readInput(file);
  if (holdsPrivateKey(text)) throw refused(`${file} holds a private key`);
  // DER and PKCS#12, and PEM that Windows wrote in UTF-16: all of them may hold private keys.
  if (/[\0\uFFFD]/.test(text)) throw refused(`${file} is no text in UTF-8`);
  return text;
}

function refused(why: string): CliError {
  const wanted = 'name the public half, as the .pub file or the certificate in PEM';
  return new CliError(`${why}, and nothing was sent; ${wanted}.`, EXIT.usage);
}
