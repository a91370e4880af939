import { requireFree } from '../files/private-output.js';
import type { KeyPairText } from '../../crypto/key-pair-text.js';
import { PAIR_TYPES } from '../keys/pair-types.js';
import { print, printMessage } from '../output/print.js';
import { withProgress } from '../output/progress.js';
import { newSecret } from '../prompt.js';
import { type CreateOptions, type Order, readOrder } from './create-order.js';
import type { Keypair, NewKeypair } from './keypairs.js';
import { requireType, withKeypairs } from './open-keypairs.js';
import { register, type Registry } from './registration.js';
import { showCreated } from './show-keypairs.js';

/** Registers the public key of a file or of the SSH agent, or else generates a pair. */
export async function createKeypair(
  name: string,
  options: CreateOptions & { readonly publicKey?: string; readonly fromAgent?: string | true },
): Promise<void> {
  const { publicKey, fromAgent } = options;
  if (fromAgent !== undefined) {
    const { importAgentKey } = await import('./sources/import-keys.js');
    return importAgentKey(name, fromAgent === true ? '' : fromAgent, options);
  }
  if (publicKey !== undefined) {
    const { importKeypair } = await import('./import-keypair.js');
    return importKeypair(name, publicKey, options);
  }
  return makeKeypair(name, options);
}

/**
 * Generates a pair locally and registers its public half. The private half is first written to its file or to standard output, so
 * that no keypair is registered whose private key was lost.
 */
async function makeKeypair(name: string, options: CreateOptions): Promise<void> {
  const order = readOrder(options);
  const { type } = order;
  if (options.privateKey !== undefined) requireFree(options.privateKey, options.force);
  await withKeypairs(options, async (keypairs, { compute, userId }) => {
    requireType(compute, type);
    const pair = await makePair(name, order, userId ?? compute.access.userId ?? name, options);
    const keypair = await deliver(keypairs, { name, type, publicKey: pair.publicKey }, pair, options);
    if (keypair !== undefined) await showCreated(keypair, options);
  });
}

const REFUSALS = {
  differ: 'The two passphrases differ; nothing was made.',
  empty: 'The passphrase is empty; omit --passphrase to have none.',
};

export async function makePair(
  name: string,
  order: Order,
  owner: string,
  options: CreateOptions,
): Promise<KeyPairText> {
  const { makeKey } = await import('../../crypto/make-key.js');
  const passphrase = options.passphrase ? await newSecret('Passphrase for the private key: ', REFUSALS) : undefined;
  const { algorithm, bits } = order.key;
  const title = `Making a key: ${algorithm}, ${bits} bits`;
  const key = await withProgress(title, () => makeKey(order.key), options.quiet);
  const { type, days, container, principal = `${owner}@localhost` } = order;
  return PAIR_TYPES[type].makePair(key, { name, passphrase, principal, days, container });
}

/** Writes the private key, then registers the keypair; undefined if the private key used standard output. */
export async function deliver(
  keypairs: Registry,
  newKeypair: NewKeypair,
  pair: KeyPairText,
  options: CreateOptions,
): Promise<Keypair | undefined> {
  const { privateKey: path, force = false, keep = false, quiet } = options;
  if (path !== undefined) {
    const keypair = await register(keypairs, newKeypair, pair, { path, force, keep });
    if (!quiet) printMessage(`The private key of ${newKeypair.name} is in ${path}.`);
    return keypair;
  }
  await print(PAIR_TYPES[newKeypair.type].printed(pair.privateKey));
  await keypairs.create(newKeypair);
  if (!quiet) {
    printMessage(`${newKeypair.name} is registered; its private key went to standard output and is nowhere else.`);
  }
  return undefined;
}
