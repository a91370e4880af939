import { typeOfText } from '../../crypto/key-types.js';
import { type PublicKeyText, toPublicKeyText } from '../../crypto/public-key-formats.js';
import { kindOfText } from '../../crypto/text-kind.js';
import type { KeypairType } from '../../domain/keypair-type.js';
import { CliError, EXIT, type ExitCode, UsageError } from '../cli-error.js';
import { readInputBytes } from '../files/read-input.js';
import type { GlobalOptions } from '../global-options.js';
import { printMessage } from '../output/print.js';

/** Reads a public key or certificate from a file, `-` being standard input, in whatever format. Throws CliError with `exitCode`. */
export async function readPublicKeyFile(file: string, exitCode: ExitCode = EXIT.usage): Promise<PublicKeyText> {
  const found = toPublicKeyText(await readInputBytes(file));
  if ('text' in found) return found;
  throw new CliError(
    `${file} ${found.problem}; name the public half, as the .pub file or the certificate in PEM.`,
    exitCode,
  );
}

/** The same as text, with a message about what was changed in it. */
export async function readPublicKey(file: string, { quiet }: GlobalOptions, exitCode?: ExitCode): Promise<string> {
  const { text, notes } = await readPublicKeyFile(file, exitCode);
  if (!quiet) notes.forEach((note) => printMessage(note));
  return text;
}

/** The type of the text. A text of neither type is sent anyway, since the service explains its refusal. */
export function typeOf(text: string, file: string, named: KeypairType | undefined): KeypairType {
  const kind = kindOfText(text);
  const found = typeOfText(text);
  if (named === undefined || named === found || kind === 'neither') return named ?? found;
  throw new UsageError(`${file} is ${kind}, not ${named}; omit --type.`);
}
