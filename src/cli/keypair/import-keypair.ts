import type { KeypairType } from '../../domain/keypair-type.js';
import type { OptionsOf } from '../global-options.js';
import { requireType, withKeypairs } from './open-keypairs.js';
import { readPublicKey, typeOf } from './public-key-file.js';
import { showCreated } from './show-keypairs.js';

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
  const publicKey = typeof from === 'string' ? await readPublicKey(from, options) : from.text;
  const type = typeOf(publicKey, file, options.type);
  await withKeypairs(options, async (keypairs, { compute }) => {
    requireType(compute, type);
    await showCreated(await keypairs.create({ name, type, publicKey }), options);
  });
}
