import { setTimeout as sleep } from 'node:timers/promises';
import { CliError, EXIT, Interrupted } from '../cli-error.js';
import { Unanswered } from '../cloud/http.js';
import { Refused } from '../cloud/refusal.js';
import type { PrivateFile } from '../../files/private-file.js';
import { writePrivateOutput } from '../files/private-output.js';
import type { KeyPairText } from '../../crypto/key-pair-text.js';
import { StopSignals } from '../stop-signals.js';
import type { Keypair, Keypairs, NewKeypair } from './keypairs.js';

/** The file for the private key. */
export interface PrivateKeyPlace {
  readonly path: string;
  /** Whether an existing file may be replaced. */
  readonly force: boolean;
  /** Whether the file stays if the keypair was not registered. */
  readonly keep: boolean;
}

/** Where a new key is registered, and taken back from. */
export type Registry = Pick<Keypairs, 'create' | 'show' | 'delete'>;

type Outcome =
  | { readonly state: 'registered'; readonly keypair: Keypair }
  | { readonly state: 'refused' | 'unknown'; readonly error: Error };

/** After a signal, the time for the answer to a request under way. */
const GRACE_MS = 5_000;

/**
 * Writes the private key, then registers the public one, and leaves both or neither. If it is unknown whether the keypair was
 * registered, the file stays, since a registered keypair is useless without it, and the message names it.
 */
export async function register(
  keypairs: Registry,
  newKeypair: NewKeypair,
  { privateKey }: KeyPairText,
  place: PrivateKeyPlace,
): Promise<Keypair> {
  const signals = new StopSignals();
  try {
    const file = writePrivateOutput(place.path, privateKey, place.force);
    const dropFile = (): void => (place.keep ? file.keep() : file.discard());
    if (await signals.arrived()) {
      dropFile();
      throw new Interrupted();
    }
    const upload = outcomeOf(keypairs, newKeypair);
    const outcome = await Promise.race([upload, signals.stopped]);
    if (outcome === undefined) {
      const late = await Promise.race([upload, sleep(GRACE_MS, undefined)]);
      throw await undo(keypairs, newKeypair, file, dropFile, late);
    }
    if (outcome.state === 'refused') dropFile();
    else file.keep();
    if (outcome.state === 'registered') return outcome.keypair;
    if (outcome.state === 'refused') throw outcome.error;
    throw new CliError(`${outcome.error.message} ${describeDoubt(newKeypair, file)}`, EXIT.unreachable);
  } finally {
    signals.release();
  }
}

async function outcomeOf(keypairs: Registry, newKeypair: NewKeypair): Promise<Outcome> {
  try {
    return { state: 'registered', keypair: await keypairs.create(newKeypair) };
  } catch (cause) {
    const error = cause as Error;
    // A proxy may have lost the answer of a service that executed the request.
    const inDoubt = error instanceof Unanswered || (error instanceof Refused && error.status >= 500);
    return inDoubt ? lookUp(keypairs, newKeypair, error) : { state: 'refused', error };
  }
}

async function lookUp(keypairs: Registry, newKeypair: NewKeypair, error: Error): Promise<Outcome> {
  try {
    const keypair = await keypairs.show(newKeypair.name);
    const same = keypair.public_key.trim() === newKeypair.publicKey.trim();
    return same ? { state: 'registered', keypair } : { state: 'refused', error };
  } catch (failure) {
    const isAbsent = failure instanceof Refused && failure.status === 404;
    return { state: isAbsent ? 'refused' : 'unknown', error };
  }
}

/** Reverts what was done before the signal. Returns the error that reports the remains. */
async function undo(
  keypairs: Registry,
  newKeypair: NewKeypair,
  file: PrivateFile,
  dropFile: () => void,
  outcome: Outcome | undefined,
): Promise<Interrupted> {
  if (outcome?.state === 'refused') {
    dropFile();
    return new Interrupted();
  }
  if (outcome?.state === 'registered') {
    try {
      await keypairs.delete(newKeypair.name);
      dropFile();
      return new Interrupted('Interrupted; the key was registered already and has been taken back.');
    } catch {
      file.keep();
      return new Interrupted(`Interrupted; ${newKeypair.name} is registered, and its private key is in ${file.path}.`);
    }
  }
  file.keep();
  return new Interrupted(`Interrupted before the service answered. ${describeDoubt(newKeypair, file)}`);
}

function describeDoubt({ name }: NewKeypair, { path }: PrivateFile): string {
  return (
    `Whether ${name} was registered is not known, so its private key stays in ${path}: ` +
    `see "latchkey keypair show '${name}'", and delete what you do not want.`
  );
}
