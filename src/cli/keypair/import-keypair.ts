import { typeOfText } from '../../crypto/key-types.js';
import { kindOfText } from '../../crypto/text-kind.js';
import type { KeypairType } from '../../domain/keypair-type.js';
import { CliError } from '../cli-error.js';
import { EXIT } from '../exit-codes.js';
import type { OptionsOf } from '../global-options.js';
import { printMessage } from '../output/print.js';
import { requireType, withKeypairs } from './open-keypairs.js';
import { readPublicKeyFile } from './public-key-file.js';
import { showCreated } from './show-created.js';

export type ImportOptions = OptionsOf<{ readonly type?: KeypairType; readonly user?: string }>;

/** Registers the public key or certificate in a file, byte for byte where the service takes it as it is; `-` is standard input. */
export async function importKeypair(name: string, file: string, options: ImportOptions): Promise<void> {
  const { text: publicKey, notes } = await readPublicKeyFile(file);
  if (!options.quiet) notes.forEach((note) => printMessage(note));
  const type = typeOf(publicKey, file, options.type);
  await withKeypairs(options, async (keypairs, { compute }) => {
    requireType(compute, type);
    await showCreated(await keypairs.create({ name, type, publicKey }), options);
  });
}

/** The type of the text. A text of neither type is sent anyway, since the service explains its refusal. */
function typeOf(text: string, file: string, named: KeypairType | undefined): KeypairType {
  const kind = kindOfText(text);
  const found = typeOfText(text);
  if (named === undefined || named === found || kind === 'neither') return named ?? found;
  throw new CliError(`${file} is ${kind}, and --type says ${named}; leave --type out.`, EXIT.usage);
}
