import { type PublicKeyText, toPublicKeyText } from '../../crypto/public-key-formats.js';
import { CliError, EXIT, type ExitCode } from '../cli-error.js';
import { readInputBytes } from '../files/read-input.js';

/** Reads a public key or certificate from a file, `-` being standard input, in whatever format. Throws CliError with `exitCode`. */
export async function readPublicKeyFile(file: string, exitCode: ExitCode = EXIT.usage): Promise<PublicKeyText> {
  const found = toPublicKeyText(await readInputBytes(file));
  if ('text' in found) return found;
  throw new CliError(
    `${file} ${found.problem}; name the public half, as the .pub file or the certificate in PEM.`,
    exitCode,
  );
}
