import { typeOfText } from '../../crypto/key-types.js';
import { kindOfText } from '../../crypto/text-kind.js';
import type { KeypairType } from '../../domain/keypair-type.js';
import { UsageError } from '../cli-error.js';
import type { OptionsOf } from '../global-options.js';
import { printMessage } from '../output/print.js';
import { requireType, withKeypairs } from './open-keypairs.js';
import { readPublicKeyFile } from './public-key-file.js';
import { showCreated } from './show-created.js';

export type ImportOptions = OptionsOf<{
  readonly type?: KeypairType;
  readonly user?: string;
  readonly shared?: boolean;
}>;

/** Registers a public key or certificate, or that in a file, byte for byte where the service takes it as it is; `-` is standard input. */
export async function importKeypair(
  name: string,
  from: string | { readonly text: string },
  options: ImportOptions,
): Promise<void> {
  const file = typeof from === 'string' ? from : 'The key of the SSH agent';
  const { text: publicKey, notes } = typeof from === 'string' ? await readPublicKeyFile(from) : { ...from, notes: [] };
  if (!options.quiet) notes.forEach((note) => printMessage(note));
  const type = typeOf(publicKey, file, options.type);
  await withKeypairs(options, async (keypairs, { compute }) => {
    requireType(compute, type);
    await showCreated(await keypairs.create({ name, type, publicKey }), options);
  });
}

/** The type of the text. A text of neither type is sent anyway, since the service explains its refusal. */
export function typeOf(text: string, file: string, named: KeypairType | undefined): KeypairType {
  const kind = kindOfText(text);
  const found = typeOfText(text);
  if (named === undefined || named === found || kind === 'neither') return named ?? found;
  throw new UsageError(`${file} is ${kind}, not ${named}; omit --type.`);
}
