import { typeOfText } from '../../../crypto/key-types.js';
import { CliError, EXIT } from '../../cli-error.js';
import { NeedsLatchkey } from '../../cloud/latchkey-api.js';
import { Refused } from '../../cloud/refusal.js';
import type { OptionsOf } from '../../global-options.js';
import { fingerprintOf } from '../../keys/fingerprints.js';
import { printMessage } from '../../output/print.js';
import type { ImportOptions } from '../import-keypair.js';
import type { Keypair, KeypairStore, NewKeypair } from '../keypairs.js';
import { requireType, withKeypairs } from '../open-keypairs.js';
import { readPublicKey, typeOf } from '../public-key-file.js';
import { showChanged, showCreated } from '../show-keypairs.js';
import { type LifeOptions, lifeOf, readVersion } from './life-options.js';
import type { KeypairRecords, RecordOrder } from './records.js';

type ApplyOptions = OptionsOf<
  ImportOptions &
    LifeOptions & {
      readonly publicKey: string;
      readonly ifVersion?: string;
      readonly overlap?: string;
      readonly replace?: boolean;
    }
>;

/** Creates or updates a keypair as the options describe it. */
export async function applyKeypair(name: string, options: ApplyOptions): Promise<void> {
  const publicKey = await readPublicKey(options.publicKey, options);
  const type = typeOf(publicKey, options.publicKey, options.type);
  const order = { public_key: publicKey, type, ...lifeOf(options) };
  const version = readVersion(options.ifVersion);
  await withKeypairs(options, async (keypairs, { compute, records }) => {
    try {
      await showChanged(await applyHere(records, name, order, { ...options, version }), options);
    } catch (error) {
      const hasLife = Object.keys(order).length > 2 || version !== undefined || options.overlap !== undefined;
      if (!(error instanceof NeedsLatchkey) || hasLife || options.shared) throw error;
      requireType(compute, type);
      await showCreated(await applyAtNova(keypairs, { name, type, publicKey }, options.replace), options);
    }
  });
}

/** Replaces another key only if a version is given, or in a second request for `replace`. */
async function applyHere(
  records: KeypairRecords,
  name: string,
  order: RecordOrder,
  { version, overlap, replace }: { version: number | undefined; overlap?: string; replace?: boolean },
) {
  try {
    return await records.apply(name, order, { version, overlap });
  } catch (error) {
    if (!(error instanceof Refused) || error.status !== 409) throw error;
    if (replace) return records.apply(name, order, { version: '*', overlap });
    throw new CliError(`${error.message} Add --replace, or --if-version N, to replace it.`, EXIT.conflict);
  }
}

/** Nova has no update: the keypair is deleted and created again, and restored if that fails. */
async function applyAtNova(keypairs: KeypairStore, order: NewKeypair, replace = false): Promise<Keypair> {
  const { name, publicKey } = order;
  const found = await showIfThere(keypairs, name);
  if (found === undefined) return keypairs.create(order);
  if (isSameKey(found.public_key, publicKey)) return found;
  if (!replace)
    throw new CliError(`${name} has another key. Add --replace to delete it and create it anew.`, EXIT.conflict);
  await keypairs.delete(name);
  try {
    return await keypairs.create(order);
  } catch (error) {
    const type = typeOfText(found.public_key);
    await keypairs
      .create({ name, type, publicKey: found.public_key })
      .catch(() =>
        printMessage(`${name} is deleted, and its old key could not be registered again:\n${found.public_key}`),
      );
    throw error;
  }
}

async function showIfThere(keypairs: KeypairStore, name: string): Promise<Keypair | undefined> {
  try {
    return await keypairs.show(name);
  } catch (error) {
    if (error instanceof Refused && error.status === 404) return undefined;
    throw error;
  }
}

function isSameKey(text: string, other: string): boolean {
  const fingerprint = fingerprintOf(text, 'sha256');
  return fingerprint === undefined ? text.trim() === other.trim() : fingerprint === fingerprintOf(other, 'sha256');
}
